"""The checkout, driven through its contract: it is for what the cart holds and the address given now."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.testing.problems import assert_problem, problem_of
from chassis.web.problems import Unavailable
from generated.states import OrderStatus
from services.money import Money
from services.order.domain import CancelReason, Cart
from services.order.errors import OutOfStock, PriceChanged, ProductUnavailable
from services.order.tests.conftest import LAMP, a_line, lamps
from tests.accounts import ASHA, BRAM

OLD_ROAD = {"address_line1": "1 Old Road", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
NEW_STREET = {**OLD_ROAD, "address_line1": "2 New Street"}
SHORT = OutOfStock("Walnut desk lamp: 2 wanted, 1 left")
DEARER = {
    "product_id": str(LAMP), "title": "Walnut desk lamp", "old_price_cents": 12999, "new_price_cents": 14999,
    "old_currency": "EUR", "new_currency": "EUR",
}  # fmt: skip
REFUSALS = pytest.mark.parametrize(
    ("refusal", "problem"),
    [
        (SHORT, {"type": "/problems/out-of-stock", "detail": "Walnut desk lamp: 2 wanted, 1 left"}),
        (ProductUnavailable("Walnut desk lamp"), {"type": "/problems/product-unavailable"}),
        (PriceChanged([DEARER]), {"type": "/problems/price-changed", "lines": [DEARER]}),
    ],
    ids=["out of stock", "not sold any more", "another price"],
)


@pytest.fixture(autouse=True)
def two_lamps_in_the_cart(carts):
    carts.put(ASHA.id, lamps())


VERIFIED_ASHA = replace(ASHA, email_verified=True)


@pytest.fixture
def check_out(client):
    async def check_out(address=OLD_ROAD, caller=ASHA, key=None):
        headers = {**caller.headers, **({"Idempotency-Key": key} if key else {})}
        return await client.post("/order/v1/orders/checkout", json=address, headers=headers)

    return check_out


def titles(response):
    return sorted(item["title"] for item in response.json()["items"])


async def test_a_cart_becomes_an_order_that_waits_for_its_payment(check_out, inventory, shipments, read_outbox_types):
    response = await check_out()

    order = response.json()
    assert response.status_code == 201
    assert (order["status"], order["total_cents"], order["currency"]) == ("CREATED", 25998, "EUR")
    assert OLD_ROAD.items() <= order.items()
    assert response.headers["Location"] == f"/order/v1/orders/{order['order_id']}"
    assert inventory.state == {UUID(order["order_id"]): "held"}
    assert shipments.state == {UUID(order["order_id"]): "pending"}
    assert await read_outbox_types() == ["order.created"]


# --- What is asked for


async def test_the_same_cart_to_the_same_address_again_is_the_same_order(check_out, inventory, read_outbox_types):
    first = await check_out()
    again = await check_out()

    assert again.json() == first.json()
    assert len(inventory.state) == 1
    assert await read_outbox_types() == ["order.created"]


async def test_what_is_ordered_already_is_not_ordered_to_another_address(check_out, statuses, read_outbox_types):
    first = await check_out()

    response = await check_out(NEW_STREET)

    assert_problem(response, 409, "order-exists")
    assert response.json()["order_id"] == first.json()["order_id"]
    assert (await statuses(), await read_outbox_types()) == (["CREATED"], ["order.created"])


async def test_what_was_removed_after_a_503_is_not_ordered(check_out, carts, shipments, orders, read_outbox_types):
    lamp, television = lamps(qty=1), a_line("Television", 49900)
    carts.put(ASHA.id, lamp, television)
    shipments.trouble = Unavailable()
    assert (await check_out()).status_code == 503
    shipments.trouble = None
    carts.put(ASHA.id, lamp)

    response = await check_out()

    assert (response.status_code, titles(response)) == (201, ["Walnut desk lamp"])
    assert await read_outbox_types() == ["order.cancelled given-up", "order.created"]


async def test_what_the_order_given_up_holds_is_for_the_one_placed_instead(check_out, shipments, inventory):
    shipments.trouble = Unavailable()
    await check_out(OLD_ROAD)
    await check_out(NEW_STREET)
    shipments.trouble = None

    response = await check_out(NEW_STREET)

    held = UUID(response.json()["order_id"])
    assert inventory.state.pop(held) == "held"
    assert list(inventory.state.values()) == ["released"]


async def test_what_was_added_after_a_503_is_ordered_too(check_out, carts, shipments):
    lamp = lamps(qty=1)
    carts.put(ASHA.id, lamp)
    shipments.trouble = Unavailable()
    await check_out()
    shipments.trouble = None
    carts.put(ASHA.id, lamp, a_line("Bulb", 599))

    response = await check_out()

    assert (response.status_code, titles(response)) == (201, ["Bulb", "Walnut desk lamp"])


async def test_another_address_after_a_503_is_where_the_parcel_goes(check_out, shipments, orders, statuses):
    shipments.trouble = Unavailable()
    await check_out(OLD_ROAD)
    shipments.trouble = None

    response = await check_out(NEW_STREET)

    order = await orders.find(UUID(response.json()["order_id"]))
    assert (response.status_code, response.json()["address_line1"]) == (201, "2 New Street")
    assert order.details.address_line1 == "2 New Street"
    assert await statuses() == ["CREATED", "REJECTED"]


async def test_another_price_after_a_503_is_another_order(check_out, carts, shipments, statuses):
    line = lamps()
    carts.put(ASHA.id, line)
    shipments.trouble = Unavailable()
    await check_out()
    shipments.trouble = None
    carts.put(ASHA.id, a_line(line.title, 9999, qty=2, line_id=line.line_id))

    response = await check_out()

    assert (response.status_code, response.json()["total_cents"]) == (201, 2 * 9999)
    assert await statuses() == ["CREATED", "REJECTED"]


async def test_a_repeat_after_a_503_continues_with_the_same_order(check_out, shipments, statuses, read_outbox_types):
    shipments.trouble = Unavailable()

    refused = await check_out()

    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert (await statuses(), await read_outbox_types()) == (["PENDING"], [])
    shipments.trouble = None
    assert (await check_out()).status_code == 201
    assert await statuses() == ["CREATED"]


async def test_what_was_added_since_is_ordered_without_what_was_ordered_before(check_out, carts):
    first = await check_out()
    carts.put(ASHA.id, *carts[ASHA.id].lines, lamps(qty=1))

    second = await check_out()

    assert second.json()["order_id"] != first.json()["order_id"]
    assert second.json()["total_cents"] == 12999


async def test_pieces_taken_out_after_the_order_was_placed_do_not_make_it_the_answer(check_out, carts, statuses):
    line = lamps(qty=2)
    carts.put(ASHA.id, line)
    first = await check_out()
    carts.put(ASHA.id, a_line(line.title, 12999, qty=1, line_id=line.line_id))

    response = await check_out()

    assert_problem(response, 409, "order-exists")
    assert response.json()["order_id"] == first.json()["order_id"]
    assert await statuses() == ["CREATED"]


async def test_the_last_of_two_orders_from_one_cart_is_the_answer(check_out, carts):
    await check_out()
    carts.put(ASHA.id, *carts[ASHA.id].lines, lamps(qty=1))
    second = await check_out()

    again = await check_out()

    assert (again.status_code, again.json()) == (201, second.json())


async def test_two_additions_of_a_product_are_ordered_each_and_shown_as_one(check_out, carts, read_outbox):
    first, again = lamps(2), lamps(1)
    carts.put(ASHA.id, first, again)

    placed = (await check_out()).json()

    assert [(item["product_id"], item["qty"]) for item in placed["items"]] == [(str(LAMP), 3)]
    (event,) = await read_outbox()
    assert [item["line_id"] for item in event["data"]["items"]] == [str(first.line_id), str(again.line_id)]


async def test_an_empty_cart_is_refused_and_nothing_is_set_aside(
    check_out, carts, statuses, inventory, read_outbox_types
):
    carts.put(ASHA.id)

    response = await check_out()

    assert_problem(response, 409, "cart-is-empty")
    assert (await statuses(), inventory.state, await read_outbox_types()) == ([], {}, [])


async def test_a_refusal_leaves_an_unfinished_checkout_alone(check_out, carts, shipments, statuses, read_outbox_types):
    shipments.trouble = Unavailable()
    await check_out()
    carts.put(ASHA.id)

    response = await check_out()

    assert_problem(response, 409, "cart-is-empty")
    assert (await statuses(), await read_outbox_types()) == (["PENDING"], [])


async def test_the_cart_of_a_cancelled_order_is_not_ordered_again(check_out, cancellation, statuses):
    placed = await check_out()
    await cancellation.request(UUID(placed.json()["order_id"]))

    response = await check_out()

    assert_problem(response, 409, "order-exists")
    assert response.json()["order_id"] == placed.json()["order_id"]
    assert await statuses() == ["CANCELLED"]


async def test_a_checkout_that_meets_an_order_from_a_later_cart_reads_the_cart_again(check_out, carts, inventory):
    line, added = lamps(qty=1), lamps(qty=1)
    carts.put(ASHA.id, line)
    old = carts[ASHA.id]
    carts.put(ASHA.id, added)
    await check_out()
    carts.put(ASHA.id, added, a_line("Bulb", 599))
    now, reads = carts[ASHA.id], [old]

    async def of(user_id):
        return reads.pop() if reads else now

    carts.get_cart = of
    response = await check_out()

    assert (response.status_code, titles(response)) == (201, ["Bulb"])


async def test_a_cart_that_lost_its_revision_is_accepted_when_it_is_read_again(check_out, carts):
    await check_out()
    carts[ASHA.id] = Cart([a_line("Bulb", 599)], "EUR", 0)

    response = await check_out()

    assert (response.status_code, titles(response)) == (201, ["Bulb"])


# --- Races


async def test_ten_checkouts_of_one_cart_at_once_are_one_order(check_out, inventory, read_outbox_types):
    responses = await asyncio.gather(*(check_out() for _ in range(10)))

    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["order_id"] for response in responses}) == len(inventory.state) == 1
    assert await read_outbox_types() == ["order.created"]


async def test_checkouts_to_two_addresses_at_once_are_one_order_to_one_of_them(check_out, statuses, read_outbox_types):
    responses = await asyncio.gather(*(check_out(address) for address in (OLD_ROAD, NEW_STREET) * 5))

    placed = {(response.json()["order_id"], response.json()["address_line1"]) for response in responses if
              response.status_code == 201}  # fmt: skip
    assert len(placed) == 1
    assert {problem_of(response)[1] for response in responses if response.status_code != 201} <= {
        "order-exists",
        "checkout-given-up",
    }
    assert (await statuses()).count("CREATED") == 1
    assert (await read_outbox_types()).count("order.created") == 1


async def test_a_checkout_overtaken_by_another_address_is_given_up_and_says_so(check_out, inventory, orders, statuses):
    reserve = inventory.reserve

    async def overtaken(order, honoured):
        inventory.reserve = reserve
        assert (await check_out(NEW_STREET)).status_code == 201
        inventory.state[order.id] = "released"
        return await reserve(order, honoured)

    inventory.reserve = overtaken

    response = await check_out(OLD_ROAD)

    assert_problem(response, 409, "checkout-given-up")
    assert await statuses() == ["CREATED", "REJECTED"]


async def test_a_checkout_that_was_given_up_meanwhile_is_refused(
    check_out, shipments, sweep, statuses, read_outbox_types
):
    async def overtaken(order):
        await sweep()

    shipments.create_draft = overtaken

    response = await check_out()

    assert_problem(response, 409, "checkout-given-up")
    assert await statuses() == ["REJECTED"]
    assert await read_outbox_types() == ["order.cancelled given-up"]


async def test_who_learns_that_it_is_sold_out_after_the_order_was_confirmed_answers_with_the_order(
    check_out, checkout, inventory, orders, statuses, read_outbox_types
):
    reserve = inventory.reserve

    async def overtaken(order, honoured):
        inventory.reserve = reserve
        await checkout.finish(await orders.find(order.id))
        raise SHORT

    inventory.reserve = overtaken

    response = await check_out()

    assert (response.status_code, response.json()["status"]) == (201, "CREATED")
    assert (await statuses(), await read_outbox_types()) == (["CREATED"], ["order.created"])


async def test_who_learns_that_it_is_sold_out_after_it_was_given_up_says_what_the_order_says(
    check_out, inventory, sweep, statuses
):
    async def overtaken(order, honoured):
        await sweep()
        raise SHORT

    inventory.reserve = overtaken

    response = await check_out()

    assert_problem(response, 409, "checkout-given-up")
    assert await statuses() == ["REJECTED"]


# --- Refusals


@REFUSALS
async def test_what_can_be_refused_beforehand_leaves_nothing_behind(
    check_out, inventory, shipments, statuses, read_outbox_types, refusal, problem
):
    inventory.foreseen = refusal

    response = await check_out()

    assert response.status_code == 409
    assert problem.items() <= response.json().items()
    assert (await statuses(), await read_outbox_types()) == ([], [])
    assert (inventory.state, shipments.state) == ({}, {})


async def test_what_the_shoppers_own_unfinished_order_holds_is_not_out_of_stock(check_out, inventory, shipments):
    shipments.trouble = Unavailable()
    await check_out()
    shipments.trouble, inventory.foreseen = None, SHORT

    assert (await check_out()).status_code == 201


async def test_what_the_shopper_has_ordered_already_is_not_out_of_stock(check_out, inventory):
    first = await check_out()
    inventory.foreseen = SHORT

    again = await check_out()

    assert (again.status_code, again.json()) == (201, first.json())


@REFUSALS
async def test_a_refused_reservation_rejects_the_order_and_publishes_its_cancellation(
    check_out, inventory, statuses, read_outbox_types, refusal, problem
):
    inventory.refusal = refusal

    response = await check_out()

    assert response.status_code == 409
    assert problem.items() <= response.json().items()
    assert inventory.state == {}
    assert await statuses() == ["REJECTED"]
    assert await read_outbox_types() == ["order.cancelled rejected"]


@REFUSALS
async def test_a_rejected_order_keeps_why(checkout, an_order, orders, refusal, problem):
    order = await an_order(OrderStatus.PENDING)
    await checkout.abandon(order.id, CancelReason.REJECTED, refusal)

    kept = (await orders.find(order.id)).refusal

    assert type(kept) is type(refusal)
    assert (kept.args, vars(kept)) == (refusal.args, vars(refusal))


async def test_a_cart_that_was_refused_can_be_ordered_when_there_is_stock_again(check_out, inventory, statuses):
    inventory.refusal = SHORT
    await check_out()
    inventory.refusal = None

    assert (await check_out()).status_code == 201
    assert await statuses() == ["CREATED", "REJECTED"]


async def test_the_price_of_each_addition_is_honoured_for_a_day(check_out, carts, inventory):
    old, fresh = lamps(added=timedelta(hours=25)), lamps(added=timedelta(hours=23))
    carts.put(BRAM.id, old, fresh)

    placed = await check_out(caller=BRAM)

    assert inventory.honoured == {UUID(placed.json()["order_id"]): {fresh.line_id}}


async def test_what_has_become_cheaper_is_charged_at_its_new_price_and_nothing_else_is(
    check_out, carts, inventory, orders, read_outbox
):
    dear, cheap, shade = lamps(), replace(lamps(1), unit_price_cents=9000), a_line("Linen shade", 3900)
    carts.put(BRAM.id, dear, cheap, shade)
    inventory.prices = {LAMP: 10000, shade.product_id: 5000}

    placed = (await check_out(caller=BRAM)).json()

    order = await orders.find(UUID(placed["order_id"]))
    charged = [(2, 10000), (1, 9000), (1, 3900)]
    assert [(line.qty, line.unit_price_cents) for line in order.lines] == charged
    assert [(item["qty"], item["unit_price_cents"]) for item in placed["items"]] == charged
    (event,) = await read_outbox()
    created = event["data"]
    assert [(item["qty"], item["unit_price_cents"]) for item in created["items"]] == charged
    assert placed["total_cents"] == order.total_cents == created["amount_cents"] == 32900


async def test_a_checkout_that_ended_before_it_was_confirmed_goes_on_at_the_prices_of_its_reservation(
    check_out, inventory, shipments
):
    inventory.prices = {LAMP: 10000}
    shipments.trouble = Unavailable()
    assert (await check_out()).status_code == 503
    shipments.trouble, inventory.prices = None, {LAMP: 14999}

    placed = (await check_out()).json()
    again = (await check_out()).json()

    assert placed["total_cents"] == again["total_cents"] == 20000


@pytest.mark.parametrize("died", [False, True], ids=["at once", "after it died behind the draft"])
async def test_the_parcel_is_drafted_for_what_is_charged_however_often_its_checkout_is_tried(
    check_out, inventory, shipments, orders, died
):
    inventory.prices = {LAMP: 10000}
    if died:
        draft = shipments.create_draft

        async def dies(order):
            await draft(order)
            raise Died

        shipments.create_draft = dies
        with pytest.raises(Died):
            await check_out()
        shipments.create_draft, inventory.prices = draft, {LAMP: 9000}

    placed = (await check_out()).json()

    order = await orders.find(UUID(placed["order_id"]))
    assert shipments.amounts == {order.id: order.total} == {order.id: Money(20000, "EUR")}


async def test_a_refusal_names_the_currencies_too(check_out, inventory, statuses):
    inventory.refusal = PriceChanged([{**DEARER, "new_currency": "USD"}])

    response = await check_out()

    assert_problem(response, 409, "price-changed")
    assert [(line["old_currency"], line["new_currency"]) for line in response.json()["lines"]] == [("EUR", "USD")]


async def test_orders_that_cost_nothing_do_not_count_as_unpaid(check_out, an_order):
    for _ in range(5):
        await an_order(price=0)

    response = await check_out(caller=VERIFIED_ASHA)

    assert response.status_code == 201


async def test_a_sixth_unpaid_order_is_refused_and_nothing_is_written(
    check_out, carts, an_order, inventory, statuses, read_outbox_types
):
    for _ in range(5):
        await an_order()

    response = await check_out()

    assert_problem(response, 409, "too-many-unpaid-orders")
    assert (await statuses(), await read_outbox_types(), inventory.state) == (["CREATED"] * 5, [], {})


@pytest.mark.parametrize(
    "status", [OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.REJECTED]
)
async def test_orders_that_await_no_payment_keep_nobody_from_another(check_out, an_order, status):
    for _ in range(4):
        await an_order()
    await an_order(status)

    assert (await check_out(caller=VERIFIED_ASHA)).status_code == 201


async def test_unpaid_orders_of_others_keep_nobody_from_another(check_out, carts, an_order):
    for _ in range(5):
        await an_order()
    carts.put(BRAM.id, lamps())

    assert (await check_out(caller=BRAM)).status_code == 201


async def test_however_many_check_out_at_once_no_more_than_five_orders_await_payment(
    check_out, carts, statuses, an_order
):
    for _ in range(4):
        await an_order()

    async def add_and_check_out():
        carts.put(ASHA.id, *carts[ASHA.id].lines, lamps(qty=1))
        return await check_out()

    responses = await asyncio.gather(*(add_and_check_out() for _ in range(6)))

    assert 201 in {response.status_code for response in responses}
    assert (await statuses()).count("CREATED") == 5


# --- Keys


async def test_the_same_key_is_answered_the_same_also_after_the_order_went_on(
    check_out, carts, subscribers, cancellation, read_outbox_types
):
    first = await check_out(key="asha-1")
    carts.put(ASHA.id, lamps())
    await cancellation.request(UUID(first.json()["order_id"]))

    again = await check_out(key="asha-1")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert await read_outbox_types() == ["order.created", "order.cancelled requested"]


@pytest.mark.parametrize("where", ["foreseen", "refusal"])
async def test_a_refusal_is_answered_the_same_too(check_out, inventory, read_outbox_types, where):
    setattr(inventory, where, SHORT)
    first = await check_out(key="asha-1")
    setattr(inventory, where, None)

    again = await check_out(key="asha-1")

    assert (again.status_code, again.json()) == (409, first.json())
    assert "order.created" not in await read_outbox_types()


async def test_a_key_in_quotes_is_the_same_key(check_out):
    first = await check_out(key="asha-1")

    again = await check_out(key='"asha-1"')

    assert again.content == first.content


async def test_a_key_with_another_request_is_refused_and_changes_nothing(check_out, statuses, read_outbox_types):
    await check_out(key="asha-1")

    response = await check_out(NEW_STREET, key="asha-1")

    assert_problem(response, 422, "idempotency-key-reused")
    assert (await statuses(), await read_outbox_types()) == (["CREATED"], ["order.created"])


async def test_keys_of_different_shoppers_have_nothing_to_do_with_each_other(check_out, carts):
    carts.put(BRAM.id, lamps())

    asha, bram = await check_out(key="the-same"), await check_out(caller=BRAM, key="the-same")

    assert asha.json()["order_id"] != bram.json()["order_id"]


async def test_a_retry_during_its_first_request_continues_with_its_order_at_once(check_out, inventory, statuses):
    entered, released = asyncio.Event(), asyncio.Event()
    reserve = inventory.reserve

    async def slow(order, honoured):
        inventory.reserve = reserve
        entered.set()
        await released.wait()
        return await reserve(order, honoured)

    inventory.reserve = slow
    first = asyncio.create_task(check_out(key="asha-1"))
    await entered.wait()

    second = await check_out(key="asha-1")
    released.set()

    assert second.status_code == 201
    assert (await first).content == second.content
    assert await statuses() == ["CREATED"]


class Died(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("where", ["reserve", "create_draft"])
async def test_a_retry_continues_at_once_after_a_crash(checkout, check_out, inventory, shipments, statuses, where):
    port = inventory if where == "reserve" else shipments
    whole = getattr(port, where)

    async def dies(*_):
        raise Died

    setattr(port, where, dies)
    with pytest.raises(Died):
        await check_out(key="asha-1")
    setattr(port, where, whole)

    response = await check_out(key="asha-1")

    assert response.status_code == 201
    assert await statuses() == ["CREATED"]


async def test_a_key_of_a_failed_request_continues_with_the_same_order(check_out, carts, shipments, statuses):
    shipments.trouble = Unavailable()
    await check_out(key="asha-1")
    shipments.trouble = None
    carts.put(ASHA.id)

    response = await check_out(key="asha-1")

    assert response.status_code == 201
    assert await statuses() == ["CREATED"]


async def test_a_retry_of_what_was_given_up_for_another_checkout_is_told_so(check_out, shipments, statuses):
    shipments.trouble = Unavailable()
    await check_out(OLD_ROAD, key="asha-1")
    shipments.trouble = None
    await check_out(NEW_STREET, key="asha-2")

    response = await check_out(OLD_ROAD, key="asha-1")

    assert_problem(response, 409, "checkout-given-up")
    assert await statuses() == ["CREATED", "REJECTED"]


async def test_two_keys_of_the_same_checkout_are_one_order(check_out, statuses):
    first, second = await asyncio.gather(check_out(key="asha-1"), check_out(key="asha-2"))

    assert first.json() == second.json()
    assert await statuses() == ["CREATED"]


async def test_while_a_checkout_reads_the_cart_again_nobody_waits_for_its_key(check_out, carts):
    old = carts[ASHA.id]
    carts.put(ASHA.id, *old.lines)
    await check_out()
    carts.put(ASHA.id, a_line("Bulb", 599))
    now, reads, others = carts[ASHA.id], [old], []

    async def of(user_id):
        if reads:
            return reads.pop()
        carts.get_cart = carts_of
        others.append(await check_out(key="asha-1"))
        return now

    carts_of, carts.get_cart = carts.get_cart, of

    first = await check_out(key="asha-1")

    assert (first.status_code, titles(first)) == (201, ["Bulb"])
    assert [other.content for other in others] == [first.content]


async def test_a_hundred_identical_requests_with_ten_keys_are_one_order(check_out, statuses):
    async def insist(key):
        while True:
            response = await check_out(key=key)
            if response.status_code != 503:
                return response
            await asyncio.sleep(0)  # more at once than are let in: tried again, as it says, after the others

    responses = await asyncio.gather(*(insist(f"asha-{n % 10}") for n in range(100)))

    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["order_id"] for response in responses}) == 1
    assert await statuses() == ["CREATED"]
