"""The order API, driven through its contract."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest

from services.chassis.refusals import Unavailable
from services.chassis.testing.callers import ADMIN, ASHA, BRAM, key_of
from services.order.domain import Cart, Status
from services.order.errors import OutOfStock, PriceChanged, ProductUnavailable
from services.order.tests.conftest import ANNOUNCED, LAMP, lamps

ADDRESS = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
SHORT = OutOfStock("Walnut desk lamp: 2 wanted, 1 left")


@pytest.fixture(autouse=True)
def carts_of_shoppers(carts):
    carts[ASHA.id] = Cart([lamps()], "EUR")


async def check_out(client, caller=ASHA, key=None, **changed):
    headers = {**caller.headers, **({"Idempotency-Key": key} if key else {})}
    return await client.post("/order/v1/orders/checkout", json={**ADDRESS, **changed}, headers=headers)


async def cancel(client, order_id, caller=ASHA):
    return await client.post(f"/order/v1/orders/{order_id}/cancel", headers=caller.headers)


async def statuses(orders):
    return sorted(order.status for order in await orders.of_shopper(ASHA.id, before=None, most=100))


async def test_a_cart_becomes_an_order_that_waits_for_its_payment(client, inventory, shipments, announced):
    answer = await check_out(client)

    order = answer.json()
    assert answer.status_code == 201
    assert (order["status"], order["total_cents"], order["currency"]) == ("CREATED", 25998, "EUR")
    assert answer.headers["Location"] == f"/order/v1/orders/{order['order_id']}"
    assert inventory.state == {UUID(order["order_id"]): "held"}
    assert shipments.state == {UUID(order["order_id"]): "pending"}
    assert await announced() == ["order.created"]


async def test_the_same_cart_again_is_the_same_order(client, inventory, announced):
    first = await check_out(client)
    again = await check_out(client, city="Utrecht")

    assert again.json() == first.json()
    assert len(inventory.state) == 1
    assert await announced() == ["order.created"]


async def test_ten_checkouts_of_one_cart_at_once_are_one_order(client, inventory, announced):
    answers = await asyncio.gather(*(check_out(client) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["order_id"] for answer in answers}) == len(inventory.state) == 1
    assert await announced() == ["order.created"]


async def test_what_was_added_since_is_ordered_without_what_was_ordered_before(client, carts):
    first = await check_out(client)
    carts[ASHA.id] = Cart([*carts[ASHA.id].lines, lamps(qty=1)], "EUR")

    second = await check_out(client)

    assert second.json()["order_id"] != first.json()["order_id"]
    assert second.json()["total_cents"] == 12999


async def test_two_additions_of_a_product_are_ordered_each_and_shown_as_one(client, carts, database):
    first, again = lamps(2), lamps(1)
    carts[ASHA.id] = Cart([first, again], "EUR")

    placed = (await check_out(client)).json()

    assert [(item["product_id"], item["qty"]) for item in placed["items"]] == [(str(LAMP), 3)]
    (event,) = [json.loads(bytes(row["value"])) for row in await database.fetch_all(ANNOUNCED)]
    assert [item["line_id"] for item in event["data"]["items"]] == [str(first.line_id), str(again.line_id)]


async def test_an_empty_cart_is_refused_and_nothing_is_set_aside(client, carts, orders, inventory, announced):
    carts[ASHA.id] = Cart((), None)

    answer = await check_out(client)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/cart-is-empty")
    assert (await statuses(orders), inventory.state, await announced()) == ([], {}, [])


async def test_the_cart_of_a_cancelled_order_is_as_good_as_empty(client, orders):
    placed = await check_out(client)
    await cancel(client, placed.json()["order_id"])

    answer = await check_out(client)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/cart-is-empty")
    assert await statuses(orders) == ["CANCELLED"]


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (SHORT, {"type": "/problems/out-of-stock", "detail": "Walnut desk lamp: 2 wanted, 1 left"}),
        (ProductUnavailable("Walnut desk lamp"), {"type": "/problems/product-unavailable"}),
        (
            PriceChanged(
                [
                    {
                        "product_id": str(LAMP),
                        "title": "Walnut desk lamp",
                        "old_price_cents": 12999,
                        "new_price_cents": 14999,
                    }
                ]
            ),
            {"type": "/problems/price-changed"},
        ),
    ],
    ids=["out of stock", "not sold any more", "another price"],
)
async def test_a_refused_order_is_rejected_and_everybody_is_told_to_let_go(
    client, orders, inventory, announced, refusal, told
):
    inventory.refusal = refusal

    answer = await check_out(client)

    assert answer.status_code == 409
    assert told.items() <= answer.json().items()
    assert inventory.state == {}
    assert await statuses(orders) == ["REJECTED"]
    assert await announced() == ["order.cancelled rejected"]


async def test_a_cart_that_was_refused_can_be_ordered_when_there_is_stock_again(client, inventory, orders):
    inventory.refusal = SHORT
    await check_out(client)
    inventory.refusal = None

    answer = await check_out(client)

    assert answer.status_code == 201
    assert await statuses(orders) == ["CREATED", "REJECTED"]


async def test_the_old_price_and_the_new_one_are_told(client, inventory):
    line = {"product_id": str(LAMP), "title": "Walnut desk lamp", "old_price_cents": 12999, "new_price_cents": 14999}
    inventory.refusal = PriceChanged([line])

    answer = await check_out(client)

    assert answer.json()["lines"] == [line]


async def test_a_price_is_honoured_for_a_day_and_must_hold_after_that(client, carts, inventory):
    fresh = await check_out(client)
    carts[BRAM.id] = Cart([lamps(added=timedelta(hours=25))], "EUR")
    old = await check_out(client, BRAM)

    assert inventory.must_hold == {UUID(fresh.json()["order_id"]): set(), UUID(old.json()["order_id"]): {LAMP}}


async def test_while_shipping_is_away_nothing_is_ordered_and_the_same_order_goes_on_later(
    client, shipments, orders, announced
):
    shipments.trouble = Unavailable()

    refused = await check_out(client)

    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert await statuses(orders) == ["PENDING"]
    assert await announced() == []
    shipments.trouble = None
    assert (await check_out(client)).status_code == 201
    assert await statuses(orders) == ["CREATED"]


async def test_a_checkout_that_was_given_up_meanwhile_is_refused(client, shipments, sweep, orders, announced):
    async def overtaken(order):
        await sweep()

    shipments.draft = overtaken

    answer = await check_out(client)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/checkout-given-up")
    assert await statuses(orders) == ["REJECTED"]
    assert await announced() == ["order.cancelled given-up"]


async def test_the_same_key_is_answered_the_same_also_after_the_order_went_on(client, carts, subscribers, announced):
    first = await check_out(client, key="asha-1")
    carts[ASHA.id] = Cart([lamps()], "EUR")

    again = await check_out(client, key="asha-1")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert await announced() == ["order.created"]


async def test_a_refusal_is_answered_the_same_too(client, inventory, announced):
    inventory.refusal = SHORT
    first = await check_out(client, key="asha-1")
    inventory.refusal = None

    again = await check_out(client, key="asha-1")

    assert (again.status_code, again.json()) == (409, first.json())
    assert await announced() == ["order.cancelled rejected"]


async def test_a_key_with_another_request_is_refused_and_changes_nothing(client, orders, announced):
    await check_out(client, key="asha-1")

    answer = await check_out(client, key="asha-1", city="Utrecht")

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert await statuses(orders) == ["CREATED"]
    assert await announced() == ["order.created"]


async def test_keys_of_different_shoppers_have_nothing_to_do_with_each_other(client, carts):
    carts[BRAM.id] = Cart([lamps()], "EUR")

    asha, bram = await check_out(client, key="the-same"), await check_out(client, BRAM, key="the-same")

    assert asha.json()["order_id"] != bram.json()["order_id"]


async def test_a_key_is_refused_while_its_first_request_is_being_served(client, inventory, orders):
    entered, let_go = asyncio.Event(), asyncio.Event()
    reserve = inventory.reserve

    async def slowly(order, must_hold):
        entered.set()
        await let_go.wait()
        await reserve(order, must_hold)

    inventory.reserve = slowly
    first = asyncio.create_task(check_out(client, key="asha-1"))
    await entered.wait()

    second = await check_out(client, key="asha-1")
    let_go.set()

    assert (second.status_code, second.json()["type"]) == (409, "/problems/idempotency-key-in-use")
    assert (await first).status_code == 201
    assert await statuses(orders) == ["CREATED"]


async def test_a_key_whose_request_could_not_be_served_goes_on_with_the_same_order(client, shipments, orders):
    shipments.trouble = Unavailable()
    await check_out(client, key="asha-1")
    shipments.trouble = None

    answer = await check_out(client, key="asha-1")

    assert answer.status_code == 201
    assert await statuses(orders) == ["CREATED"]


async def test_a_hundred_identical_requests_with_ten_keys_are_one_order(client, orders):
    answers = await asyncio.gather(*(check_out(client, key=f"asha-{n % 10}") for n in range(100)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["order_id"] for answer in answers if answer.status_code == 201}) == 1
    assert await statuses(orders) == ["CREATED"]


async def test_shoppers_list_their_own_orders_page_by_page_the_newest_first(client, an_order):
    made = [str((await an_order()).id) for _ in range(5)]

    seen, cursor = [], None
    while True:
        page = await client.get(
            "/order/v1/orders", params={"limit": 2, **({"cursor": cursor} if cursor else {})}, headers=ASHA.headers
        )
        seen.append([order["id"] for order in page.json()["items"]])
        if (cursor := page.json()["next_cursor"]) is None:
            break

    assert seen == [[made[4], made[3]], [made[2], made[1]], [made[0]]]
    bram = await client.get("/order/v1/orders", headers=BRAM.headers)
    assert bram.json() == {"items": [], "next_cursor": None}


async def test_somebody_elses_order_looks_like_a_missing_one(client, an_order, orders):
    theirs, missing = (await an_order()).id, UUID(int=9)

    for path in ("", "/cancel"):
        method = "POST" if path else "GET"
        foreign = await client.request(method, f"/order/v1/orders/{theirs}{path}", headers=BRAM.headers)
        nothing = await client.request(method, f"/order/v1/orders/{missing}{path}", headers=BRAM.headers)
        assert (foreign.status_code, foreign.content) == (nothing.status_code, nothing.content)
        assert foreign.status_code == 404

    assert await statuses(orders) == ["CREATED"]
    assert (await client.get(f"/order/v1/orders/{theirs}", headers=ADMIN.headers)).json()["id"] == str(theirs)


@pytest.mark.parametrize("status", list(Status))
async def test_payment_learns_whose_an_order_is_what_it_costs_and_where_it_stands(client, an_order, status):
    order = await an_order(status)

    async def payable(order_id):
        return await client.get(f"/order/v1/orders/{order_id}/payable", headers=key_of("payment"))

    assert (await payable(order.id)).json() == {
        "order_id": str(order.id),
        "user_id": str(ASHA.id),
        "user_email": ASHA.email,
        "status": status,
        "amount_cents": 25998,
        "currency": "EUR",
    }
    assert (await payable(UUID(int=9))).status_code == 404


async def test_an_unpaid_order_is_cancelled_after_its_payment_was_voided(client, an_order, payments, announced):
    order = await an_order()

    first, again = await cancel(client, order.id), await cancel(client, order.id)

    assert first.json()["status"] == again.json()["status"] == "CANCELLED"
    assert first.json()["cancel_reason"] == "requested"
    assert payments.state == {order.id: "voided"}
    assert await announced() == ["order.cancelled requested"]


@pytest.mark.parametrize("status", [Status.PAID, Status.CREATED], ids=["heard of", "not heard of yet"])
async def test_a_paid_order_is_cancelled_after_its_parcel_was_stopped(
    client, an_order, payments, shipments, announced, status
):
    order = await an_order(status)
    payments.state[order.id] = "succeeded"

    answer = await cancel(client, order.id)

    assert answer.json()["status"] == "CANCELLED"
    assert shipments.state == {order.id: "cancelled"}
    assert await announced() == ["order.cancelled requested"]


async def test_an_order_whose_parcel_has_left_is_not_cancelled(client, an_order, shipments, orders, announced):
    order = await an_order(Status.PAID)
    shipments.state[order.id] = "dispatched"

    answer = await cancel(client, order.id)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-dispatched")
    assert answer.json()["detail"] == "The shipment is DISPATCHED"
    kept = await orders.find(order.id)
    assert (kept.status, kept.cancelling) == (Status.PAID, False)
    assert await announced() == []


async def test_an_order_whose_checkout_has_not_ended_is_not_cancelled(client, an_order, orders, announced):
    order = await an_order(Status.PENDING)

    answer = await cancel(client, order.id)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/checkout-in-progress")
    assert await statuses(orders) == ["PENDING"]
    assert await announced() == []


async def test_an_intent_survives_when_payment_is_away(client, an_order, payments, orders, announced):
    order = await an_order()
    payments.trouble = Unavailable()

    answer = await cancel(client, order.id)

    assert answer.status_code == 503
    kept = await orders.find(order.id)
    assert (kept.status, kept.cancelling) == (Status.CREATED, True)
    assert await announced() == []
