"""What the storefront asks of shipping: what has become of an order's parcel."""

from uuid import UUID

from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue
from tests.pacts.message_consumer import ORDER


async def test_an_order_has_a_parcel_with_a_number(consumer):
    parcel = {
        "id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f002"),
        "order_id": ORDER,
        "status": ExactValue("DISPATCHED"),
        "carrier": "An Post",
        "tracking_number": "AP123456789IE",
        "address_line1": "12 Quay Street",
        "city": "Galway",
        "country": "IE",
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
