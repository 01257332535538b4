"""The notifications API, driven through its contract."""

from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from services.chassis.cursors import cursor_of
from services.chassis.testing.callers import ADMIN, ASHA, BRAM, key_of
from services.notifications.tests.happenings import KINDS, event, hear

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")


@pytest.fixture
async def told(subscribers):
    """All that can happen to Asha's order has happened, and something to Bram's."""
    await hear(subscribers, *(event(kind, ORDER) for kind in KINDS))
    await hear(subscribers, event("order.created", uuid7(), email=BRAM.email, user=BRAM.id))


async def listed(client, caller=ASHA, order=ORDER, **asked):
    params = {"order_id": str(order), **asked}
    return await client.get("/notifications/v1/notifications", params=params, headers=caller.headers)


async def test_a_shopper_sees_the_mails_about_an_order_the_first_one_first(client, told):
    answer = await listed(client)

    assert answer.status_code == 200
    page = answer.json()
    assert [item["kind"] for item in page["items"]] == list(KINDS)
    assert {(item["recipient"], item["status"], item["sent_at"]) for item in page["items"]} == {
        (ASHA.email, "QUEUED", None)
    }
    assert page["next_cursor"] is None


async def test_what_was_sent_says_when(client, told, send_due):
    await send_due()

    for item in (await listed(client)).json()["items"]:
        assert item["status"] == "SENT"
        assert item["sent_at"] >= item["queued_at"]


async def test_asking_twice_answers_the_same(client, told):
    assert (await listed(client)).content == (await listed(client)).content


async def test_an_admin_sees_the_mails_and_for_others_and_of_unknown_orders_there_are_none(client, told):
    assert (await listed(client, ADMIN)).json() == (await listed(client)).json()

    foreign, unknown = await listed(client, BRAM), await listed(client, BRAM, uuid7())

    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)
    assert foreign.json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("limit", [1, 3, 8])
async def test_pages_together_are_the_whole_list_without_repeats(client, told, limit):
    kinds, cursor = [], {}
    while cursor is not None:
        page = (await listed(client, limit=limit, **cursor)).json()
        assert 0 < len(page["items"]) <= limit
        kinds += [item["kind"] for item in page["items"]]
        cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}

    assert kinds == list(KINDS)


async def test_a_cursor_opens_nobody_elses_mails(client, told):
    cursor = (await listed(client, limit=1)).json()["next_cursor"]

    assert (await listed(client, BRAM, cursor=cursor)).json()["items"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"order_id": "not-a-uuid"},
        {"cursor": "guessed"},
        {"cursor": cursor_of("x")},
        {"limit": 0},
        {"limit": 101},
        {"sort": "kind"},
    ],
    ids=["no uuid", "no cursor", "another list's cursor", "no items", "too many items", "an unknown wish"],
)
async def test_what_the_contract_does_not_know_is_refused(client, told, ledger, asked):
    before = await ledger()

    answer = await listed(client, **asked)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")
    assert await ledger() == before


async def test_an_order_must_be_named(client, told):
    answer = await client.get("/notifications/v1/notifications", headers=ASHA.headers)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")


@pytest.mark.parametrize(
    "headers", [{}, key_of("order"), {"Authorization": "Bearer guessed"}], ids=["nobody", "a neighbour", "a guess"]
)
async def test_who_is_not_known_sees_nothing(client, told, headers):
    answer = await client.get("/notifications/v1/notifications", params={"order_id": str(ORDER)}, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthorized")
