"""What the storefront asks of shipping: what has become of an order's parcel, and to note it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from generated.clients.shipping import ShipmentNotFound, ShipmentNotReady
from generated.models.shipping import Dispatch, ShipmentStatus
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue
from tests.pacts.message_consumer import ORDER

PARCEL_ID = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f002")
GALWAY = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE"}
READY = {"carrier": None, "tracking_number": None, **GALWAY}
LAMPS = {"product_id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"), "title": "Walnut desk lamp", "qty": 2}
LEFT = {"carrier": "An Post", "tracking_number": "AP123456789IE"}
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


async def test_an_order_has_a_parcel_with_a_number(consumer):
    parcel = {
        "id": PARCEL_ID,
        "order_id": ORDER,
        "status": ExactValue("DISPATCHED"),
        **LEFT,
        **GALWAY,
    }
    shipments = await consumer("shipping")(
        "The storefront asks for the parcel of an order.",
        "list_shipments",
        lambda client: client.list_shipments(order_id=ORDER, token="theirs"),
        query={"order_id": str(ORDER)},
        given={"a parcel has left": {"order_id": ORDER}},
        response=Response(200, [parcel]),
    )

    assert [(it.carrier, it.tracking_number) for it in shipments] == [("An Post", "AP123456789IE")]


async def test_parcels_to_pack_are_listed(consumer):
    parcel = {
        "id": PARCEL_ID,
        "order_id": ORDER,
        "status": ExactValue("READY_TO_SHIP"),
        **READY,
        "user_email": "asha@example.com",
        "created_at": NOON,
    }
    page = await consumer("shipping")(
        "The storefront asks for the parcels to pack.",
        "list_all_shipments",
        lambda client: client.list_all_shipments(status=ShipmentStatus.READY_TO_SHIP, limit=25, token="an admin's"),
        query={"status": "READY_TO_SHIP", "limit": "25"},
        given={"a parcel is ready": {"order_id": ORDER}},
        response=Response(200, {"items": [parcel], "next_cursor": None}),
    )

    assert [one.id for one in page.items] == [PARCEL_ID]


async def test_a_parcel_says_where_it_goes(consumer):
    parcel = await consumer("shipping")(
        "The storefront asks for a parcel.",
        "get_shipment",
        lambda client: client.get_shipment(shipment_id=PARCEL_ID, token="an admin's"),
        path={"shipment_id": PARCEL_ID},
        given={"a parcel is ready": {"order_id": ORDER, "shipment_id": PARCEL_ID}},
        as_admin=True,
        response=Response(
            200, {"id": PARCEL_ID, "order_id": ORDER, "status": ExactValue("READY_TO_SHIP"), **READY, "items": [LAMPS]}
        ),
    )

    assert (parcel.city, [line.qty for line in parcel.items]) == ("Galway", [2])


async def test_a_parcel_that_there_is_not_is_not_shown(consumer):
    with pytest.raises(ShipmentNotFound):
        await consumer("shipping")(
            "The storefront asks for a parcel that there is not.",
            "get_shipment",
            lambda client: client.get_shipment(shipment_id=PARCEL_ID, token="an admin's"),
            path={"shipment_id": PARCEL_ID},
            given={"there is no parcel": {}},
            as_admin=True,
            response=Response(404, {"type": ExactValue("/problems/shipment-not-found")}),
        )


@pytest.mark.parametrize(
    ("description", "operation", "state", "said", "status"),
    [
        ("notes that a parcel has left", "dispatch_shipment", "a parcel is ready", LEFT, "DISPATCHED"),
        ("puts the number of a parcel right", "correct_shipment", "a parcel has left", LEFT, "DISPATCHED"),
        ("notes that a parcel has arrived", "deliver_shipment", "a parcel has left", None, "DELIVERED"),
    ],
)
async def test_a_parcel_is_looked_after(consumer, description, operation, state, said, status):
    body = {"body": Dispatch(**said)} if said else {}
    parcel = await consumer("shipping")(
        f"The storefront {description}.",
        operation,
        lambda client: getattr(client, operation)(shipment_id=PARCEL_ID, token="an admin's", **body),
        path={"shipment_id": PARCEL_ID},
        given={state: {"order_id": ORDER, "shipment_id": PARCEL_ID}},
        body={name: ExactValue(value) for name, value in said.items()} if said else None,
        response=Response(200, {"id": PARCEL_ID, "order_id": ORDER, "status": ExactValue(status), **LEFT, **GALWAY}),
    )

    assert parcel.status == status


async def test_a_parcel_that_is_not_paid_for_does_not_leave(consumer):
    with pytest.raises(ShipmentNotReady):
        await consumer("shipping")(
            "The storefront notes that a parcel has left which is not paid for.",
            "dispatch_shipment",
            lambda client: client.dispatch_shipment(shipment_id=PARCEL_ID, body=Dispatch(**LEFT), token="an admin's"),
            path={"shipment_id": PARCEL_ID},
            given={"a parcel is drafted": {"order_id": ORDER, "shipment_id": PARCEL_ID}},
            body={name: ExactValue(value) for name, value in LEFT.items()},
            response=Response(409, {"type": ExactValue("/problems/shipment-not-ready")}),
        )
