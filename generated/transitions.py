# Generated from contracts/ by scripts/generate.py. Do not edit.

"""Which state may become which: the legal moves, by state."""

NOTIFICATION: dict[str, frozenset[str]] = {
    "QUEUED": frozenset(["SENT", "FAILED"]),
    "SENT": frozenset(),
    "FAILED": frozenset(),
}

ORDER: dict[str, frozenset[str]] = {
    "PENDING": frozenset(["CREATED", "REJECTED"]),
    "CREATED": frozenset(["PAID", "CANCELLED"]),
    "PAID": frozenset(["CANCELLED"]),
    "CANCELLED": frozenset(["REFUNDED"]),
    "REFUNDED": frozenset(),
    "REJECTED": frozenset(),
}

PAYMENT: dict[str, frozenset[str]] = {
    "PENDING": frozenset(["SUCCEEDED", "VOIDED"]),
    "SUCCEEDED": frozenset(["REFUNDED"]),
    "REFUNDED": frozenset(),
    "VOIDED": frozenset(),
}

RESERVATION: dict[str, frozenset[str]] = {
    "HELD": frozenset(["COMMITTED", "RELEASED"]),
    "COMMITTED": frozenset(["RETURNED"]),
    "RETURNED": frozenset(),
    "RELEASED": frozenset(),
}

SHIPMENT: dict[str, frozenset[str]] = {
    "PENDING_PAYMENT": frozenset(["READY_TO_SHIP", "CANCELLED"]),
    "READY_TO_SHIP": frozenset(["DISPATCHED", "CANCELLED"]),
    "DISPATCHED": frozenset(["DELIVERED"]),
    "DELIVERED": frozenset(),
    "CANCELLED": frozenset(),
}
