"""What order asks of shipping: a parcel to be drafted, and stopped when its order is cancelled."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from generated.states import ChangeStatus
from services.order.clients import ShippingServiceClient
from services.order.domain import Change, ChangeKind, Item
from services.order.errors import AlreadyDispatched, OrderCancelled
from services.order.tests.conftest import LAMP
from tests.accounts import ASHA
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue, one_of
from tests.pacts.message_consumer import ORDER

HOME = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
AMOUNT = {"amount_cents": 25998, "currency": "EUR"}
LAMPS = {"product_id": LAMP, "title": "Walnut desk lamp", "qty": 2}
DRAFT = {"order_id": ORDER, "user_id": ASHA.id, "user_email": ASHA.email, **HOME, **AMOUNT, "items": [LAMPS]}


async def test_a_parcel_is_drafted(consumer, order):
    await consumer("shipping")(
        "Order drafts the parcel of an order.",
        "draft_shipment",
        lambda client: ShippingServiceClient(client).create_draft(order),
        given={"there is no parcel": {}},
        body=DRAFT,
        response=Response(
            201,
            {
                "id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f002"),
                "order_id": ORDER,
                "status": one_of("PENDING_PAYMENT", "READY_TO_SHIP", "DISPATCHED", "DELIVERED", "CANCELLED"),
                "carrier": None,
                "tracking_number": None,
                **{name: said for name, said in HOME.items() if name != "postcode"},
            },
        ),
    )


async def test_no_parcel_is_drafted_for_a_cancelled_order(consumer, order):
    with pytest.raises(OrderCancelled):
        await consumer("shipping")(
            "Order drafts the parcel of an order that was cancelled.",
            "draft_shipment",
            lambda client: ShippingServiceClient(client).create_draft(order),
            given={"an order was cancelled": {"order_id": ORDER}},
            body=DRAFT,
            response=Response(409, {"type": ExactValue("/problems/order-cancelled")}),
        )


async def test_a_parcel_is_stopped(consumer):
    await consumer("shipping")(
        "Order stops a parcel that has not left.",
        "cancel_shipment",
        lambda client: ShippingServiceClient(client).cancel(ORDER),
        given={"a parcel is drafted": {"order_id": ORDER}},
        body={"order_id": ORDER},
        response=Response(200, {"order_id": ORDER, "status": ExactValue("CANCELLED")}),
    )


async def test_a_parcel_that_has_left_is_not_stopped(consumer):
    with pytest.raises(AlreadyDispatched, match="The shipment is DISPATCHED"):
        await consumer("shipping")(
            "Order stops a parcel that has left.",
            "cancel_shipment",
            lambda client: ShippingServiceClient(client).cancel(ORDER),
            given={"a parcel has left": {"order_id": ORDER}},
            body={"order_id": ORDER},
            response=Response(
                409, {"type": ExactValue("/problems/already-dispatched"), "detail": "The shipment is DISPATCHED"}
            ),
        )


CHANGE = Change(
    UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a101"),
    ChangeKind.CANCELLATION,
    (Item(LAMP, "Walnut desk lamp", 1, 12999),),
    datetime(2026, 1, 5, 12, tzinfo=UTC),
    ChangeStatus.INTENDED,
)
TAKE_OUT = {"order_id": ORDER, "change_id": CHANGE.id, "items": [{"product_id": LAMP, "qty": 1}]}


async def test_pieces_are_taken_out_of_a_parcel(consumer):
    await consumer("shipping")(
        "Order takes a lamp out of a parcel that has not left.",
        "take_out_items",
        lambda client: ShippingServiceClient(client).take_out(ORDER, CHANGE),
        given={"a parcel has two lamps in it": {"order_id": ORDER}},
        body=TAKE_OUT,
        response=Response(200, {"order_id": ORDER, "change_id": CHANGE.id}),
    )


@pytest.mark.parametrize(
    ("state", "problem", "refusal"),
    [
        ("a parcel has left", "already-dispatched", AlreadyDispatched),
        ("an order was cancelled", "order-cancelled", OrderCancelled),
    ],
)
async def test_nothing_is_taken_out_of_a_parcel_that_has_left_or_does_not_leave(consumer, state, problem, refusal):
    with pytest.raises(refusal):
        await consumer("shipping")(
            f"Order takes a lamp out of a parcel, but {state}.",
            "take_out_items",
            lambda client: ShippingServiceClient(client).take_out(ORDER, CHANGE),
            given={state: {"order_id": ORDER}},
            body=TAKE_OUT,
            response=Response(409, {"type": ExactValue(f"/problems/{problem}")}),
        )
