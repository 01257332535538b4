"""The shipping API, driven through its contract."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from chassis.testing.problems import assert_problem
from chassis.web.cursors import encode_cursor
from generated.states import ShipmentStatus
from services import CONTRACTS_FOLDER
from services.money import Money
from services.shipping.application import ShipmentService
from services.shipping.clients import AnPostCarrier
from services.shipping.handlers import ShippingHandlers
from services.shipping.repository import ShippingUnitOfWork
from tests.accounts import ADMIN, ASHA, BRAM
from tooling.conformance.callers import contract_test_client, internal_key_headers

CONTRACT = CONTRACTS_FOLDER / "shipping.yaml"

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
UNKNOWN = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2ffff")
ADDRESS = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
AMOUNT = {"amount_cents": 25998, "currency": "EUR"}
LAMPS = {"product_id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001", "title": "Walnut desk lamp", "qty": 2}
CHAIR = {"product_id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b002", "title": "Oak chair", "qty": 1}
DRAFT = {"order_id": str(ORDER), "user_id": str(ASHA.id), "user_email": ASHA.email, **ADDRESS, **AMOUNT}
POST_LABEL_BODY = {"carrier": "DPD", "tracking_number": "DPD-42"}


@pytest.fixture
def pay(unit_of_work):
    """Make the parcel of an order ready, as the news of its payment does."""

    async def pay(order=ORDER):
        async with unit_of_work() as work:
            shipment = await work.shipments.lock_or_create(order)
            shipment.make_ready(Money(**AMOUNT))
            await work.shipments.save(shipment)

    return pay


async def draft(client, **changed):
    return await client.post("/shipping/v1/shipments", json={**DRAFT, **changed}, headers=internal_key_headers("order"))


async def cancel(client, order=ORDER):
    headers = internal_key_headers("order")
    return await client.post("/shipping/v1/shipments/cancel", json={"order_id": str(order)}, headers=headers)


async def dispatch(client, shipment_id, body=None, caller=ADMIN):
    return await client.post(f"/shipping/v1/shipments/{shipment_id}/dispatch", json=body, headers=caller.headers)


async def deliver(client, shipment_id, caller=ADMIN):
    return await client.post(f"/shipping/v1/shipments/{shipment_id}/deliver", headers=caller.headers)


async def read(client, shipment_id, caller=ASHA):
    return await client.get(f"/shipping/v1/shipments/{shipment_id}", headers=caller.headers)


async def listed(client, order=ORDER, caller=ASHA):
    answer = await client.get("/shipping/v1/shipments", params={"order_id": str(order)}, headers=caller.headers)
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
async def drafted(client):
    """The id of the shipment of Asha's order, which is not paid for."""
    return (await draft(client)).json()["id"]


@pytest.fixture
async def ready(drafted, pay):
    """The same, paid for."""
    await pay()
    return drafted


async def test_a_draft_waits_for_its_payment_at_the_address_it_was_given(client, read_outbox_types):
    answer = await draft(client, address_line2="Apartment 3")

    assert answer.status_code == 201
    shipment = answer.json()
    assert answer.headers["location"] == f"/shipping/v1/shipments/{shipment.pop('id')}"
    assert shipment == {
        "order_id": str(ORDER),
        "status": "PENDING_PAYMENT",
        "carrier": None,
        "tracking_number": None,
        "address_line2": "Apartment 3",
        **ADDRESS,
    }
    assert await read_outbox_types() == []


async def test_a_draft_needs_no_postcode_and_takes_a_blank_line_for_none(client, shipments):
    answer = await draft(client, country="HK", postcode=" ", address_line2="")

    assert answer.status_code == 201
    assert not {"postcode", "address_line2"} & answer.json().keys()
    recipient = (await shipments.find_by_order(ORDER)).recipient
    assert (recipient.postcode, recipient.address_line2) == (None, None)


async def test_a_parcel_says_to_whoever_packs_it_or_gets_it_what_goes_into_it(client, pay):
    shipment = (await draft(client, items=[LAMPS, CHAIR])).json()
    await pay()

    [to_pack] = (await all_in_states(client, "READY_TO_SHIP")).json()["items"]

    packed = [shipment, to_pack, (await read(client, shipment["id"])).json(), *await listed(client)]
    packed.append((await dispatch(client, shipment["id"])).json())
    assert [said["items"] for said in packed] == [[LAMPS, CHAIR]] * 5


@pytest.mark.parametrize(
    "items",
    [[], [LAMPS] * 201, [{**LAMPS, "qty": 0}], [{**LAMPS, "title": " "}], [{**LAMPS, "unit_price_cents": 1}], None],
    ids=["none", "too many", "no piece", "no title", "with a price", "null"],
)
async def test_a_draft_of_what_is_no_list_of_items_is_refused_and_opens_nothing(client, shipments, items):
    assert_problem(await draft(client, items=items), 400, "invalid-request")

    assert await shipments.find_by_order(ORDER) is None


async def test_drafting_again_answers_the_first_shipment_and_changes_nothing(client, drafted, shipments):
    first, before = await read(client, drafted), await shipments.find_by_order(ORDER)

    again = await draft(client, address_line1="3 Kade", city="Utrecht", amount_cents=1, currency="USD", items=[CHAIR])

    assert again.status_code == 201
    assert again.json() == first.json()
    assert await shipments.find_by_order(ORDER) == before
    assert before.amount == Money(**AMOUNT)


async def test_ten_drafts_at_once_open_one_shipment(client):
    answers = await asyncio.gather(*(draft(client) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_parcel_is_dispatched_with_the_carrier_and_number_given(client, ready, read_outbox_types):
    answer = await dispatch(client, ready, POST_LABEL_BODY)

    assert answer.status_code == 200
    shipment = answer.json()
    assert (shipment["status"], shipment["carrier"], shipment["tracking_number"]) == ("DISPATCHED", "DPD", "DPD-42")
    assert await read_outbox_types() == ["shipping.dispatched"]


async def test_without_a_body_the_usual_carrier_takes_the_parcel_and_numbers_it(client, ready, read_outbox_types):
    answer = await dispatch(client, ready)

    assert answer.status_code == 200
    assert answer.json()["carrier"] == "An Post"
    assert answer.json()["tracking_number"] == f"AP{ready[-12:].upper()}IE"
    assert await read_outbox_types() == ["shipping.dispatched"]


@pytest.mark.parametrize(
    ("body", "repeat"), [(None, None), (POST_LABEL_BODY, POST_LABEL_BODY), (POST_LABEL_BODY, None)]
)
async def test_dispatching_again_answers_the_same_and_publishes_once(client, ready, read_outbox_types, body, repeat):
    first = await dispatch(client, ready, body)

    again = await dispatch(client, ready, repeat)

    assert again.status_code == 200
    assert again.json() == first.json()
    assert await read_outbox_types() == ["shipping.dispatched"]


@pytest.mark.parametrize("other", [{"carrier": "UPS"}, {"tracking_number": "DPD-43"}], ids=["carrier", "number"])
async def test_dispatching_again_otherwise_is_refused_and_says_how_it_has_left(client, ready, read_outbox_types, other):
    first = await dispatch(client, ready, POST_LABEL_BODY)

    again = await dispatch(client, ready, {**POST_LABEL_BODY, **other})

    assert again.status_code == 409
    assert again.json() == {
        "type": "/problems/dispatched-differently",
        "title": "The parcel has left with another carrier or number",
        "status": 409,
        **POST_LABEL_BODY,
    }
    assert (await read(client, ready)).json() == first.json()
    assert await read_outbox_types() == ["shipping.dispatched"]


async def test_of_two_different_dispatches_at_once_one_is_refused(client, ready, read_outbox_types):
    answers = await asyncio.gather(
        *(dispatch(client, ready, {**POST_LABEL_BODY, "tracking_number": f"DPD-{n}"}) for n in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    number = (await read(client, ready)).json()["tracking_number"]
    assert {answer.json()["tracking_number"] for answer in answers} == {number}
    assert await read_outbox_types() == ["shipping.dispatched"]


@pytest.mark.parametrize("fault", ["no such parcel", "not paid for", "cancelled", "has left"])
async def test_a_carrier_is_asked_only_for_what_is_about_to_leave(client, drafted, pay, shipments, unit_of_work, fault):
    class Asked(AnPostCarrier):
        asked = 0

        async def create_label(self, shipment_id):
            self.asked += 1
            return await super().create_label(shipment_id)

    carrier = Asked()
    if fault == "cancelled":
        await cancel(client)
    if fault == "has left":
        await pay()
        await dispatch(client, drafted, POST_LABEL_BODY)

    async with contract_test_client(
        CONTRACT, ShippingHandlers(ShipmentService(shipments, unit_of_work, carrier))
    ) as with_carrier:
        answer = await dispatch(with_carrier, UNKNOWN if fault == "no such parcel" else drafted)

    status = {"no such parcel": 404, "has left": 200}
    assert (answer.status_code, carrier.asked) == (status.get(fault, 409), 0)


async def test_without_a_body_a_parcel_that_leaves_otherwise_meanwhile_is_answered_as_it_left(
    client, ready, shipments, unit_of_work, read_outbox_types
):
    class Overtaken(AnPostCarrier):
        async def create_label(self, shipment_id):
            await dispatch(client, shipment_id, POST_LABEL_BODY)
            return await super().create_label(shipment_id)

    async with contract_test_client(
        CONTRACT, ShippingHandlers(ShipmentService(shipments, unit_of_work, Overtaken()))
    ) as slow:
        answer = await dispatch(slow, ready)

    assert (answer.status_code, answer.json()["tracking_number"]) == (200, POST_LABEL_BODY["tracking_number"])
    assert (await read(client, ready)).json() == answer.json()
    assert await read_outbox_types() == ["shipping.dispatched"]


async def correct(client, shipment_id, body, caller=ADMIN):
    return await client.post(f"/shipping/v1/shipments/{shipment_id}/correct", json=body, headers=caller.headers)


async def test_a_wrong_number_is_corrected_as_often_as_need_be_and_published_each_time(
    client, ready, read_outbox_types
):
    await dispatch(client, ready)

    once = await correct(client, ready, POST_LABEL_BODY)
    twice = await correct(client, ready, {**POST_LABEL_BODY, "tracking_number": "DPD-43"})

    assert (once.status_code, once.json()["carrier"], once.json()["tracking_number"]) == (200, "DPD", "DPD-42")
    assert (twice.status_code, twice.json()["tracking_number"], twice.json()["status"]) == (200, "DPD-43", "DISPATCHED")
    assert (await read(client, ready)).json() == twice.json()
    assert await read_outbox_types() == ["shipping.dispatched", "shipping.corrected", "shipping.corrected"]


async def test_repeating_a_correction_answers_the_same_and_publishes_nothing(client, ready, read_outbox_types):
    await dispatch(client, ready)
    first = await correct(client, ready, POST_LABEL_BODY)

    again = await correct(client, ready, POST_LABEL_BODY)
    await deliver(client, ready)
    late = await correct(client, ready, POST_LABEL_BODY)

    assert again.json() == first.json()
    assert (late.status_code, late.json()["status"]) == (200, "DELIVERED")
    assert await read_outbox_types() == ["shipping.dispatched", "shipping.corrected", "shipping.delivered"]


async def test_a_crash_before_the_correction_is_published_corrects_nothing(
    client, ready, shipments, unit_of_work, read_outbox_types, monkeypatch
):
    await dispatch(client, ready)

    async def died(*_):
        raise psycopg.OperationalError("the connection is lost")

    with monkeypatch.context() as dying:
        dying.setattr(ShippingUnitOfWork, "publish", died)
        assert (await correct(client, ready, POST_LABEL_BODY)).status_code == 503
    assert (await shipments.find_by_order(ORDER)).label.carrier == "An Post"
    assert await read_outbox_types() == ["shipping.dispatched"]

    assert (await correct(client, ready, POST_LABEL_BODY)).status_code == 200
    assert await read_outbox_types() == ["shipping.dispatched", "shipping.corrected"]


async def test_what_has_not_left_has_nothing_to_correct(client, ready, shipments, read_outbox_types):
    answer = await correct(client, ready, POST_LABEL_BODY)

    assert (answer.status_code, answer.json()["detail"]) == (409, "The shipment is READY_TO_SHIP")
    assert (await shipments.find_by_order(ORDER)).label is None
    assert await read_outbox_types() == []


async def test_what_has_arrived_is_not_corrected_any_more(client, ready, read_outbox_types):
    await dispatch(client, ready)
    delivered = await deliver(client, ready)

    answer = await correct(client, ready, POST_LABEL_BODY)

    assert (answer.status_code, answer.json()["detail"]) == (409, "The shipment is DELIVERED")
    assert (await read(client, ready)).json() == delivered.json()
    assert await read_outbox_types() == ["shipping.dispatched", "shipping.delivered"]


async def test_what_is_not_there_is_not_corrected(client):
    answer = await correct(client, UNKNOWN, POST_LABEL_BODY)

    assert_problem(answer, 404, "shipment-not-found")


async def test_what_is_not_paid_for_does_not_leave(client, drafted, shipments, read_outbox_types):
    answer = await dispatch(client, drafted)

    assert answer.status_code == 409
    assert answer.json() == {
        "type": "/problems/shipment-not-ready",
        "title": "The shipment is not in a state that allows this",
        "status": 409,
        "detail": "The shipment is PENDING_PAYMENT",
    }
    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.PENDING_PAYMENT
    assert (await shipments.find_by_order(ORDER)).label is None
    assert await read_outbox_types() == []


async def test_what_is_cancelled_does_not_leave(client, ready, shipments, read_outbox_types):
    await cancel(client)

    answer = await dispatch(client, ready)

    assert (answer.status_code, answer.json()["detail"]) == (409, "The shipment is CANCELLED")
    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.CANCELLED
    assert await read_outbox_types() == []


async def test_a_parcel_arrives_once_however_often_it_is_noted(client, ready, read_outbox_types):
    await dispatch(client, ready)

    first, again = await deliver(client, ready), await deliver(client, ready)

    assert first.status_code == 200
    assert first.json()["status"] == "DELIVERED"
    assert again.json() == first.json()
    assert await read_outbox_types() == ["shipping.dispatched", "shipping.delivered"]


async def test_dispatching_what_has_arrived_answers_as_it_is(client, ready, read_outbox_types):
    await dispatch(client, ready)
    delivered = await deliver(client, ready)

    answer = await dispatch(client, ready)

    assert answer.json() == delivered.json()
    assert await read_outbox_types() == ["shipping.dispatched", "shipping.delivered"]


async def test_what_has_not_left_cannot_arrive(client, ready, shipments, read_outbox_types):
    answer = await deliver(client, ready)

    assert_problem(answer, 409, "shipment-not-ready", detail="The shipment is READY_TO_SHIP")
    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.READY_TO_SHIP
    assert await read_outbox_types() == []


async def test_a_shipment_is_cancelled_before_dispatch_and_cancelling_again_changes_nothing(client, ready, shipments):
    first, again = await cancel(client), await cancel(client)

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() == {"order_id": str(ORDER), "status": "CANCELLED"}
    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.CANCELLED


async def test_what_has_left_is_not_stopped(client, ready, shipments):
    await dispatch(client, ready)

    answer = await cancel(client)

    assert answer.status_code == 409
    assert answer.json() == {
        "type": "/problems/already-dispatched",
        "title": "The parcel is already on its way",
        "status": 409,
        "detail": "The shipment is DISPATCHED",
    }
    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.DISPATCHED


@pytest.mark.parametrize("met", [False, True], ids=["before its draft", "after its draft"])
async def test_nothing_is_drafted_for_an_order_that_was_cancelled(client, shipments, read_outbox_types, met):
    if met:
        await draft(client)
    await cancel(client)
    before = await shipments.find_by_order(ORDER)

    answer = await draft(client)

    assert_problem(answer, 409, "order-cancelled")
    assert await shipments.find_by_order(ORDER) == before
    assert before.status is ShipmentStatus.CANCELLED
    assert await read_outbox_types() == []


async def test_an_order_paid_before_its_draft_is_ready_as_soon_as_it_is_drafted_and_told_of_once(
    client, pay, read_outbox_types
):
    await pay()
    unseen = await listed(client, caller=ADMIN)

    first, again = await draft(client), await draft(client)

    assert unseen == []
    assert first.json()["status"] == again.json()["status"] == "READY_TO_SHIP"
    assert await read_outbox_types() == ["shipping.ready"]


async def test_owners_and_admins_see_the_shipment_and_others_see_nothing(client, drafted):
    mine = await read(client, drafted)
    foreign, missing = await read(client, drafted, BRAM), await read(client, UNKNOWN, BRAM)

    assert mine.status_code == 200
    assert (await read(client, drafted, ADMIN)).json() == mine.json()
    assert await listed(client) == await listed(client, caller=ADMIN) == [mine.json()]
    assert await listed(client, caller=BRAM) == await listed(client, UNKNOWN, BRAM) == []
    assert foreign.content == missing.content
    assert_problem(foreign, 404, "shipment-not-found")


@pytest.mark.parametrize("act", [dispatch, deliver])
async def test_what_is_not_known_neither_leaves_nor_arrives(client, read_outbox_types, act):
    answer = await act(client, UNKNOWN)

    assert_problem(answer, 404, "shipment-not-found")
    assert await read_outbox_types() == []


async def test_a_shipment_of_which_only_the_cancellation_is_known_is_seen_by_nobody(client, shipments):
    await cancel(client)
    tombstone = (await shipments.find_by_order(ORDER)).id

    assert await listed(client, caller=ADMIN) == []
    for answer in (await read(client, tombstone, ADMIN), await dispatch(client, tombstone)):
        assert_problem(answer, 404, "shipment-not-found")


async def test_only_admins_dispatch_and_deliver(client, ready, shipments, read_outbox_types):
    for act in (dispatch, deliver):
        answer = await act(client, ready, caller=ASHA)

        assert answer.status_code == 403

    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.READY_TO_SHIP
    assert await read_outbox_types() == []


async def test_only_the_order_service_drafts_and_cancels(client, shipments):
    for headers in ({}, ASHA.headers, ADMIN.headers, internal_key_headers("payment"), {"X-Internal-Key": "guessed"}):
        opened = await client.post("/shipping/v1/shipments", json=DRAFT, headers=headers)
        stopped = await client.post("/shipping/v1/shipments/cancel", json={"order_id": str(ORDER)}, headers=headers)

        assert {opened.status_code, stopped.status_code} <= {401, 403}

    assert await shipments.find_by_order(ORDER) is None


@pytest.mark.parametrize(
    "changed",
    [{"country": "Ireland"}, {"city": "Gal\x00way"}, {"city": " "}, {"user_email": "asha"}, {"gift": True}],
    ids=["a country's name", "a NUL", "a blank", "no e-mail address", "a field nobody knows"],
)
async def test_a_draft_that_is_not_what_the_contract_says_is_refused(client, shipments, changed):
    answer = await draft(client, **changed)

    assert_problem(answer, 400, "invalid-request")
    assert await shipments.find_by_order(ORDER) is None


async def test_a_carrier_without_a_number_is_refused_and_the_parcel_stays(client, ready, shipments):
    answer = await dispatch(client, ready, {"carrier": "DPD"})

    assert_problem(answer, 400, "invalid-request")
    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.READY_TO_SHIP


async def test_of_dispatching_and_cancelling_at_once_exactly_one_wins(client, shipments, pay, read_outbox_types):
    left = 0
    for round_ in range(1, 31):
        order = UUID(int=round_)
        shipment_id = (await draft(client, order_id=str(order))).json()["id"]
        await pay(order)

        dispatched, cancelled = await asyncio.gather(dispatch(client, shipment_id), cancel(client, order))

        assert sorted([dispatched.status_code, cancelled.status_code]) == [200, 409]
        winner = ShipmentStatus.DISPATCHED if dispatched.status_code == 200 else ShipmentStatus.CANCELLED
        assert (await shipments.find_by_order(order)).status is winner
        left += winner is ShipmentStatus.DISPATCHED

    assert await read_outbox_types() == ["shipping.dispatched"] * left


async def test_of_drafting_and_cancelling_at_once_the_order_ends_cancelled(client, shipments):
    for round_ in range(1, 31):
        order = UUID(int=round_)

        opened, stopped = await asyncio.gather(draft(client, order_id=str(order)), cancel(client, order))

        assert stopped.status_code == 200
        assert opened.status_code in (201, 409)
        assert (await shipments.find_by_order(order)).status is ShipmentStatus.CANCELLED


async def all_in_states(client, status, caller=ADMIN, **asked):
    query = {"status": status, **asked}
    return await client.get("/shipping/v1/admin/shipments", params=query, headers=caller.headers)


async def test_an_admin_lists_what_is_to_be_packed_the_oldest_first_page_by_page(client, pay):
    orders = [UUID(int=number) for number in range(5, 0, -1)]
    for order in orders:
        await draft(client, order_id=str(order))
    for order in orders[:4]:
        await pay(order)
    await pay(UNKNOWN)  # its draft has not come yet

    seen, cursor = [], {}
    while cursor is not None:
        page = (await all_in_states(client, "READY_TO_SHIP", limit=3, **cursor)).json()
        seen.append([item["order_id"] for item in page["items"]])
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None

    assert seen == [[str(order) for order in orders[:3]], [str(orders[3])]]
    [unpaid] = (await all_in_states(client, "PENDING_PAYMENT")).json()["items"]
    assert unpaid.pop("created_at")
    assert unpaid.pop("user_email") == ASHA.email
    assert unpaid == await read_order(client, orders[4])


async def read_order(client, order):
    [shipment] = await listed(client, order)
    return shipment


async def test_only_admins_list_the_parcels_of_everybody_and_only_by_a_state_that_there_is(client):
    await draft(client)

    assert_problem(await all_in_states(client, "PENDING_PAYMENT", ASHA), 403, "forbidden")
    for query in ({"status": "LOST"}, {"status": ""}, {}, {"status": "CANCELLED", "cursor": encode_cursor(7)}):
        answer = await client.get("/shipping/v1/admin/shipments", params=query, headers=ADMIN.headers)
        assert_problem(answer, 400, "invalid-request")
        assert "LOST" not in answer.text


CHANGE = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a101"


async def take_out(client, qty=1, *, order=ORDER, change_id=CHANGE):
    items = [{"product_id": LAMPS["product_id"], "qty": qty}]
    body = {"order_id": str(order), "change_id": change_id, "items": items}
    return await client.post("/shipping/v1/shipments/take-out", json=body, headers=internal_key_headers("order"))


async def test_pieces_are_taken_out_of_a_parcel_once(client, pay, read_outbox_types):
    parcel = (await draft(client, items=[LAMPS, CHAIR])).json()["id"]
    await pay()

    answers = [await take_out(client), await take_out(client)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json() == {"order_id": str(ORDER), "change_id": CHANGE}
    assert (await read(client, parcel)).json()["items"] == [{**LAMPS, "qty": 1}, CHAIR]
    assert await read_outbox_types() == []


async def test_pieces_that_are_out_are_so_also_after_the_dispatch(client, pay):
    parcel = (await draft(client, items=[LAMPS, CHAIR])).json()["id"]
    await pay()
    await take_out(client)
    await dispatch(client, parcel)

    repeat, other = await take_out(client), await take_out(client, change_id=str(UNKNOWN))

    assert repeat.status_code == 200
    assert_problem(other, 409, "already-dispatched")
    assert other.json()["detail"] == "The shipment is DISPATCHED"
    assert (await read(client, parcel)).json()["items"] == [{**LAMPS, "qty": 1}, CHAIR]


async def test_what_cannot_be_taken_out_changes_nothing(client, shipments):
    unknown = await take_out(client)
    nobody = await shipments.find_by_order(ORDER)
    await draft(client, items=[LAMPS, CHAIR])
    before = await shipments.find_by_order(ORDER)
    too_many = await take_out(client, 3)
    after = await shipments.find_by_order(ORDER)
    await cancel(client)
    stopped = await take_out(client)

    assert_problem(unknown, 404, "shipment-not-found")
    assert_problem(too_many, 409, "items-not-in-parcel")
    assert_problem(stopped, 409, "order-cancelled")
    assert (nobody, after) == (None, before)
    assert [item.qty for item in (await shipments.find_by_order(ORDER)).items] == [2, 1]


async def test_a_parcel_that_is_dispatched_while_pieces_are_taken_out_leaves_with_them_or_without(
    client, pay, shipments
):
    parcel = (await draft(client, items=[LAMPS, CHAIR])).json()["id"]
    await pay()

    taken, left = await asyncio.gather(take_out(client), dispatch(client, parcel))

    assert left.status_code == 200
    qty = {200: 1, 409: 2}[taken.status_code]
    assert [item.qty for item in (await shipments.find_by_order(ORDER)).items] == [qty, 1]


async def test_nothing_is_taken_out_for_an_order_that_was_cancelled_before_its_draft(client, shipments):
    await cancel(client)
    before = await shipments.find_by_order(ORDER)

    assert_problem(await take_out(client), 409, "order-cancelled")

    assert await shipments.find_by_order(ORDER) == before
