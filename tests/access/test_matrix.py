"""Every operation for everybody, through the gateway and directly: each is answered as its contract says."""

import asyncio

import pytest

from generated.access import OPERATIONS
from tests.access.callers import expected_outcome
from tests.access.requests import ALL_REQUESTS, REQUESTS, UNKNOWN_ID, send_request

REFUSAL_STATUSES = (401, 403, 404)
every_operation = pytest.mark.parametrize(("service", "name"), ALL_REQUESTS, ids=[f"{s} {n}" for s, n in ALL_REQUESTS])
OWNED_RESOURCES = [(s, n) for s, n in ALL_REQUESTS if OPERATIONS[s][n].owner]
LIST_OPERATIONS = [(s, n) for s, n in OWNED_RESOURCES if REQUESTS[s][n].somebody_elses == 200]
SINGLE_OPERATIONS = [(s, n) for s, n in OWNED_RESOURCES if (s, n) not in LIST_OPERATIONS]


def test_there_is_a_request_for_every_operation():
    assert {service: set(requests) for service, requests in REQUESTS.items()} == {
        service: set(operations) for service, operations in OPERATIONS.items()
    }


@every_operation
async def test_whoever_may_not_is_refused_and_changes_nothing(shop, seeded_orders, everybody, service, name):
    access, request = OPERATIONS[service][name], REQUESTS[service][name]
    expected = {who: expected_outcome(access, caller, request) for who, caller in everybody.items()}
    refused = {
        who: status for who, status in expected.items() if status in REFUSAL_STATUSES and status != request.status
    }
    before = await shop.snapshot()

    async def asked(client, who):
        return await send_request(client, service, name, seeded_orders, everybody[who].headers)

    direct = await asyncio.gather(*(asked(shop.direct[service], who) for who in refused))
    outside = await asyncio.gather(*(asked(shop.http, who) for who in refused))

    assert {who: answer.status_code for who, answer in zip(refused, direct, strict=True)} == refused
    if access.public or access.roles:
        # The gateway takes keys away, but for the stock, where they count as much as directly.
        assert {who: answer.status_code for who, answer in zip(refused, outside, strict=True)} == refused
    else:
        assert {answer.headers.get("x-answered-by") for answer in outside} == {"gateway"}
        assert {answer.status_code for answer in outside} <= {404, 405}
    kind = "text/html; charset=utf-8" if service == "storefront" else "application/problem+json"
    assert {a.headers["content-type"] for a in direct} <= {kind}
    assert await shop.snapshot() == before


@every_operation
async def test_whoever_may_is_served(shop, seeded_orders, everybody, service, name):
    access, request = OPERATIONS[service][name], REQUESTS[service][name]
    allowed = [who for who, caller in everybody.items() if expected_outcome(access, caller, request) == request.status]
    client = shop.http if access.public or access.roles else shop.direct[service]
    answered = {}

    for who in allowed:
        headers = everybody[who].headers
        if name == "change_line":  # there must be a line to change
            await send_request(shop.http, "cart", "add_line", seeded_orders, headers)
        if name == "check_out":
            await send_request(shop.http, "cart", "clear_cart", seeded_orders, headers)
        answered[who] = (await send_request(client, service, name, seeded_orders, headers)).status_code

    assert answered == dict.fromkeys(allowed, request.status)
    assert allowed


@pytest.mark.parametrize(("service", "name"), SINGLE_OPERATIONS, ids=[f"{s} {n}" for s, n in SINGLE_OPERATIONS])
async def test_somebody_elses_is_answered_like_what_does_not_exist(shop, seeded_orders, bram, service, name):
    missing = {**seeded_orders, **dict.fromkeys(("paid", "cancelled", "created", "parcel"), UNKNOWN_ID)}

    others = await send_request(shop.http, service, name, seeded_orders, bram.headers)
    nobodys = await send_request(shop.http, service, name, missing, bram.headers)

    assert (others.status_code, nobodys.status_code) == (404, 404)
    assert others.content == nobodys.content


@pytest.mark.parametrize(("service", "name"), LIST_OPERATIONS, ids=[f"{s} {n}" for s, n in LIST_OPERATIONS])
async def test_a_list_about_somebody_elses_order_is_empty(shop, seeded_orders, asha, bram, service, name):
    own = (await send_request(shop.http, service, name, seeded_orders, asha.headers)).json()
    others = (await send_request(shop.http, service, name, seeded_orders, bram.headers)).json()

    assert [len(page if isinstance(page, list) else page["items"]) > 0 for page in (own, others)] == [True, False]
