"""What may become of a shipment."""

from uuid import UUID

import pytest

from generated.states import ShipmentStatus
from services.money import Money
from services.shipping.domain import Item, Label, Recipient, Shipment
from services.shipping.errors import (
    AlreadyDispatched,
    DispatchedDifferently,
    ItemsNotInParcel,
    OrderCancelled,
    ShipmentNotReady,
)

ASHA = Recipient(UUID(int=1), "asha@example.com", "12 Quay Street", None, "Galway", "IE", "H91 XY00")
BRAM = Recipient(UUID(int=4), "bram@example.com", "3 Kade", None, "Utrecht", "NL", "3511 AA")
POST = Label("An Post", "AP123456789IE")
AMOUNT = Money(12999, "EUR")
LAMP, CHAIR = Item(UUID(int=5), "Walnut desk lamp", 1), Item(UUID(int=6), "Oak chair", 2)


def shipment(status=ShipmentStatus.PENDING_PAYMENT, recipient=ASHA):
    label = POST if status in (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED) else None
    drafted = (AMOUNT, (LAMP,)) if recipient else ()
    return Shipment(UUID(int=2), UUID(int=3), recipient, status, label, *drafted)


def test_a_shipment_goes_from_its_draft_to_the_door():
    parcel = shipment(recipient=None)

    assert parcel.draft(ASHA, AMOUNT, [LAMP, CHAIR])
    assert parcel.make_ready(AMOUNT)
    assert parcel.dispatch(POST)
    assert parcel.deliver()
    assert (parcel.status, parcel.recipient, parcel.label) == (ShipmentStatus.DELIVERED, ASHA, POST)
    assert parcel.items == [LAMP, CHAIR]


def test_drafting_again_changes_nothing():
    parcel = shipment()

    assert not parcel.draft(BRAM, Money(1, "USD"), [CHAIR])
    assert (parcel.recipient, parcel.amount, parcel.items) == (ASHA, AMOUNT, (LAMP,))


@pytest.mark.parametrize("recipient", [ASHA, None], ids=["drafted before", "never met"])
def test_nothing_is_drafted_for_a_cancelled_order(recipient):
    stopped = shipment(ShipmentStatus.CANCELLED, recipient)

    with pytest.raises(OrderCancelled):
        stopped.draft(ASHA, AMOUNT, [CHAIR])

    assert (stopped.status, stopped.recipient) == (ShipmentStatus.CANCELLED, recipient)
    assert CHAIR not in stopped.items


def test_a_payment_received_before_the_draft_is_remembered():
    paid = shipment(recipient=None)

    assert paid.make_ready(AMOUNT)
    assert paid.draft(ASHA, AMOUNT)
    assert paid.status is ShipmentStatus.READY_TO_SHIP


def test_another_amount_received_before_the_draft_pays_for_nothing():
    parcel = shipment(recipient=None)
    parcel.make_ready(Money(12998, "EUR"))

    assert parcel.draft(ASHA, AMOUNT)
    assert (parcel.status, parcel.amount) == (ShipmentStatus.PENDING_PAYMENT, AMOUNT)


@pytest.mark.parametrize(("owner", "seen"), [(ASHA.user_id, True), (None, True), (BRAM.user_id, False)])
def test_a_parcel_is_seen_by_whom_it_is_for_and_by_whoever_sees_all(owner, seen):
    assert shipment().is_visible_to(owner) is seen


@pytest.mark.parametrize("owner", [ASHA.user_id, None])
def test_nobody_sees_a_parcel_that_is_not_drafted(owner):
    assert not shipment(recipient=None).is_visible_to(owner)


@pytest.mark.parametrize("parcel", [shipment(recipient=None), Shipment(UUID(int=2), UUID(int=3), ASHA)])
def test_where_no_amount_is_known_any_pays_for_the_parcel(parcel):
    assert parcel.is_paid_by(AMOUNT)


@pytest.mark.parametrize("status", [s for s in ShipmentStatus if s is not ShipmentStatus.PENDING_PAYMENT])
def test_a_late_or_repeated_payment_reverts_no_shipment(status):
    parcel = shipment(status)

    assert not parcel.make_ready(AMOUNT)
    assert parcel.status is status


@pytest.mark.parametrize("status", ShipmentStatus)
@pytest.mark.parametrize("paid", [Money(12998, "EUR"), Money(12999, "USD")], ids=str)
def test_another_amount_pays_for_no_parcel(status, paid):
    assert not shipment(status).is_paid_by(paid)
    assert shipment(status).is_paid_by(AMOUNT)


@pytest.mark.parametrize("status", [ShipmentStatus.PENDING_PAYMENT, ShipmentStatus.CANCELLED])
def test_only_what_is_ready_is_dispatched(status):
    parcel = shipment(status)

    with pytest.raises(ShipmentNotReady, match=status):
        parcel.dispatch(POST)

    assert (parcel.status, parcel.label) == (status, None)


@pytest.mark.parametrize("status", [ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED])
def test_what_has_left_keeps_its_carrier_and_says_which_it_is(status):
    parcel = shipment(status)

    with pytest.raises(DispatchedDifferently) as refusal:
        parcel.dispatch(Label("Another", "1"))

    assert refusal.value.members == {"carrier": POST.carrier, "tracking_number": POST.tracking_number}
    assert not parcel.dispatch(POST)
    assert (parcel.status, parcel.label) == (status, POST)


@pytest.mark.parametrize("status", [ShipmentStatus.PENDING_PAYMENT, ShipmentStatus.CANCELLED])
def test_no_label_is_needed_for_what_cannot_leave(status):
    with pytest.raises(ShipmentNotReady, match=status):
        shipment(status).needs_label()


def test_a_label_is_needed_until_the_parcel_has_left():
    assert shipment(ShipmentStatus.READY_TO_SHIP).needs_label()
    assert not shipment(ShipmentStatus.DISPATCHED).needs_label()
    assert not shipment(ShipmentStatus.DELIVERED).needs_label()


def test_a_parcel_on_its_way_is_corrected_as_often_as_need_be():
    parcel, other = shipment(ShipmentStatus.DISPATCHED), Label("Another", "1")

    assert not parcel.correct(POST)
    assert parcel.correct(other)
    assert not parcel.correct(other)
    assert parcel.correct(POST)
    assert (parcel.status, parcel.label) == (ShipmentStatus.DISPATCHED, POST)


@pytest.mark.parametrize("status", [s for s in ShipmentStatus if s is not ShipmentStatus.DISPATCHED])
def test_only_what_is_on_its_way_is_corrected(status):
    parcel = shipment(status)
    before = parcel.label

    with pytest.raises(ShipmentNotReady, match=status):
        parcel.correct(Label("Another", "1"))

    assert (parcel.status, parcel.label) == (status, before)


@pytest.mark.parametrize(
    "status", [ShipmentStatus.PENDING_PAYMENT, ShipmentStatus.READY_TO_SHIP, ShipmentStatus.CANCELLED]
)
def test_only_what_has_left_can_arrive(status):
    parcel = shipment(status)

    with pytest.raises(ShipmentNotReady, match=status):
        parcel.deliver()

    assert parcel.status is status


def test_a_parcel_arrives_once():
    parcel = shipment(ShipmentStatus.DISPATCHED)

    assert parcel.deliver()
    assert not parcel.deliver()


@pytest.mark.parametrize("status", [ShipmentStatus.PENDING_PAYMENT, ShipmentStatus.READY_TO_SHIP])
def test_what_has_not_left_is_cancelled_once(status):
    parcel = shipment(status)

    assert parcel.cancel()
    assert not parcel.cancel()
    assert parcel.status is ShipmentStatus.CANCELLED


@pytest.mark.parametrize("status", [ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED])
def test_what_has_left_cannot_be_cancelled(status):
    parcel = shipment(status)

    with pytest.raises(AlreadyDispatched, match=status):
        parcel.cancel()

    assert parcel.status is status


CHANGE = UUID(int=7)


def packed(*items, status=ShipmentStatus.READY_TO_SHIP):
    label = POST if status in (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED) else None
    return Shipment(UUID(int=2), UUID(int=3), ASHA, status, label, AMOUNT, items)


@pytest.mark.parametrize("status", [ShipmentStatus.PENDING_PAYMENT, ShipmentStatus.READY_TO_SHIP])
def test_pieces_are_taken_out_of_what_has_not_left(status):
    parcel = packed(LAMP, CHAIR, status=status)

    assert parcel.take_out(CHANGE, {CHAIR.product_id: 1})

    assert parcel.items == [LAMP, Item(CHAIR.product_id, "Oak chair", 1)]
    assert (parcel.change_ids, parcel.status) == ((CHANGE,), status)


def test_all_pieces_of_one_product_may_be_taken_out_also_where_they_stand_in_two_lines():
    parcel = packed(CHAIR, LAMP, CHAIR)

    assert parcel.take_out(CHANGE, {CHAIR.product_id: 3})
    assert parcel.items == [LAMP, Item(CHAIR.product_id, "Oak chair", 1)]
    assert parcel.take_out(UUID(int=8), {CHAIR.product_id: 1})
    assert parcel.items == [LAMP]
    assert parcel.change_ids == (CHANGE, UUID(int=8))


@pytest.mark.parametrize("status", [*ShipmentStatus])
def test_what_was_taken_out_is_out_whatever_became_of_the_parcel_since(status):
    parcel = packed(LAMP, status=status)
    parcel.change_ids = (CHANGE,)

    assert not parcel.take_out(CHANGE, {LAMP.product_id: 1})
    assert (parcel.items, parcel.change_ids) == ((LAMP,), (CHANGE,))


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (ShipmentStatus.DISPATCHED, AlreadyDispatched),
        (ShipmentStatus.DELIVERED, AlreadyDispatched),
        (ShipmentStatus.CANCELLED, OrderCancelled),
    ],
)
def test_nothing_is_taken_out_of_what_has_left_or_was_stopped(status, refusal):
    parcel = packed(LAMP, CHAIR, status=status)

    with pytest.raises(refusal) as raised:
        parcel.take_out(CHANGE, {LAMP.product_id: 1})

    assert (parcel.items, parcel.change_ids) == ((LAMP, CHAIR), ())
    assert refusal is OrderCancelled or str(raised.value) == f"The shipment is {status}"


@pytest.mark.parametrize(
    "pieces",
    [
        {LAMP.product_id: 2},
        {UUID(int=9): 1},
        {LAMP.product_id: 1, CHAIR.product_id: 2},
        {LAMP.product_id: 1, UUID(int=9): 1},
    ],
    ids=["more than there are", "another product", "everything", "some of it another product"],
)
def test_a_parcel_holds_what_is_taken_out_and_something_else(pieces):
    parcel = packed(LAMP, CHAIR)

    with pytest.raises(ItemsNotInParcel):
        parcel.take_out(CHANGE, pieces)

    assert (parcel.items, parcel.change_ids) == ((LAMP, CHAIR), ())


def test_of_a_parcel_of_which_nobody_said_what_it_holds_the_change_is_remembered():
    parcel = packed()

    assert parcel.take_out(CHANGE, {LAMP.product_id: 1})
    assert (parcel.items, parcel.change_ids) == ((), (CHANGE,))
