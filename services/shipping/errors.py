"""What the shipping service can refuse, and why."""

from services.errors import HandledError


class ShipmentNotFound(Exception):
    """There is no such shipment."""


class ShipmentNotReady(Exception):
    """The shipment is not in a state that allows this."""


class DispatchedDifferently(Exception):
    """The parcel has left with another carrier or number."""

    def __init__(self, carrier: str, tracking_number: str) -> None:
        super().__init__()
        self.members = {"carrier": carrier, "tracking_number": tracking_number}


class AlreadyDispatched(Exception):
    """The parcel is already on its way."""


class ItemsNotInParcel(Exception):
    """The parcel does not hold that and something else."""


class OrderCancelled(Exception):
    """The order is cancelled."""


class PaymentAmountMismatch(HandledError):
    """A payment is not of what its order costs, and no repeat would mend that."""
