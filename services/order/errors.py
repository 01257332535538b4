"""What the order service can refuse, and why."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.errors import HandledError


class CartIsEmpty(Exception):
    """The cart is empty."""


class OrderExists(Exception):
    """What is in the cart has been ordered already."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__()
        self.members = {"order_id": str(order_id)}


class EmailNotVerified(Exception):
    """The address of the account is not verified."""


class TooManyUnpaidOrders(Exception):
    """Other orders have to be paid or cancelled first."""


class OutOfStock(Exception):
    """A product is out of stock."""


class ProductUnavailable(Exception):
    """A product is not sold any more."""


class PriceChanged(Exception):
    """A price has changed since the product was put in the cart."""

    def __init__(self, lines: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        self.members = {"lines": list(lines)}


class CheckoutGivenUp(Exception):
    """The checkout took too long, or another one followed, and it was given up."""


class CheckoutInProgress(Exception):
    """The checkout of this order has not ended yet."""


class OrderNotPaid(Exception):
    """The order is not paid, or has come to an end."""


class NotEnoughPieces(Exception):
    """There is less of that in the order."""


class NothingWouldBeLeft(Exception):
    """Nothing else is left in the order."""


class TooManyChanges(Exception):
    """The order was changed too often."""


class NotDelivered(Exception):
    """The parcel has not arrived."""


class ReturnNotFound(Exception):
    """There is no such return."""


class OrderNotFound(Exception):
    """There is no such order."""


class AlreadyDispatched(Exception):
    """The parcel is already on its way."""


class CartChanged(HandledError):
    """An order was placed from a later revision of the cart than was read."""

    def __init__(self, revision: int) -> None:
        super().__init__()
        self.revision = revision


class OrderCancelled(HandledError):
    """A neighbour sets nothing aside for the order, since it was cancelled."""


class AlreadyPaid(HandledError):
    """The payment came first; it cannot be voided."""


class ChangeUnknown(HandledError):
    """The order has no such change."""


class PaymentAmountMismatch(HandledError):
    """A payment is of another amount than the order asks for."""
