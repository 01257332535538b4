"""Orders: what they are made of, and what may become of them."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from generated.states import ChangeStatus, OrderStatus
from services.money import Money
from services.order.errors import (
    CartIsEmpty,
    ChangeUnknown,
    CheckoutGivenUp,
    CheckoutInProgress,
    NotEnoughPieces,
    NothingWouldBeLeft,
    OrderNotPaid,
    ReturnNotFound,
    TooManyChanges,
)

MAX_CHANGES = 50
# A change of which it is not known, or never will be, that its pieces are gone.
NOT_GONE = (ChangeStatus.INTENDED, ChangeStatus.REQUESTED, ChangeStatus.DROPPED)


class CancelReason(StrEnum):
    """Why an order came to nothing."""

    REQUESTED = "requested"
    NOT_PAID_IN_TIME = "not-paid-in-time"
    REJECTED = "rejected"
    GIVEN_UP = "given-up"


ERASED_EMAIL = "erased@account.invalid"  # of a shopper whose account was deleted; nobody has it (RFC 2606)


@dataclass(frozen=True)
class Line:
    """Pieces of a product that were added to the cart together, with title and price as they were then.

    `line_id` is theirs alone and never changes, so that they are ordered once, whatever the cart shows.
    """

    line_id: UUID
    product_id: UUID
    title: str
    qty: int
    unit_price_cents: int
    priced_at: datetime

    @property
    def price_cents(self) -> int:
        return self.qty * self.unit_price_cents

    def with_max_price(self, unit_price_cents: int) -> "Line":
        """The line with no piece dearer than that."""
        return replace(self, unit_price_cents=min(self.unit_price_cents, unit_price_cents))


@dataclass(frozen=True)
class Cart:
    """A shopper's cart as it was read; every change that the shopper makes raises its revision."""

    lines: Sequence[Line]
    currency: str | None
    revision: int = 0

    def without_lines(self, ordered: Container[UUID]) -> "Cart":
        """The cart as it would be had those lines been removed already."""
        return replace(self, lines=[line for line in self.lines if line.line_id not in ordered])


@dataclass(frozen=True)
class CheckoutDetails:
    """What a shopper asks for at checkout besides the cart: where the parcel goes."""

    address_line1: str
    address_line2: str | None
    city: str
    country: str
    postcode: str | None  # not every country has them


@dataclass(frozen=True)
class Shopper:
    id: UUID
    email: str


class ChangeKind(StrEnum):
    """How pieces went out of an order that was paid."""

    CANCELLATION = "cancellation"
    RETURN = "return"


@dataclass(frozen=True)
class Item:
    """Pieces of a product at one price, as people see them in an order."""

    product_id: UUID
    title: str
    qty: int
    unit_price_cents: int


PieceKey: TypeAlias = tuple[UUID, str, int]  # what pieces have in common that stand in one line


@dataclass
class Change:
    """Pieces that go out of an order that was paid; while that is not decided they count as gone."""

    id: UUID
    kind: ChangeKind
    items: Sequence[Item]
    created_at: datetime
    status: ChangeStatus

    @property
    def amount_cents(self) -> int:
        return sum(item.qty * item.unit_price_cents for item in self.items)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more becomes of it."""
        return not self.status.successors

    def become(self, status: ChangeStatus) -> None:
        self.status = self.status.transition_to(status)


@dataclass
class Order:
    """An order. `cancellation_requested` is the intent to cancel it, written down before anybody else is asked.

    `cart_revision` is that of the cart it was placed from; orders of the first version have none. `replaces` is the
    order of the same shopper that was given up for this one. `refusal` is what the checkout of a rejected order was
    refused for, if for anything but that it was given up. `changes` are what went out of it after it was paid, the
    first first, and `rest_refunded` says whether the money for what was left went back, when it was cancelled.
    """

    id: UUID
    shopper: Shopper
    details: CheckoutDetails
    lines: Sequence[Line]
    currency: str
    created_at: datetime
    pay_by: datetime
    status: OrderStatus = OrderStatus.PENDING
    cancel_reason: CancelReason | None = None
    cancellation_requested: bool = False
    cart_revision: int | None = None
    replaces: UUID | None = None
    refusal: Exception | None = None
    changes: Sequence[Change] = ()
    rest_refunded: bool = False

    @classmethod
    def place(
        cls,
        order_id: UUID,
        shopper: Shopper,
        details: CheckoutDetails,
        cart: Cart,
        *,
        now: datetime,
        payment_window: timedelta,
    ) -> "Order":
        """Make an order of what is in the cart; it has to be paid within `payment_window`.

        Raises:
            CartIsEmpty: There is nothing in it.
        """
        if not cart.lines or cart.currency is None:
            raise CartIsEmpty
        return cls(
            order_id,
            shopper,
            details,
            cart.lines,
            cart.currency,
            created_at=now,
            pay_by=now + payment_window,
            cart_revision=cart.revision,
        )

    @property
    def total_cents(self) -> int:
        return sum(line.price_cents for line in self.lines)

    @property
    def total(self) -> Money:
        return Money(self.total_cents, self.currency)

    @property
    def is_terminated(self) -> bool:
        return self.status in (OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.REJECTED)

    @property
    def was_placed(self) -> bool:
        """Whether its checkout has succeeded, whatever became of it since."""
        return self.status not in (OrderStatus.PENDING, OrderStatus.REJECTED)

    def merged_lines(self) -> list[Line]:
        """The lines as people see them: pieces of a product at one price, under one title, stand in one line."""
        merged: dict[PieceKey, Line] = {}
        for line in self.lines:
            same = _piece_key(line)
            merged[same] = replace(merged[same], qty=merged[same].qty + line.qty) if same in merged else line
        return list(merged.values())

    def matches_checkout(self, cart: Cart, details: CheckoutDetails) -> bool:
        """Whether this is the order of just those lines, to that address."""
        same = self.currency == cart.currency and _priced(self.lines) == _priced(cart.lines)
        return same and self.details == details

    def contains_exactly(self, lines: Sequence[Line]) -> bool:
        """Whether just those lines were ordered, at whatever price."""
        return _pieces(self.lines) == _pieces(lines)

    def values(self) -> dict[str, Any]:
        """All that there is to say of it, details and sums as well, by name; what it lacks is left out."""
        known = {**vars(self), **vars(self.details), "total_cents": self.total_cents}
        return {name: value for name, value in known.items() if value is not None}

    def titles(self) -> dict[UUID, str]:
        """The products' titles."""
        return {line.product_id: line.title for line in self.lines}

    def cap_prices(self, prices: Mapping[UUID, int]) -> bool:
        """Let no piece cost more than its product does by these prices; whether that changes anything."""
        charged = [line.with_max_price(prices.get(line.product_id, line.unit_price_cents)) for line in self.lines]
        changed, self.lines = charged != list(self.lines), charged
        return changed

    def confirm(self) -> bool:
        """Note that stock and parcel are set aside; False if somebody did before.

        Raises:
            IllegalTransition: The checkout was given up meanwhile.
        """
        if self.status in (OrderStatus.CREATED, OrderStatus.PAID):
            return False
        return self._become(OrderStatus.CREATED)

    def reject(self, reason: CancelReason, refusal: Exception | None = None) -> bool:
        """Give the checkout up; False if it has ended already, one way or the other."""
        if self.status is not OrderStatus.PENDING:
            return False
        self.cancel_reason, self.refusal = reason, refusal
        return self._become(OrderStatus.REJECTED)

    def require_placed(self) -> None:
        """Raise what the checkout was refused for, unless it became an order."""
        if self.status in (OrderStatus.PENDING, OrderStatus.REJECTED):
            raise self.refusal or CheckoutGivenUp

    def pay(self) -> bool:
        """Note that the order was paid in full; False if that changes nothing, as for a cancelled order."""
        return self.status is OrderStatus.CREATED and self._become(OrderStatus.PAID)

    def request_cancellation(self) -> bool:
        """Write down that the shopper wants to cancel; False if there is nothing left to cancel.

        Raises:
            CheckoutInProgress: It is not known yet whether there will be an order.
        """
        if self.status is OrderStatus.PENDING:
            raise CheckoutInProgress
        if self.is_terminated:
            return False
        self.cancellation_requested = True
        return True

    def withdraw_cancellation(self) -> None:
        """Go on as if nobody had wanted to cancel: the parcel has left."""
        self.cancellation_requested = False

    def cancel(self, reason: CancelReason) -> bool:
        """Call the order off; False if it was called off before. Changes that are not decided go with it.

        An unpaid order may be cancelled once payment said that its payment is void, a paid one once shipping said that
        its parcel does not leave.
        """
        self.cancellation_requested = False
        if self.is_terminated:
            return False
        self.cancel_reason = reason
        for change in self.changes:
            self.drop_change(change.id)
        self._become(OrderStatus.CANCELLED)
        self._end_if_refunded()
        return True

    def left_items(self) -> list[Item]:
        """What has not gone out of it, as people see it."""
        left = Counter[PieceKey]({_piece_key(line): line.qty for line in self.merged_lines()})
        for change in self.changes:
            if change.status is not ChangeStatus.DROPPED:
                left.subtract({_piece_key(item): item.qty for item in change.items})
        return [Item(product_id, title, qty, price) for (product_id, title, price), qty in left.items() if qty]

    def request_partial_cancellation(self, change_id: UUID, wanted: Mapping[UUID, int], now: datetime) -> Change:
        """Write down that so many pieces of each product are to be cancelled; of one at several prices the dearest.

        Raises:
            OrderNotPaid: It is cancelled whole, or has ended.
            NotEnoughPieces: There are not so many left.
            NothingWouldBeLeft: That is to cancel the order.
            TooManyChanges: There were as many as there can be.
        """
        items = self._select(wanted)
        if sum(item.qty for item in items) == sum(item.qty for item in self.left_items()):
            raise NothingWouldBeLeft
        return self._add_change(Change(change_id, ChangeKind.CANCELLATION, items, now, ChangeStatus.INTENDED))

    def find_change(self, change_id: UUID) -> Change:
        """Raises: ChangeUnknown."""
        for change in self.changes:
            if change.id == change_id:
                return change
        raise ChangeUnknown(f"order {self.id} has no change {change_id}")

    def agree_to_change(self, change_id: UUID) -> bool:
        """Let pieces go that are out of the parcel; False if it was decided about them before."""
        change = self.find_change(change_id)
        if change.status is not ChangeStatus.INTENDED:
            return False
        change.become(ChangeStatus.AGREED)
        self._pay_back_if_free(change)
        return True

    def drop_change(self, change_id: UUID) -> bool:
        """Keep pieces that cannot be cancelled any more; False if it was decided about them before."""
        change = self.find_change(change_id)
        if change.status is not ChangeStatus.INTENDED:
            return False
        change.become(ChangeStatus.DROPPED)
        return True

    def request_return(self, change_id: UUID, wanted: Mapping[UUID, int], now: datetime) -> Change:
        """Write down that so many pieces of each product are to be sent back; of one at several prices the dearest.

        Raises:
            OrderNotPaid, NotEnoughPieces, TooManyChanges.
        """
        items = self._select(wanted)
        return self._add_change(Change(change_id, ChangeKind.RETURN, items, now, ChangeStatus.REQUESTED))

    def receive_return(self, change_id: UUID) -> bool:
        """Note that pieces were sent back; False if that is known already.

        Raises:
            ReturnNotFound: Nobody has asked to send them back.
        """
        change = next((change for change in self.changes if change.id == change_id), None)
        if change is None or change.kind is not ChangeKind.RETURN:
            raise ReturnNotFound
        if change.status is not ChangeStatus.REQUESTED:
            return False
        change.become(ChangeStatus.RECEIVED)
        self._pay_back_if_free(change)
        self._end_if_refunded()
        return True

    @property
    def rest_cents(self) -> int:
        """What the pieces cost that nobody has agreed to let go."""
        return self.total_cents - sum(one.amount_cents for one in self.changes if one.status not in NOT_GONE)

    def expected_refund(self, change_id: UUID | None) -> Money:
        """What goes back for that change, or, without one, when the order is cancelled. Raises: ChangeUnknown."""
        cents = self.rest_cents if change_id is None else self.find_change(change_id).amount_cents
        return Money(cents, self.currency)

    def refund(self, change_id: UUID | None = None) -> bool:
        """Note that the money for a change went back, or all the rest; False if that changes nothing.

        Raises: ChangeUnknown.
        """
        if change_id is not None:
            change = self.find_change(change_id)
            if change.status not in (ChangeStatus.AGREED, ChangeStatus.RECEIVED):
                return False
            change.become(ChangeStatus.PAID_BACK)
        elif self.status is OrderStatus.CANCELLED:
            self.rest_refunded = True
        else:
            return False
        self._end_if_refunded()
        return True

    def _select(self, wanted: Mapping[UUID, int]) -> list[Item]:
        """Raises: OrderNotPaid, NotEnoughPieces."""
        if self.status is not OrderStatus.PAID:
            raise OrderNotPaid(f"The order is {self.status}")
        missing, items = Counter(wanted), []
        for item in sorted(self.left_items(), key=lambda item: item.unit_price_cents, reverse=True):
            if qty := min(item.qty, missing[item.product_id]):
                missing[item.product_id] -= qty
                items.append(replace(item, qty=qty))
        if +missing:
            raise NotEnoughPieces
        return items

    def _add_change(self, change: Change) -> Change:
        if len(self.changes) >= MAX_CHANGES:
            raise TooManyChanges
        self.changes = (*self.changes, change)
        return change

    def _pay_back_if_free(self, change: Change) -> None:
        if change.amount_cents == 0:  # for which payment pays nothing back, and says nothing
            change.become(ChangeStatus.PAID_BACK)

    def _end_if_refunded(self) -> None:
        """Nothing is left, and the money for all of it went back, in whatever order."""
        if not all(change.is_settled for change in self.changes):
            return
        if self.status is OrderStatus.CANCELLED:
            is_refunded = self.rest_refunded or bool(self.total_cents and not self.rest_cents)
        else:
            is_refunded = self.status is OrderStatus.PAID and not self.left_items()
        if is_refunded:
            self._become(OrderStatus.REFUNDED)

    def _become(self, status: OrderStatus) -> bool:
        self.status = self.status.transition_to(status)
        return True


def _piece_key(pieces: Line | Item) -> PieceKey:
    return pieces.product_id, pieces.title, pieces.unit_price_cents


def _pieces(lines: Sequence[Line]) -> set[tuple[UUID, int]]:
    return {(line.line_id, line.qty) for line in lines}


def _priced(lines: Sequence[Line]) -> set[tuple[UUID, int, int]]:
    return {(line.line_id, line.qty, line.unit_price_cents) for line in lines}


@dataclass(frozen=True)
class PriorOrders:
    """What there is of a shopper's orders when another is to be placed: nobody else places one meanwhile.

    `ordered` says of lines of the cart which order has them that was placed, whatever became of it; `revision` is the
    highest of a cart that an order was placed from. `within_a_day` counts those under the shopper's address, of
    whatever account, for which the shop has no money, or has none any more.
    """

    pending: Sequence[Order]
    ordered: Mapping[UUID, UUID]
    revision: int
    unpaid: int
    within_a_day: int
    now: datetime


@dataclass(frozen=True)
class OrderFilter:
    """Which orders somebody looks for: None does not narrow them."""

    status: OrderStatus | None = None
    email: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


SOURCES = {"mail": "notifications"}  # of entries that are not called after the service in which they happened


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened to an order, at the time that the service in which it happened gave it.

    `id` is that of the event, the mail or the order; `facts` are what is to be said of it beside its kind.
    """

    happened_at: datetime
    id: UUID
    kind: str
    facts: Mapping[str, Any]

    @property
    def source(self) -> str:
        """The service in which it happened."""
        prefix = self.kind.partition(".")[0]
        return SOURCES.get(prefix, prefix)

    @property
    def position(self) -> tuple[datetime, UUID]:
        """Where it stands among the others."""
        return self.happened_at, self.id
