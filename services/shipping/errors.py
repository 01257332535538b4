"""What the shipping service can refuse, and why."""


class ShipmentNotFound(Exception):
    """There is no such shipment."""


class ShipmentNotReady(Exception):
    """The shipment is not in a state that allows this."""


class AlreadyDispatched(Exception):
    """The parcel is already on its way."""


class OrderCancelled(Exception):
    """The order is cancelled."""
