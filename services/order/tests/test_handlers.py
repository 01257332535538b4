"""The order API, but for the checkout, driven through its contract."""

from uuid import UUID

import pytest

from chassis.testing.problems import assert_problem
from chassis.web.cursors import encode_cursor
from chassis.web.problems import Unavailable
from generated.states import OrderStatus
from tests.accounts import ADMIN, ASHA, BRAM
from tooling.conformance.callers import internal_key_headers


async def cancel(client, order_id, caller=ASHA):
    return await client.post(f"/order/v1/orders/{order_id}/cancel", headers=caller.headers)


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


async def all_orders(client, caller=ADMIN, **asked):
    return await client.get("/order/v1/admin/orders", params=asked, headers=caller.headers)


async def ids_of(client, **asked):
    return [item["id"] for item in (await all_orders(client, **asked)).json()["items"]]


async def test_an_admin_lists_everybodys_orders_page_by_page_the_newest_first(client, an_order):
    made = [str((await an_order(status)).id) for status in OrderStatus]

    seen, cursor = [], {}
    while cursor is not None:
        page = (await all_orders(client, limit=4, **cursor)).json()
        seen.append([item["id"] for item in page["items"]])
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None

    assert seen == [made[:1:-1], made[1::-1]]
    [own] = (await client.get("/order/v1/orders", params={"limit": 1}, headers=ASHA.headers)).json()["items"]
    [listed] = (await all_orders(client, status=own["status"])).json()["items"]
    assert listed == {**own, "user_id": str(ASHA.id), "user_email": ASHA.email}


async def test_status_address_and_time_narrow_the_list_together(client, an_order):
    early, late, paid, brams = [await an_order(**changed) for changed in (
        {}, {}, {"status": OrderStatus.PAID}, {"shopper": BRAM})]  # fmt: skip
    asha, bram = {"email": f" {ASHA.email.upper()}"}, {"email": BRAM.email}

    assert await ids_of(client, status="CREATED") == [str(one.id) for one in (brams, late, early)]
    assert await ids_of(client, **asha) == [str(one.id) for one in (paid, late, early)]
    assert await ids_of(client, **asha, status="PAID") == [str(paid.id)]
    assert await ids_of(client, **bram, status="PAID") == []
    times = {"created_from": late.created_at.isoformat(), "created_before": brams.created_at.isoformat()}
    assert await ids_of(client, **times) == [str(paid.id), str(late.id)]
    assert await ids_of(client, **asha, status="CREATED", **times) == [str(late.id)]
    first = (await all_orders(client, **times, limit=1)).json()
    assert await ids_of(client, **times, limit=1, cursor=first["next_cursor"]) == [str(late.id)]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"created_from": "0001-01-01T00:00:00+14:00"}, 1),
        ({"created_before": "9999-12-31T23:59:59-14:00"}, 1),
        ({"created_from": "9999-12-31T23:59:59-14:00"}, 0),
        ({"created_before": "0001-01-01T00:00:00+14:00"}, 0),
        ({"email": "nobody@example.com"}, 0),
    ],
    ids=str,
)
async def test_any_time_and_any_address_may_be_asked_for(client, an_order, asked, number):
    await an_order()

    assert len(await ids_of(client, **asked)) == number


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "LOST"), ("status", ""), ("email", "lost"), ("email", ""), ("created_from", "yesterday"),
     ("created_before", "2026-01-05T00:00:00"), ("created_from", "2016-12-31T23:59:60Z"),
     ("created_before", "0000-01-01T00:00:00Z"), ("cursor", encode_cursor("LOST")), ("limit", "101")],
)  # fmt: skip
async def test_what_nobody_can_look_for_is_refused_and_not_repeated(client, an_order, name, value):
    await an_order()

    answer = await all_orders(client, **{name: value})

    assert_problem(answer, 400, "invalid-request")
    assert answer.json()["errors"][0]["pointer"] == f"/query/{name}"
    assert not value or value not in answer.text


async def test_shoppers_do_not_list_orders_of_others(client, an_order):
    await an_order()

    assert_problem(await all_orders(client, ASHA), 403, "forbidden")


async def test_an_order_of_the_first_version_in_no_currency_that_exists_is_shown_and_cancelled(
    client, an_order, read_outbox_types
):
    order = await an_order(currency="ABC")

    listed = await client.get("/order/v1/orders", headers=ASHA.headers)
    payable = await client.get(f"/order/v1/orders/{order.id}/payable", headers=internal_key_headers("payment"))
    cancelled = await cancel(client, order.id)

    assert [item["currency"] for item in listed.json()["items"]] == ["ABC"]
    assert payable.json()["currency"] == "ABC"
    assert (cancelled.status_code, await read_outbox_types()) == (200, ["order.cancelled requested"])


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.REJECTED])
async def test_what_never_became_an_order_is_not_listed_and_can_be_read_by_its_id(client, an_order, status):
    other, order = await an_order(status), await an_order()

    listed = (await client.get("/order/v1/orders", headers=ASHA.headers)).json()
    read = await client.get(f"/order/v1/orders/{other.id}", headers=ASHA.headers)

    assert [item["id"] for item in listed["items"]] == [str(order.id)]
    assert (read.status_code, read.json()["status"]) == (200, status)


async def test_another_shoppers_order_is_answered_like_a_missing_one(client, an_order, statuses):
    theirs, missing = (await an_order()).id, UUID(int=9)

    for path in ("", "/cancel"):
        method = "POST" if path else "GET"
        foreign = await client.request(method, f"/order/v1/orders/{theirs}{path}", headers=BRAM.headers)
        nothing = await client.request(method, f"/order/v1/orders/{missing}{path}", headers=BRAM.headers)
        assert (foreign.status_code, foreign.content) == (nothing.status_code, nothing.content)
        assert foreign.status_code == 404

    assert await statuses() == ["CREATED"]
    assert (await client.get(f"/order/v1/orders/{theirs}", headers=ADMIN.headers)).json()["id"] == str(theirs)


@pytest.mark.parametrize("status", list(OrderStatus))
async def test_payment_learns_whose_an_order_is_what_it_costs_and_where_it_stands(client, an_order, status):
    order = await an_order(status)

    async def payable(order_id):
        return await client.get(f"/order/v1/orders/{order_id}/payable", headers=internal_key_headers("payment"))

    assert (await payable(order.id)).json() == {
        "order_id": str(order.id),
        "user_id": str(ASHA.id),
        "user_email": ASHA.email,
        "status": status,
        "amount_cents": 25998,
        "currency": "EUR",
    }
    assert (await payable(UUID(int=9))).status_code == 404


async def test_an_unpaid_order_is_cancelled_after_its_payment_was_voided(client, an_order, payments, read_outbox_types):
    order = await an_order()

    first, again = await cancel(client, order.id), await cancel(client, order.id)

    assert first.json()["status"] == again.json()["status"] == "CANCELLED"
    assert first.json()["cancel_reason"] == "requested"
    assert payments.state == {order.id: "voided"}
    assert await read_outbox_types() == ["order.cancelled requested"]


@pytest.mark.parametrize("status", [OrderStatus.PAID, OrderStatus.CREATED], ids=["heard of", "not heard of yet"])
async def test_a_paid_order_is_cancelled_after_its_parcel_was_stopped(
    client, an_order, payments, shipments, read_outbox_types, status
):
    order = await an_order(status)
    payments.state[order.id] = "succeeded"

    answer = await cancel(client, order.id)

    assert answer.json()["status"] == "CANCELLED"
    assert shipments.state == {order.id: "cancelled"}
    assert await read_outbox_types() == ["order.cancelled requested"]


async def test_an_order_whose_parcel_has_left_is_not_cancelled(client, an_order, shipments, orders, read_outbox_types):
    order = await an_order(OrderStatus.PAID)
    shipments.state[order.id] = "dispatched"

    answer = await cancel(client, order.id)

    assert_problem(answer, 409, "already-dispatched")
    assert answer.json()["detail"] == "The shipment is DISPATCHED"
    kept = await orders.find(order.id)
    assert (kept.status, kept.cancellation_requested) == (OrderStatus.PAID, False)
    assert await read_outbox_types() == []


async def test_an_order_whose_checkout_has_not_ended_is_not_cancelled(client, an_order, statuses, read_outbox_types):
    order = await an_order(OrderStatus.PENDING)

    answer = await cancel(client, order.id)

    assert_problem(answer, 409, "checkout-in-progress")
    assert await statuses() == ["PENDING"]
    assert await read_outbox_types() == []


async def test_a_cancellation_request_survives_when_payment_is_unavailable(
    client, an_order, payments, orders, read_outbox_types
):
    order = await an_order()
    payments.trouble = Unavailable()

    answer = await cancel(client, order.id)

    assert answer.status_code == 503
    kept = await orders.find(order.id)
    assert (kept.status, kept.cancellation_requested) == (OrderStatus.CREATED, True)
    assert await read_outbox_types() == []
