# Generated from contracts/auth.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType


class Role(StrEnum):
    CUSTOMER = "customer"
    ADMIN = "admin"


class PasswordChange(Struct, frozen=True, kw_only=True):
    current_password: str
    new_password: str


class PasswordReset(Struct, frozen=True, kw_only=True):
    token: str
    password: str


class AccountDeletion(Struct, frozen=True, kw_only=True):
    password: str


class LinkToken(Struct, frozen=True, kw_only=True):
    token: str


class SessionToken(Struct, frozen=True, kw_only=True):
    refresh_token: str


class Tokens(Struct, frozen=True, kw_only=True):
    access_token: str
    refresh_token: str
    token_type: Literal["bearer"]
    expires_in: int


class Key(Struct, frozen=True, kw_only=True):
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    use: Literal["sig"]
    alg: Literal["EdDSA"]
    kid: str
    x: str


class KeySet(Struct, frozen=True, kw_only=True):
    keys: list[Key]


class Registration(Struct, frozen=True, kw_only=True):
    email: str
    password: str


class Credentials(Struct, frozen=True, kw_only=True):
    email: str
    password: str


class AccountRegistration(Struct, frozen=True, kw_only=True):
    email: str
    password: str
    role: Role


class ForgottenPassword(Struct, frozen=True, kw_only=True):
    email: str


class EmailChange(Struct, frozen=True, kw_only=True):
    email: str
    password: str


class DeliveryAddress(Struct, frozen=True, kw_only=True):
    """Where a parcel may go, as order's `CheckOut` has it; with a postcode where the country has them."""

    address_line1: str
    city: str
    country: str
    address_line2: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET


class SavedAddress(Struct, frozen=True, kw_only=True):
    id: UUID
    address_line1: str
    city: str
    country: str
    address_line2: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET


class SavedAddresses(Struct, frozen=True, kw_only=True):
    items: list[SavedAddress]


class Account(Struct, frozen=True, kw_only=True):
    id: UUID
    email: str
    role: Role
    created_at: datetime
    disabled: bool
    email_verified: bool


class AccountReference(Struct, frozen=True, kw_only=True):
    id: UUID


class AccountPage(Struct, frozen=True, kw_only=True):
    items: list[Account]
    next_cursor: str | None
