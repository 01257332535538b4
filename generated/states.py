# Generated from contracts/ by scripts/generate.py. Do not edit.

"""The states of what has any: each knows which others the contract lets it become."""

from enum import StrEnum
from typing import Self


class IllegalTransition(ValueError):
    """The contract does not let that state follow this one."""


class State(StrEnum):
    """A state of something that the contract gives a lifecycle."""

    @property
    def successors(self) -> frozenset[Self]:
        """The states that may follow this one."""
        raise NotImplementedError

    def transition_to(self, state: Self) -> Self:
        """Return the state that is to follow.

        Raises:
            IllegalTransition: It may not.
        """
        if state not in self.successors:
            raise IllegalTransition(f"{self} cannot become {state}")
        return state


class AttemptStatus(State):
    OPEN = "OPEN"
    CHARGED = "CHARGED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"

    @property
    def successors(self) -> frozenset["AttemptStatus"]:
        return _ATTEMPT_TRANSITIONS[self]


_ATTEMPT_TRANSITIONS: dict[AttemptStatus, frozenset[AttemptStatus]] = {
    AttemptStatus.OPEN: frozenset([AttemptStatus.CHARGED, AttemptStatus.DECLINED, AttemptStatus.CANCELLED]),
    AttemptStatus.CHARGED: frozenset(),
    AttemptStatus.DECLINED: frozenset([AttemptStatus.CHARGED]),
    AttemptStatus.CANCELLED: frozenset([AttemptStatus.CHARGED]),
}


class ChangeStatus(State):
    INTENDED = "INTENDED"
    AGREED = "AGREED"
    DROPPED = "DROPPED"
    REQUESTED = "REQUESTED"
    RECEIVED = "RECEIVED"
    PAID_BACK = "PAID_BACK"

    @property
    def successors(self) -> frozenset["ChangeStatus"]:
        return _CHANGE_TRANSITIONS[self]


_CHANGE_TRANSITIONS: dict[ChangeStatus, frozenset[ChangeStatus]] = {
    ChangeStatus.INTENDED: frozenset([ChangeStatus.AGREED, ChangeStatus.DROPPED]),
    ChangeStatus.AGREED: frozenset([ChangeStatus.PAID_BACK]),
    ChangeStatus.DROPPED: frozenset(),
    ChangeStatus.REQUESTED: frozenset([ChangeStatus.RECEIVED]),
    ChangeStatus.RECEIVED: frozenset([ChangeStatus.PAID_BACK]),
    ChangeStatus.PAID_BACK: frozenset(),
}


class NotificationStatus(State):
    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"

    @property
    def successors(self) -> frozenset["NotificationStatus"]:
        return _NOTIFICATION_TRANSITIONS[self]


_NOTIFICATION_TRANSITIONS: dict[NotificationStatus, frozenset[NotificationStatus]] = {
    NotificationStatus.QUEUED: frozenset([NotificationStatus.SENT, NotificationStatus.FAILED]),
    NotificationStatus.SENT: frozenset(),
    NotificationStatus.FAILED: frozenset([NotificationStatus.QUEUED, NotificationStatus.SENT]),
}


class OrderStatus(State):
    PENDING = "PENDING"
    CREATED = "CREATED"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"
    REJECTED = "REJECTED"

    @property
    def successors(self) -> frozenset["OrderStatus"]:
        return _ORDER_TRANSITIONS[self]


_ORDER_TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset([OrderStatus.CREATED, OrderStatus.REJECTED]),
    OrderStatus.CREATED: frozenset([OrderStatus.PAID, OrderStatus.CANCELLED]),
    OrderStatus.PAID: frozenset([OrderStatus.CANCELLED, OrderStatus.REFUNDED]),
    OrderStatus.CANCELLED: frozenset([OrderStatus.REFUNDED]),
    OrderStatus.REFUNDED: frozenset(),
    OrderStatus.REJECTED: frozenset(),
}


class PaymentStatus(State):
    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCEEDED"
    REFUNDED = "REFUNDED"
    VOIDED = "VOIDED"

    @property
    def successors(self) -> frozenset["PaymentStatus"]:
        return _PAYMENT_TRANSITIONS[self]


_PAYMENT_TRANSITIONS: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.PENDING: frozenset([PaymentStatus.PROCESSING, PaymentStatus.SUCCEEDED, PaymentStatus.VOIDED]),
    PaymentStatus.PROCESSING: frozenset([PaymentStatus.PENDING, PaymentStatus.SUCCEEDED, PaymentStatus.VOIDED]),
    PaymentStatus.SUCCEEDED: frozenset([PaymentStatus.REFUNDED]),
    PaymentStatus.REFUNDED: frozenset(),
    PaymentStatus.VOIDED: frozenset(),
}


class ReservationStatus(State):
    HELD = "HELD"
    COMMITTED = "COMMITTED"
    RETURNED = "RETURNED"
    RELEASED = "RELEASED"

    @property
    def successors(self) -> frozenset["ReservationStatus"]:
        return _RESERVATION_TRANSITIONS[self]


_RESERVATION_TRANSITIONS: dict[ReservationStatus, frozenset[ReservationStatus]] = {
    ReservationStatus.HELD: frozenset([ReservationStatus.COMMITTED, ReservationStatus.RELEASED]),
    ReservationStatus.COMMITTED: frozenset([ReservationStatus.RETURNED]),
    ReservationStatus.RETURNED: frozenset(),
    ReservationStatus.RELEASED: frozenset(),
}


class ShipmentStatus(State):
    PENDING_PAYMENT = "PENDING_PAYMENT"
    READY_TO_SHIP = "READY_TO_SHIP"
    DISPATCHED = "DISPATCHED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"

    @property
    def successors(self) -> frozenset["ShipmentStatus"]:
        return _SHIPMENT_TRANSITIONS[self]


_SHIPMENT_TRANSITIONS: dict[ShipmentStatus, frozenset[ShipmentStatus]] = {
    ShipmentStatus.PENDING_PAYMENT: frozenset([ShipmentStatus.READY_TO_SHIP, ShipmentStatus.CANCELLED]),
    ShipmentStatus.READY_TO_SHIP: frozenset([ShipmentStatus.DISPATCHED, ShipmentStatus.CANCELLED]),
    ShipmentStatus.DISPATCHED: frozenset([ShipmentStatus.DELIVERED]),
    ShipmentStatus.DELIVERED: frozenset(),
    ShipmentStatus.CANCELLED: frozenset(),
}
