"""A shopper: what they do in the shop, and what they see of it."""

import asyncio
import secrets
from uuid import UUID

import msgspec

from chassis.testing.eventually import eventually
from features.shop.gateway import Gateway
from features.shop.mailbox import Mail, Mailbox, subject_of
from features.shop.user import User
from generated.models.auth import (
    Account,
    AccountDeletion,
    EmailChange,
    ForgottenPassword,
    LinkToken,
    PasswordReset,
    Registration,
    SessionToken,
    Tokens,
)
from generated.models.cart import Cart, LineAddition, LineChange
from generated.models.catalog import Product
from generated.models.notifications import Notification
from generated.models.order import (
    ChangedItem,
    CheckOut,
    ItemsToCancel,
    Order,
    OrderChange,
    PlacedOrder,
    ReturnRequest,
    Timeline,
)
from generated.models.payment import Attempt, AttemptRequest, FailedAttempt, FailureCode, Payment, SuccessfulAttempt
from generated.models.shipping import Shipment
from services.money import Money

CITIES = {"Galway": ("IE", "H91 XY00"), "Utrecht": ("NL", "3511 AB"), "Hong Kong": ("HK", "")}


def address(text: str) -> CheckOut:
    """Read an address such as "12 Quay Street, Galway"."""
    line, _, city = text.partition(", ")
    country, postcode = CITIES[city]
    return CheckOut(address_line1=line, city=city, country=country, postcode=postcode)


HOME = address("12 Quay Street, Galway")
PASSWORD = "a long walk by the quay"


class Shopper(User):
    """Somebody with an e-mail address of their own; `order_id` is the order they placed last."""

    def __init__(self, name: str, gateway: Gateway, mailbox: Mailbox) -> None:
        super().__init__(gateway, f"{name.lower()}.{secrets.token_hex(6)}@example.com", PASSWORD)
        self.name, self._mailbox = name, mailbox
        self._tabs: list[Tokens] = []
        self._placed: PlacedOrder | None = None

    def change_email_domain(self, domain: str) -> None:
        """Have the e-mail address at another domain, or at the same one written in another way."""
        self.email = f"{self.email.partition('@')[0]}@{domain}"

    @property
    def placed_order(self) -> PlacedOrder:
        """What they were answered when they placed their last order."""
        assert self._placed, f"{self.name} has not ordered anything"
        return self._placed

    @property
    def order_id(self) -> UUID:
        return self.placed_order.order_id

    @property
    def amount_due(self) -> Money:
        """What the order they placed last asks for."""
        return Money(self.placed_order.total_cents, self.placed_order.currency)

    # The account

    async def register(self) -> Account:
        return await self._gateway.auth.register_shopper(body=Registration(email=self.email, password=self.password))

    async def forget_password(self) -> None:
        await self._gateway.auth.request_password_reset(body=ForgottenPassword(email=self.email))

    async def reset_password(self, password: str) -> None:
        """Choose another password by the link of the mail."""
        token = await self._mailbox.wait_for_link_token("Choose another password", to=self.email)
        await self._gateway.auth.reset_password(body=PasswordReset(token=token, password=password))
        self.password = password

    async def ask_for_email(self, email: str) -> None:
        await self._gateway.auth.change_own_email(
            body=EmailChange(email=email, password=self.password), token=self.token
        )

    async def verify_email(self, email: str) -> None:
        """Follow the link of the mail to that address, which is the account's from then on."""
        token = await self._mailbox.wait_for_link_token("Please confirm your address", to=email)
        await self._gateway.auth.verify_email(body=LinkToken(token=token))
        self.email = email

    async def delete_account(self, password: str) -> None:
        await self._gateway.auth.delete_own_account(body=AccountDeletion(password=password), token=self.token)

    async def wait_for_link(self, subject: str) -> str:
        """Wait for a mail with a link; where that leads."""
        return await self._mailbox.wait_for_link(subject, to=self.email)

    async def wait_for_mail_that_says(self, subject: str) -> Mail:
        return await self._mailbox.wait_for_mail(subject, to=self.email)

    async def log_out(self) -> None:
        assert self._tokens, f"{self.name} is not logged in"
        await self._gateway.auth.log_out(body=self._session(), token=self.token)

    async def refresh_session(self) -> None:
        """Go on with the session when the access token runs out."""
        self._tokens = await self._gateway.auth.refresh_tokens(body=self._session())

    async def refresh_in_tabs(self, tabs: int = 2) -> None:
        """Go on with the session in several tabs at once; each has tokens of its own afterwards."""
        session = self._session()
        self._tabs = await asyncio.gather(*(self._gateway.auth.refresh_tokens(body=session) for _ in range(tabs)))
        self._tokens = self._tabs[0]

    async def refresh_in_tab(self, tab: int) -> None:
        """Go on with the session in one of the tabs."""
        own = SessionToken(refresh_token=self._tabs[tab].refresh_token)
        self._tabs[tab] = await self._gateway.auth.refresh_tokens(body=own)

    async def get_account(self) -> Account:
        return await self._gateway.auth.get_own_account(token=self.token)

    def _session(self) -> SessionToken:
        assert self._tokens, f"{self.name} is not logged in"
        return SessionToken(refresh_token=self._tokens.refresh_token)

    # The cart

    async def get_cart(self) -> Cart:
        return await self._gateway.cart.get_cart(token=self.token)

    async def add_to_cart(self, product: Product, qty: int = 1) -> Cart:
        return await self._gateway.cart.add_line(body=LineAddition(product_id=product.id, qty=qty), token=self.token)

    async def set_quantity(self, product: Product, qty: int) -> Cart:
        """Have so many pieces in the cart instead; none takes the product out."""
        return await self._gateway.cart.change_line(product_id=product.id, body=LineChange(qty=qty), token=self.token)

    async def wait_for_empty_cart(self) -> None:
        """Wait until what was ordered has been taken out of the cart."""

        async def is_empty() -> bool:
            cart = await self.get_cart()
            assert cart.items == [], cart
            return True

        await eventually(is_empty)

    async def empty_cart(self) -> Cart:
        return await self._gateway.cart.clear_cart(token=self.token)

    # The order

    async def check_out(self, to: CheckOut = HOME, *, key: str | None = None) -> PlacedOrder:
        self._placed = await self._gateway.order.check_out(body=to, idempotency_key=key, token=self.token)
        return self._placed

    async def remember_order(self, order_id: UUID) -> None:
        """Have an order that was placed elsewhere for the latest one."""
        order = msgspec.to_builtins(await self.get_order(order_id))
        self._placed = msgspec.convert({**order, "order_id": order["id"]}, PlacedOrder)

    async def place_order(self, product: Product, qty: int = 1) -> PlacedOrder:
        """Order nothing but this."""
        await self.empty_cart()  # what was ordered before leaves the cart a little later, and would be added to
        await self.add_to_cart(product, qty)
        return await self.check_out()

    async def get_order(self, order_id: UUID | None = None) -> Order:
        return await self._gateway.order.get_order(order_id=order_id or self.order_id, token=self.token)

    async def list_orders(self) -> list[Order]:
        return (await self._gateway.order.list_orders(token=self.token)).items

    async def timeline(self) -> Timeline:
        """What has happened to the order placed last."""
        return await self._gateway.order.list_timeline(order_id=self.order_id, limit=100, token=self.token)

    async def cancel(self, order_id: UUID | None = None) -> Order:
        return await self._gateway.order.cancel_order(order_id=order_id or self.order_id, token=self.token)

    async def cancel_items(
        self, product: Product, qty: int = 1, order_id: UUID | None = None, *, key: str | None = None
    ) -> OrderChange:
        """Cancel so many pieces of an order that is paid."""
        items = ItemsToCancel(items=[ChangedItem(product_id=product.id, qty=qty)])
        return await self._gateway.order.cancel_items(
            order_id=order_id or self.order_id, body=items, idempotency_key=key, token=self.token
        )

    async def request_return(
        self, product: Product, qty: int = 1, order_id: UUID | None = None, *, key: str | None = None
    ) -> OrderChange:
        """Ask to send so many pieces back."""
        items = ReturnRequest(items=[ChangedItem(product_id=product.id, qty=qty)])
        return await self._gateway.order.request_return(
            order_id=order_id or self.order_id, body=items, idempotency_key=key, token=self.token
        )

    async def pay(self, amount: Money | None = None, order_id: UUID | None = None) -> Payment:
        """Pay what is asked for, or another amount."""
        paid = amount or self.amount_due
        attempt = SuccessfulAttempt(
            order_id=order_id or self.order_id, amount_cents=paid.amount_cents, currency=paid.currency
        )
        return await self._gateway.payment.succeed_payment(body=attempt, token=self.token)

    async def fail_payment(self, reason: str = "The card was declined") -> Payment:
        attempt = FailedAttempt(order_id=self.order_id, code=FailureCode.CARD_DECLINED, reason=reason)
        return await self._gateway.payment.fail_payment(body=attempt, token=self.token)

    async def attempt_payment(self, method: str) -> Attempt:
        """Try to pay by a method of the provider."""
        attempt = AttemptRequest(order_id=self.order_id, method=method)
        return await self._gateway.payment.attempt_payment(body=attempt, token=self.token)

    async def list_payments(self, order_id: UUID | None = None) -> list[Payment]:
        known = await self._gateway.payment.list_payments(order_id=order_id or self.order_id, token=self.token)
        return known.items

    async def list_shipments(self, order_id: UUID | None = None) -> list[Shipment]:
        return await self._gateway.shipping.list_shipments(order_id=order_id or self.order_id, token=self.token)

    # The mails

    async def wait_for_mail_about(self, news: str) -> Mail:
        """Wait for the mail about the order placed last that brings such news."""
        return await self._mailbox.wait_for_mail(subject_of(news, self.order_id), to=self.email)

    async def list_mails(self) -> list[Mail]:
        return await self._mailbox.list_mails(self.email)

    async def list_notifications(self, order_id: UUID | None = None) -> list[Notification]:
        """What the shop says it has told them of an order."""
        known = await self._gateway.notifications.list_notifications(
            order_id=order_id or self.order_id, token=self.token
        )
        return known.items
