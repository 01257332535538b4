"""What a service cannot handle can be seen and sent back in the running shop, whichever service it is."""

import asyncio
from uuid import uuid4

import pytest

from chassis.testing.eventually import eventually
from chassis.testing.topics import produce_record, read_records
from generated.access import OPERATIONS
from infra import redrive
from infra.redrive import RECEIVERS
from services import EVENT_CONTRACTS_FOLDER
from tooling.conformance.contract_recorder import read_messages


def topic_of(service):
    return min(read_messages(EVENT_CONTRACTS_FOLDER / f"{service}.yaml").topics)


@pytest.fixture
def ask(shop):
    """Ask a service of its dead letters, as an admin by the gateway."""

    async def ask(service, method="GET", path="", **params):
        url = f"/{service}/v1/admin/dead-letters{path}"
        answer = await shop.http.request(
            method, url, headers={"Authorization": f"Bearer {shop.admin.token}"}, params=params
        )
        return answer.status_code, answer.json()

    return ask


@pytest.fixture
def put_aside(shop, ask):
    """Have a service put aside what is no event, and say the id of the letter."""

    async def put_aside(service):
        key = str(uuid4())
        headers = {"only-for": service.encode()}
        await produce_record(shop.manifest["kafka"], topic_of(service), b'{"user_email": "as', key=key, headers=headers)

        async def listed():
            _, page = await ask(service, status="OPEN", limit=100)
            return [letter["id"] for letter in page["items"] if letter["key"] == key]

        (letter_id,) = await eventually(listed, within=20)
        return letter_id

    return put_aside


def test_every_service_that_receives_events_has_the_operations():
    receiving = {path.stem for path in EVENT_CONTRACTS_FOLDER.glob("*.yaml") if read_messages(path).receives}

    assert set(RECEIVERS) == receiving
    for service in receiving:
        assert {f"{verb}_{service}_dead_letter" for verb in ("get", "redrive", "dismiss")} <= OPERATIONS[service].keys()


@pytest.mark.parametrize("service", RECEIVERS)
async def test_a_letter_is_read_sent_back_and_given_up(shop, ask, put_aside, service):
    letter_id = await put_aside(service)

    status, read = await ask(service, path=f"/{letter_id}")
    assert (status, read["value"]) == (200, '{"user_email": "as')
    assert (read["letter"]["topic"], read["letter"]["operation"]) == (topic_of(service), None)
    assert read["letter"]["error"].startswith("InvalidMessage: not JSON: ")
    assert "as" not in read["letter"]["error"].removeprefix("InvalidMessage").split()

    status, redriven = await ask(service, "POST", f"/{letter_id}/redrive")
    assert (status, redriven["id"]) == (200, letter_id)

    async def failed_again():
        _, now = await ask(service, path=f"/{letter_id}")
        return now["letter"]["status"] == "OPEN" and now["letter"]["redriven_at"]

    await eventually(failed_again, within=20)
    status, dismissed = await ask(service, "POST", f"/{letter_id}/dismiss")
    assert (status, dismissed["status"]) == (200, "DISMISSED")
    _, page = await ask(service, status="OPEN", limit=100)
    assert letter_id not in [letter["id"] for letter in page["items"]]
    for _, path in (("GET", ""), ("POST", "/redrive"), ("POST", "/dismiss")):
        status, problem = await ask(service, "POST" if path else "GET", f"/{uuid4()}{path}")
        assert (status, problem["type"]) == (404, "/problems/dead-letter-not-found")


async def test_the_script_counts_lists_shows_and_sends_back_what_fits_and_nothing_else(shop, ask, put_aside, capsys):
    ours, others = await put_aside("payment"), await put_aside("shipping")

    async def run(*words):
        code = await asyncio.to_thread(redrive.main, [*words, "--run-dir", str(shop.run_dir)])
        return code, capsys.readouterr().out

    code, counted = await run()
    assert code == 0
    assert "payment  " in counted
    assert "InvalidMessage: not JSON" in counted
    assert ours in (await run("list", "--service", "payment"))[1]
    assert others not in (await run("list", "--error", "of another kind"))[1]
    code, shown = await run("show", ours)
    assert (code, '18 bytes: {"user_email": "as' in shown) == (0, True)
    assert others not in shown

    code, sent = await run("send", ours)

    assert code == 0
    assert "1 dead letters that are OPEN, sent back." in sent

    async def both_open():
        letters = [
            (await ask(service, path=f"/{one}"))[1]["letter"]
            for service, one in (("payment", ours), ("shipping", others))
        ]
        return letters[0]["redriven_at"] and {letter["status"] for letter in letters} == {"OPEN"} and letters

    _, untouched = await eventually(both_open, within=20)
    assert untouched["redriven_at"] is None
    assert (await run("show", str(uuid4())))[0] == 1
    for service, letter_id in (("payment", ours), ("shipping", others)):
        await ask(service, "POST", f"/{letter_id}/dismiss")


async def test_no_header_of_a_letter_names_a_person(shop, put_aside):
    await put_aside("order")

    letters = await read_records(shop.manifest["kafka"], f"{topic_of('order')}.dlq")

    assert letters
    assert [name for letter in letters for name, value in letter.headers if b"@" in value] == []
