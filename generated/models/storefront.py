# Generated from contracts/storefront.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

Html: TypeAlias = str


class PaymentOutcome(StrEnum):
    """What the mock provider does, and why it refuses."""

    PAID = "paid"
    CARD_DECLINED = "card_declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_CVC = "incorrect_cvc"
    AUTHENTICATION_REQUIRED = "authentication_required"
    PROCESSING_ERROR = "processing_error"


class CartAdditionForm(Struct, frozen=True, kw_only=True):
    csrf: str
    key: str
    qty: int


class CartChangeForm(Struct, frozen=True, kw_only=True):
    csrf: str
    product_id: UUID
    qty: int


class PriceForm(Struct, frozen=True, kw_only=True):
    csrf: str
    line_id: UUID
    product_id: UUID


class CheckoutForm(Struct, frozen=True, kw_only=True):
    """Where the parcel shall go, as order takes it; a saved address, or one that is typed, and not both."""

    csrf: str
    key: str
    address_id: str | UnsetType = UNSET
    address_line1: str | UnsetType = UNSET
    address_line2: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET
    save: bool | UnsetType = UNSET


class PaymentForm(Struct, frozen=True, kw_only=True):
    csrf: str
    key: str
    amount_cents: int
    currency: str
    outcome: PaymentOutcome


class Language(StrEnum):
    """What pages are written in."""

    EN = "en"
    DE = "de"


class BeforeSignIn(StrEnum):
    REGISTRATION = "registration"
    PASSWORD_RESET = "password_reset"


class SortOrder(StrEnum):
    NEWEST = "newest"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    NAME = "name"


Day: TypeAlias = str


class ReceivingServiceName(StrEnum):
    """A service that receives events."""

    CART = "cart"
    CATALOG = "catalog"
    NOTIFICATIONS = "notifications"
    ORDER = "order"
    PAYMENT = "payment"
    SHIPPING = "shipping"


class SureForm(Struct, frozen=True, kw_only=True):
    csrf: str
    sure: bool


class ParcelForm(Struct, frozen=True, kw_only=True):
    csrf: str
    carrier: str
    tracking_number: str


class ProductAdditionForm(Struct, frozen=True, kw_only=True):
    csrf: str
    title: str
    price: str
    currency: str
    sku: str
    description: str | UnsetType = UNSET
    category_id: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class ProductEditForm(Struct, frozen=True, kw_only=True):
    csrf: str
    title: str
    price: str
    currency: str
    sku: str
    description: str | UnsetType = UNSET
    category_id: str | UnsetType = UNSET


class SaleForm(Struct, frozen=True, kw_only=True):
    csrf: str
    active: bool


class PictureForm(Struct, frozen=True, kw_only=True):
    csrf: str
    picture: bytes
    alt: str | UnsetType = UNSET


class ArrivalForm(Struct, frozen=True, kw_only=True):
    csrf: str
    key: str
    arrived: int


class StockCorrectionForm(Struct, frozen=True, kw_only=True):
    csrf: str
    key: str
    change: int
    reason: str


class AccountForm(Struct, frozen=True, kw_only=True):
    csrf: str
    then: str | UnsetType = UNSET


class BareForm(Struct, frozen=True, kw_only=True):
    csrf: str


class RegistrationForm(Struct, frozen=True, kw_only=True):
    csrf: str
    email: str
    password: str
    then: str | UnsetType = UNSET


class PasswordResetForm(Struct, frozen=True, kw_only=True):
    csrf: str
    token: str
    password: str


class EmailVerificationForm(Struct, frozen=True, kw_only=True):
    csrf: str
    token: str


class SignInForm(Struct, frozen=True, kw_only=True):
    csrf: str
    email: str
    password: str
    then: str | UnsetType = UNSET
    typed: str | UnsetType = UNSET


class ForgottenPasswordForm(Struct, frozen=True, kw_only=True):
    csrf: str
    email: str


class PasswordChangeForm(Struct, frozen=True, kw_only=True):
    csrf: str
    current_password: str
    password: str


class EmailChangeForm(Struct, frozen=True, kw_only=True):
    csrf: str
    email: str
    current_password: str


class AddressForm(Struct, frozen=True, kw_only=True):
    """Where parcels can go, as auth saves it."""

    csrf: str
    address_line1: str
    city: str
    country: str
    address_line2: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET


class AccountDeletionForm(Struct, frozen=True, kw_only=True):
    csrf: str
    current_password: str


class LanguageForm(Struct, frozen=True, kw_only=True):
    csrf: str
    language: Language
    then: str | UnsetType = UNSET
