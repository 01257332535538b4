"""One method per message the notifications service receives, under its operation in asyncapi/notifications.yaml."""

from collections import Counter
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import to_builtins

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from generated.events import (
    AccountDeleted,
    EmailRequested,
    OrderCancelled,
    OrderCreated,
    OrderReduced,
    PasswordForgotten,
    PaymentFailed,
    PaymentRefunded,
    PaymentSucceeded,
    ShippingCorrected,
    ShippingDelivered,
    ShippingDispatched,
    ShippingReady,
    VerificationRequested,
)
from services.money import Money
from services.notifications.application.notifications import NotificationService
from services.notifications.domain import Line, Notification, Order
from services.notifications.errors import InvalidRecipient

OrderEvent: TypeAlias = (
    OrderCreated
    | OrderCancelled
    | OrderReduced
    | PaymentSucceeded
    | PaymentFailed
    | PaymentRefunded
    | ShippingReady
    | ShippingDispatched
    | ShippingCorrected
    | ShippingDelivered
)
AccountEvent: TypeAlias = VerificationRequested | PasswordForgotten | EmailRequested | AccountDeleted


class NotificationsSubscribers:
    def __init__(self, notifications: NotificationService) -> None:
        self._notifications = notifications

    async def on_order_created(self, event: OrderCreated, delivery: Delivery) -> None:
        await self._notify(event, delivery, payload={}, order=_to_order(event))

    async def on_order_cancelled(self, event: OrderCancelled, delivery: Delivery) -> None:
        await self._notify(event, delivery)

    async def on_order_reduced(self, event: OrderReduced, delivery: Delivery) -> None:
        """Each change is mailed; later mails list what is left."""
        await self._notify(event, delivery, occurrence=str(event.data.change_id), removed=_to_removed(event))

    async def on_payment_succeeded(self, event: PaymentSucceeded, delivery: Delivery) -> None:
        await self._notify(event, delivery)

    async def on_payment_failed(self, event: PaymentFailed, delivery: Delivery) -> None:
        """Only the first attempt that failed is mailed; a shopper who tries again sees the others fail."""
        await self._notify(event, delivery)

    async def on_payment_refunded(self, event: PaymentRefunded, delivery: Delivery) -> None:
        """Each refund is mailed: of a change of the order, or of all that was left of it when it was cancelled."""
        change_id = event.data.refund_id if event.data.refund_id != event.order_id else None
        await self._notify(event, delivery, occurrence=str(change_id or ""))

    async def on_shipping_ready(self, event: ShippingReady, delivery: Delivery) -> None:
        await self._notify(event, delivery)

    async def on_shipping_dispatched(self, event: ShippingDispatched, delivery: Delivery) -> None:
        await self._notify(event, delivery)

    async def on_shipping_corrected(self, event: ShippingCorrected, delivery: Delivery) -> None:
        """Each correction is mailed; the last one holds."""
        await self._notify(event, delivery, occurrence=str(event.event_id))

    async def on_shipping_delivered(self, event: ShippingDelivered, delivery: Delivery) -> None:
        await self._notify(event, delivery)

    async def on_verification_requested(self, event: VerificationRequested, delivery: Delivery) -> None:
        await self._notify_of_account(event, delivery)

    async def on_password_forgotten(self, event: PasswordForgotten, delivery: Delivery) -> None:
        await self._notify_of_account(event, delivery)

    async def on_email_requested(self, event: EmailRequested, delivery: Delivery) -> None:
        """To the address that the account has; that the other one is mailed a link is an event of its own."""
        await self._notify_of_account(event, delivery)

    async def on_account_deleted(self, event: AccountDeleted, delivery: Delivery) -> None:
        """What the account was mailed is erased at once, and its address everywhere else after a while."""
        await self._queue(_to_account_notification(event), delivery, deleted_account=event.user_id)

    async def _notify_of_account(self, event: AccountEvent, delivery: Delivery) -> None:
        await self._queue(_to_account_notification(event), delivery)

    async def _notify(
        self,
        event: OrderEvent,
        delivery: Delivery,
        *,
        payload: dict[str, Any] | None = None,
        order: Order | None = None,
        occurrence: str = "",
        removed: Order | None = None,
    ) -> None:
        notification = Notification(
            order_id=event.order_id,
            kind=event.type,
            user_id=event.user_id,
            recipient=event.user_email,
            payload=to_builtins(event.data) if payload is None else payload,
            happened_at=event.timestamp,
            occurrence=occurrence,
        )
        await self._queue(notification, delivery, order, removed=removed)

    async def _queue(
        self,
        notification: Notification,
        delivery: Delivery,
        order: Order | None = None,
        deleted_account: UUID | None = None,
        removed: Order | None = None,
    ) -> None:
        try:
            await self._notifications.notify(notification, delivery, order, deleted_account, removed)
        except InvalidRecipient as error:
            raise InvalidMessage(str(error)) from error


def _to_account_notification(event: AccountEvent) -> Notification:
    return Notification(
        order_id=None,
        kind=event.type,
        user_id=event.user_id,
        recipient=event.user_email,
        payload=to_builtins(event.data),
        happened_at=event.timestamp,
        occurrence=str(event.event_id),
    )


def _to_order(event: OrderCreated) -> Order:
    """What was ordered, as mails list it: a product that was added several times at one price is one line."""
    quantities = Counter[tuple[UUID, str, int]]()
    for item in event.data.items:
        quantities[item.product_id, item.title, item.unit_price_cents] += item.qty
    lines = tuple(Line(title, qty, price) for (_, title, price), qty in quantities.items())
    return Order(event.order_id, Money(event.data.amount_cents, event.data.currency), lines)


def _to_removed(event: OrderReduced) -> Order:
    """What went out of an order."""
    lines = tuple(Line(item.title, item.qty, item.unit_price_cents) for item in event.data.items)
    return Order(event.order_id, Money(event.data.amount_cents, event.data.currency), lines)
