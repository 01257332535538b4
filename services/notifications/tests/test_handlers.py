"""The notifications API, driven through its contract."""

from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from chassis.testing.deliveries import deliver
from chassis.testing.problems import assert_problem
from chassis.web.cursors import encode_cursor
from generated.statements.notifications import ERASE_RECIPIENTS, ERASURE_MARGIN
from services.notifications.domain import RetryPolicy
from services.notifications.tests.event_factory import KINDS, make_account_event, make_event
from tests.accounts import ADMIN, ASHA, BRAM
from tooling.conformance.callers import internal_key_headers

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")


@pytest.fixture
async def delivered_events(subscribers):
    """All that can happen to Asha's order has happened, and something to Bram's."""
    await deliver(subscribers, *(make_event(kind, ORDER) for kind in KINDS))
    await deliver(subscribers, make_event("order.created", uuid7(), email=BRAM.email, user_id=BRAM.id))


async def list_notifications(client, caller=ASHA, order=ORDER, **query):
    params = {"order_id": str(order), **query}
    return await client.get("/notifications/v1/notifications", params=params, headers=caller.headers)


async def test_a_shopper_sees_the_mails_about_an_order_the_first_one_first(client, delivered_events):
    response = await list_notifications(client)

    assert response.status_code == 200
    page = response.json()
    assert [item["kind"] for item in page["items"]] == list(KINDS)
    assert {(item["recipient"], item["status"], item["sent_at"]) for item in page["items"]} == {
        (ASHA.email, "QUEUED", None)
    }
    assert page["next_cursor"] is None


async def test_what_was_sent_says_when(client, delivered_events, send_due):
    await send_due()

    for item in (await list_notifications(client)).json()["items"]:
        assert item["status"] == "SENT"
        assert item["sent_at"] >= item["queued_at"]


async def test_asking_twice_answers_the_same(client, delivered_events):
    assert (await list_notifications(client)).content == (await list_notifications(client)).content


async def test_an_admin_sees_the_mails_and_for_others_and_of_unknown_orders_there_are_none(client, delivered_events):
    assert (await list_notifications(client, ADMIN)).json() == (await list_notifications(client)).json()

    foreign, unknown = await list_notifications(client, BRAM), await list_notifications(client, BRAM, uuid7())

    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)
    assert foreign.json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("limit", [1, 3, 8])
async def test_pages_together_are_the_whole_list_without_repeats(client, delivered_events, limit):
    kinds, cursor = [], {}
    while cursor is not None:
        page = (await list_notifications(client, limit=limit, **cursor)).json()
        assert 0 < len(page["items"]) <= limit
        kinds += [item["kind"] for item in page["items"]]
        cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}

    assert kinds == list(KINDS)


async def test_a_cursor_opens_nobody_elses_mails(client, delivered_events):
    cursor = (await list_notifications(client, limit=1)).json()["next_cursor"]

    assert (await list_notifications(client, BRAM, cursor=cursor)).json()["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"order_id": "not-a-uuid"},
        {"cursor": "guessed"},
        {"cursor": encode_cursor("x")},
        {"limit": 0},
        {"limit": 101},
        {"sort": "kind"},
    ],
    ids=["no uuid", "no cursor", "another list's cursor", "no items", "too many items", "an unknown wish"],
)
async def test_what_the_contract_does_not_know_is_refused(client, delivered_events, mail_rows, query):
    before = await mail_rows()

    response = await list_notifications(client, **query)

    assert_problem(response, 400, "invalid-request")
    assert await mail_rows() == before


async def test_an_order_must_be_named(client, delivered_events):
    response = await client.get("/notifications/v1/notifications", headers=ASHA.headers)

    assert_problem(response, 400, "invalid-request")


@pytest.mark.parametrize(
    "headers",
    [{}, internal_key_headers("order"), {"Authorization": "Bearer guessed"}],
    ids=["nobody", "a neighbour", "a guess"],
)
async def test_who_is_not_known_sees_nothing(client, delivered_events, headers):
    response = await client.get("/notifications/v1/notifications", params={"order_id": str(ORDER)}, headers=headers)

    assert_problem(response, 401, "unauthorized")


async def list_all(client, status, caller=ADMIN, **asked):
    query = {"status": status, **asked}
    return await client.get("/notifications/v1/admin/notifications", params=query, headers=caller.headers)


async def retry(client, mail_id, caller=ADMIN):
    return await client.post(f"/notifications/v1/notifications/{mail_id}/retry", headers=caller.headers)


async def test_an_admin_lists_everybodys_mails_in_a_state_the_newest_first_page_by_page(
    client, delivered_events, mail_rows
):
    queued = [str(row["id"]) for row in await mail_rows()]

    seen, cursor = [], {}
    while cursor is not None:
        page = (await list_all(client, "QUEUED", limit=4, **cursor)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None

    assert seen == queued[::-1]
    assert (await list_all(client, "FAILED")).json() == {"items": [], "next_cursor": None}


async def test_only_admins_see_everybodys_mails_and_try_them_again(client, delivered_events, mail_rows):
    [first, *_] = before = await mail_rows()

    assert_problem(await list_all(client, "QUEUED", ASHA), 403, "forbidden")
    assert_problem(await retry(client, first["id"], ASHA), 403, "forbidden")
    for asked in ({"status": "LOST"}, {"status": ""}, {"status": "SENT", "cursor": encode_cursor(7)}):
        answer = await list_all(client, **asked)
        assert_problem(answer, 400, "invalid-request")
        assert "LOST" not in answer.text
    assert await mail_rows() == before


async def test_a_mail_that_has_failed_is_sent_when_it_is_tried_again_and_once(
    client, subscribers, send_due, scripted_smtp, mail_rows
):
    await deliver(subscribers, make_event("order.created", ORDER))
    scripted_smtp.replies[ASHA.email] = "550 No such user"
    await send_due(scripted_smtp.smtp, policy=RetryPolicy(max_rejections=1))
    [failed] = (await list_all(client, "FAILED")).json()["items"]
    scripted_smtp.replies.clear()

    answers = [(await retry(client, failed["id"])).json() for _ in range(2)]
    await send_due(scripted_smtp.smtp)
    again = (await retry(client, failed["id"])).json()
    await send_due(scripted_smtp.smtp)

    assert answers == [{**failed, "status": "QUEUED"}] * 2
    assert (again["status"], scripted_smtp.recipients) == ("SENT", [ASHA.email])


async def test_a_mail_whose_recipient_was_erased_is_not_tried_again(client, subscribers, mails, database):
    await deliver(subscribers, make_event("order.created", ORDER))
    [(mail, _)] = await mails.claim(1, timedelta(), timedelta())
    mail.reject(mail.queued_at, RetryPolicy(max_rejections=1), permanent=True)
    await mails.complete([mail])
    await deliver(subscribers, make_account_event("account.deleted", email_verified=False))
    await database.execute(ERASE_RECIPIENTS, retention=-ERASURE_MARGIN - timedelta(seconds=1), batch=1)

    assert (await retry(client, mail.id)).json()["status"] == "FAILED"


async def test_no_mail_of_its_order_waits_for_one_that_is_tried_again(client, subscribers, mails, mail_rows):
    await deliver(subscribers, make_event("order.created", ORDER))
    [(mail, _)] = await mails.claim(1, timedelta(), timedelta())
    mail.reject(mail.queued_at, RetryPolicy(max_rejections=1), permanent=True)
    await mails.complete([mail])
    await deliver(subscribers, make_event("payment.succeeded", ORDER))

    assert (await retry(client, mail.id)).json()["status"] == "QUEUED"

    claimed = await mails.claim(9, timedelta(), timedelta())
    assert [mail.notification.kind for mail, _ in claimed] == ["payment.succeeded", "order.created"]


async def test_who_gave_a_mail_up_does_not_do_so_again_once_it_is_to_be_tried(client, subscribers, mails, mail_rows):
    await deliver(subscribers, make_event("order.created", ORDER))
    [(mail, _)] = await mails.claim(1, timedelta(), timedelta())
    mail.reject(mail.queued_at, RetryPolicy(max_rejections=1), permanent=True)
    await mails.complete([mail])
    await retry(client, mail.id)

    await mails.complete([mail])  # its first record was committed, and the answer lost

    assert [row["status"] for row in await mail_rows()] == ["QUEUED"]


async def test_a_mail_that_was_given_up_while_somebody_slow_sent_it_is_not_sent_again(
    client, subscribers, mails, mail_rows
):
    await deliver(subscribers, make_event("order.created", ORDER))
    [(slow, _)], [(second, _)] = [await mails.claim(1, timedelta(), timedelta()) for _ in range(2)]
    second.reject(second.queued_at, RetryPolicy(max_rejections=1), permanent=True)
    await mails.complete([second])

    slow.mark_sent()
    await mails.complete([slow])

    assert (await retry(client, slow.id)).json()["status"] == "SENT"
    assert await mails.claim(1, timedelta(), timedelta()) == []


async def test_a_mail_that_there_is_not_cannot_be_tried_again(client):
    assert_problem(await retry(client, uuid7()), 404, "notification-not-found")


async def test_order_is_told_what_was_sent_and_when_and_of_nothing_else(
    client, delivered_events, send_due, subscribers
):
    await send_due()
    await deliver(subscribers, make_event("shipping.corrected", ORDER))

    async def sent(order):
        headers = internal_key_headers("order")
        return (await client.get(f"/notifications/v1/orders/{order}/mails", headers=headers)).json()["items"]

    told, own = await sent(ORDER), (await list_notifications(client)).json()["items"]
    assert {(mail["id"], mail["kind"], mail["sent_at"]) for mail in told} == {
        (mail["id"], mail["kind"], mail["sent_at"]) for mail in own if mail["status"] == "SENT"
    }
    assert [mail["sent_at"] for mail in told] == sorted(mail["sent_at"] for mail in told)
    assert (len(told), len(own), await sent(uuid7())) == (10, 11, [])
