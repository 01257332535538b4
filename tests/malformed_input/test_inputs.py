"""Whatever no contract allows is refused as a problem, by either way: nothing of it echoed, nothing changed."""

import asyncio

import httpx
import pytest

from generated.access import OPERATIONS
from tests.access.requests import ALL_REQUESTS, REQUESTS, body_of, fill_placeholders, origin_of, session_cookie
from tests.malformed_input.inputs import (
    CANARY,
    IDS,
    REQUIRED_PARAMETERS,
    TEXT_PARAMETERS,
    WITH_BODY,
    WITH_IDS,
    bodies,
    path_with,
)

PROBLEM, PAGE = "application/problem+json", "text/html; charset=utf-8"
TITLES = {400: "/problems/invalid-request", 413: "/problems/too-large", 415: "/problems/unsupported-media-type"}


@pytest.fixture(scope="module")
async def admin_headers(shop):
    """Those of an admin who has signed in, to the API and to pages."""
    return {**shop.admin.headers, **await session_cookie(shop, *shop.manifest["admin"].values())}


@pytest.fixture
def allowed_headers(shop, admin_headers):
    """Makes the headers of whoever may do this: what is refused is refused for what it says."""

    def allowed_headers(access):
        keys = [shop.internal_key_headers(caller) for caller in access.internal]
        return {**(admin_headers if access.roles else {}), **(keys[0] if keys else {})}

    return allowed_headers


def routes(shop, service, access):
    """The ways to an operation: directly, and through the gateway where it has a route."""
    return {"directly": shop.direct[service]} | ({"gateway": shop.http} if access.public or access.roles else {})


async def declared_refusals(shop, service, access, requests):
    """Make all of them by every way, and say which were not refused as they should have been."""

    async def one(way, client, what, expected, method, path, said):
        if service == "storefront":
            said = {**said, "headers": {**said["headers"], **origin_of(client)}}
        try:
            answer = await client.request(method, path, **said)
        except httpx.TransportError:  # refused and closed before all of it was sent
            return [] if 413 in expected else [f"{way}, {what}: not answered"]
        told = f"{answer.headers} {answer.text}"
        wrong = []
        if answer.status_code not in expected:
            wrong.append(f"{way}, {what}: {answer.status_code}, not {' or '.join(map(str, expected))}: {told[-300:]}")
        if CANARY in told or CANARY.lower() in told.lower():
            wrong.append(f"{way}, {what}: echoed")
        if way == "gateway" and not answer.text:  # no sound path: refused before anybody with words of ours
            return wrong
        by_gateway = answer.headers.get("x-answered-by") == "gateway"  # another path or method, that no route has
        if service == "storefront" and answer.headers.get("content-type") == PAGE:
            return wrong
        if answer.headers.get("content-type") != PROBLEM:
            wrong.append(f"{way}, {what}: {answer.headers.get('content-type')}")
        elif not by_gateway and answer.json()["type"] != TITLES.get(answer.status_code, answer.json()["type"]):
            wrong.append(f"{way}, {what}: {answer.text}")
        return wrong

    ways = routes(shop, service, access).items()
    found = await asyncio.gather(*(one(way, client, *request) for way, client in ways for request in requests))
    return [wrong for each in found for wrong in each]


# May have any field, since somebody else defines them; what is not signed is refused for that.
OPEN_BODIES = {"receive_webhook"}


@pytest.mark.parametrize(("service", "name", "good"), WITH_BODY.values(), ids=WITH_BODY)
async def test_a_spoiled_body_is_refused(shop, seeded_orders, allowed_headers, service, name, good):
    access, request = OPERATIONS[service][name], REQUESTS[service][name]
    path = access.path.format(**fill_placeholders(request.path, seeded_orders))
    requests = []
    for what, (body, status, content_type, query) in bodies(fill_placeholders(good, seeded_orders)).items():
        typed = {"Content-Type": content_type} if content_type else {}
        headers = {**allowed_headers(access), **typed}
        statuses = (status, request.status) if name in OPEN_BODIES else (status,)
        requests.append((what, statuses, access.method, path + query, {"headers": headers, "content": body}))
    before = await shop.snapshot()

    assert await declared_refusals(shop, service, access, requests) == []

    assert await shop.snapshot() == before


@pytest.mark.parametrize(("service", "name"), WITH_IDS.values(), ids=WITH_IDS)
async def test_an_id_that_is_none_is_refused(shop, seeded_orders, allowed_headers, service, name):
    access, request = OPERATIONS[service][name], REQUESTS[service][name]
    body = body_of(request, seeded_orders)
    said = {"headers": allowed_headers(access), **body}
    requests = [
        (what, (400, 404, 405), access.method, path_with(access.path, hostile), said) for what, hostile in IDS.items()
    ]
    before = await shop.snapshot()

    assert await declared_refusals(shop, service, access, requests) == []

    assert await shop.snapshot() == before


@pytest.mark.parametrize(("service", "name"), ALL_REQUESTS, ids=[f"{service} {name}" for service, name in ALL_REQUESTS])
async def test_a_parameter_that_is_not_declared_or_not_as_declared_is_refused(
    shop, seeded_orders, allowed_headers, service, name
):
    access, request = OPERATIONS[service][name], REQUESTS[service][name]
    path = access.path.format(**fill_placeholders(request.path, seeded_orders))
    body = body_of(request, seeded_orders)
    query = fill_placeholders(request.query, seeded_orders)
    spoiled = {"unknown": {**query, CANARY: CANARY}, "unknown and empty": {**query, CANARY: ""}}
    if service == "storefront" and access.method == "GET":
        spoiled = {}  # a page does not read what others append to its address
    for parameter, value in query.items():
        spoiled[f"{parameter} said twice"] = {parameter: [value, value]}
        if parameter in REQUIRED_PARAMETERS[service, name]:
            spoiled[f"{parameter} missing"] = {}
        if parameter not in TEXT_PARAMETERS[service, name]:
            spoiled |= {f"{parameter}: {what}": {parameter: hostile} for what, hostile in IDS.items()}
    said = {"headers": allowed_headers(access), **body}
    requests = [(what, (400,), access.method, path, {**said, "params": params}) for what, params in spoiled.items()]
    before = await shop.snapshot()

    assert await declared_refusals(shop, service, access, requests) == []

    assert await shop.snapshot() == before


@pytest.mark.parametrize(
    "name",
    [f"{service} {name}" for service, name in (("order", "list_orders"), ("catalog", "list_products"))],
)
@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"limit": "1e1"}, {"limit": "9" * 5000}, {"limit": CANARY}, {"limit": "\u0661"},
     {"cursor": CANARY}, {"cursor": "AAAA"}, {"cursor": f"{CANARY}\0"}, {"cursor": CANARY * 100}],
    ids=["nothing", "too many", "a float", "5,000 digits", "a word", "another script's digit",
         "a made up cursor", "a cut off cursor", "a cursor with NUL", "a long cursor"],
)  # fmt: skip
async def test_a_page_that_cannot_be_is_refused(shop, allowed_headers, name, query):
    service, name = name.split()
    access = OPERATIONS[service][name]
    said = {"headers": allowed_headers(access), "params": query}

    assert await declared_refusals(shop, service, access, [("it", (400,), "GET", access.path, said)]) == []


async def test_an_image_that_comes_otherwise_than_its_contract_says_is_refused(shop, seeded_orders):
    access = OPERATIONS["catalog"]["add_image"]
    path, headers = access.path.format(product_id=seeded_orders["lamp"]), shop.admin.headers
    picture = ("lamp.png", b"\x89PNG " + CANARY.encode())
    typed = {**headers, "Content-Type": "multipart/form-data; boundary=x"}
    requests = [
        ("JSON", (415,), "POST", path, {"headers": headers, "json": {"image": CANARY}}),
        ("no content type", (415,), "POST", path, {"headers": headers, "content": CANARY.encode()}),
        ("no parts", (400,), "POST", path, {"headers": typed, "content": CANARY.encode()}),
        ("no image", (400,), "POST", path, {"headers": headers, "files": {"alt": (None, CANARY)}}),
        ("a field for a file", (400,), "POST", path, {"headers": headers, "files": {"image": (None, CANARY)}}),
        ("an unknown field", (400,), "POST", path,
         {"headers": headers, "files": {"image": picture}, "data": {CANARY: CANARY}}),
        ("two images", (400,), "POST", path, {"headers": headers, "files": [("image", picture), ("image", picture)]}),
        ("a text too long", (400,), "POST", path,
         {"headers": headers, "files": {"image": picture}, "data": {"alt": CANARY * 50}}),
        ("6 MB", (413,), "POST", path,
         {"headers": headers, "files": {"image": ("lamp.png", CANARY.encode() * 550_000)}}),
        ("no picture", (409,), "POST", path, {"headers": headers, "files": {"image": picture}}),
    ]  # fmt: skip
    before = await shop.snapshot()

    assert await declared_refusals(shop, "catalog", access, requests) == []

    assert await shop.snapshot() == before
