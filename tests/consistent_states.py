"""What stock, payment and parcel of an order may be once all is quiet, and what its shopper has been told by then."""

from typing import NamedTuple


class RelatedStates(NamedTuple):
    """The states that go together with one state of the order."""

    stock: frozenset[str]
    payment: frozenset[str]
    shipment: frozenset[str]


def _related(stock: str, payment: str, shipment: str) -> RelatedStates:
    return RelatedStates(*(frozenset(states.split()) for states in (stock, payment, shipment)))


SENT_BACK = "REFUNDED, for everything came back"
UNKNOWN_STATE = "-"  # the order is not known there
CONSISTENT_STATES = {
    UNKNOWN_STATE: _related(UNKNOWN_STATE, UNKNOWN_STATE, UNKNOWN_STATE),
    "CREATED": _related("HELD", "PENDING", "PENDING_PAYMENT"),
    "PAID": _related("COMMITTED", "SUCCEEDED", "READY_TO_SHIP DISPATCHED DELIVERED"),
    "CANCELLED": _related("RELEASED", "VOIDED", "CANCELLED"),
    "REFUNDED": _related("RELEASED RETURNED", "REFUNDED", "CANCELLED"),
    SENT_BACK: _related("COMMITTED RETURNED", "REFUNDED", "DELIVERED"),
    "REJECTED": _related("RELEASED", "VOIDED", "CANCELLED"),
}


def find_inconsistency(order: str, stock: str, payment: str, shipment: str) -> str | None:
    """What is wrong with these states, if they are to stay."""
    if order not in CONSISTENT_STATES:
        return f"left {order}"
    if (order, shipment) == ("REFUNDED", "DELIVERED"):
        order = SENT_BACK
    found = RelatedStates._fields, (stock, payment, shipment), CONSISTENT_STATES[order]
    wrong = [f"{what} {state}" for what, state, allowed in zip(*found, strict=True) if state not in allowed]
    return f"{order}, but {' and '.join(wrong)}" if wrong else None


def expected_events(order: str, payment: str, shipment: str) -> tuple[set[str], set[str]]:
    """The kinds of events there must have been of such an order, and those there may have been besides."""
    must, may = set(), {"payment.failed"}
    if order == "REJECTED":
        return {"order.cancelled"}, set()
    must.add("order.created")
    if order in ("CANCELLED", "REFUNDED") and shipment != "DELIVERED":
        must.add("order.cancelled")
    if payment in ("SUCCEEDED", "REFUNDED"):
        must.add("payment.succeeded")
        may.add("shipping.ready")
    if payment == "REFUNDED":
        must.add("payment.refunded")
    steps = ["READY_TO_SHIP", "DISPATCHED", "DELIVERED"]
    if shipment in steps:
        kinds = ["shipping.ready", "shipping.dispatched", "shipping.delivered"]
        must |= set(kinds[: steps.index(shipment) + 1])
        if shipment != "READY_TO_SHIP":
            may.add("shipping.corrected")
    return must, may
