"""The few gates by name: nobody becomes an admin by asking, restocks with half of what it takes, or gets inside."""

import re

import pytest

from chassis.testing.problems import assert_problem
from features.shop.shopper import PASSWORD
from generated.access import OPERATIONS
from generated.models.auth import Role
from infra.local.process import exchange_bytes
from tests.access.requests import REQUESTS, fill_placeholders

INTERNAL_PATHS = {
    f"{service} {name}": (service, name)
    for service, operations in OPERATIONS.items()
    for name, operation in operations.items()
    if not operation.public and not operation.roles
}
PATH_SPELLINGS = {
    "as it is": lambda path: path,
    "a slash at the end": lambda path: f"{path}/",
    "two slashes": lambda path: path.replace("/v1", "//v1"),
    "two slashes at the beginning": lambda path: f"/{path}",
    "an encoded slash": lambda path: path.replace("/v1/", "/v1%2F"),
    "an encoded slash at the end": lambda path: f"{path}%2f",
    "an encoded letter": lambda path: path[:-1] + f"%{ord(path[-1]):02x}",
    "an encoded per cent": lambda path: path[:-1] + f"%25{ord(path[-1]):02x}",
    "a dot": lambda path: path.replace("/v1/", "/v1/./"),
    "a way round": lambda path: path.replace("/v1/", "/v1/x/../"),
    "an encoded way round": lambda path: path.replace("/v1/", "/v1/x/%2e%2e/"),
    "through a public path": lambda path: f"/catalog/v1/products/../../..{path}",
    "a backslash": lambda path: path.replace("/v1/", "/v1\\"),
    "a path parameter": lambda path: f"{path};x=y",
    "capitals": lambda path: path.replace("/v1", "/V1"),
    "a whole address": lambda path: f"http://shop{path}",
    "a NUL at the end": lambda path: f"{path}%00",
}


@pytest.mark.parametrize(("service", "name"), INTERNAL_PATHS.values(), ids=INTERNAL_PATHS)
async def test_no_spelling_leads_through_the_gateway_to_what_only_services_may_call(shop, seeded_orders, service, name):
    operation, request = OPERATIONS[service][name], REQUESTS[service][name]
    path = operation.path.format(**fill_placeholders(request.path, seeded_orders))
    (caller,) = operation.internal
    key, port = shop.manifest["internal_keys"][caller], shop.http.base_url.port
    # With this the operation would change something, were it reached.
    body = b'{"order_id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a00e"}'
    before = await shop.snapshot()

    answers = {}
    for spelling, spelled in PATH_SPELLINGS.items():
        head = f"{operation.method} {spelled(path)} HTTP/1.0\r\nHost: shop\r\nX-Internal-Key: {key}\r\n"
        head += f"Authorization: Bearer {shop.admin.token}\r\n"
        typed = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        raw = await exchange_bytes(port, (head + typed).encode() + body)
        by_service = b"/problems/" in raw and b"x-answered-by: gateway" not in raw.lower()
        answers[spelling] = (int(raw.split()[1]), by_service)

    refused = [(404, False), (405, False), (400, False)]
    assert {spelling: said for spelling, said in answers.items() if said not in refused} == {}
    assert await shop.snapshot() == before


@pytest.mark.parametrize(("service", "name"), INTERNAL_PATHS.values(), ids=INTERNAL_PATHS)
async def test_nobody_sees_from_outside_that_there_is_something_for_services_alone(shop, service, name):
    path = OPERATIONS[service][name].path
    offered = {one.path for one in OPERATIONS[service].values() if one.public or one.roles}
    nothing = re.sub(r"/\w+((/\{\w+\})*)$", r"/nothing\1", path)

    async def answers(path):
        path = re.sub(r"\{\w+\}", "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a00f", path)
        said = [
            await shop.http.request(method, path, headers=headers)
            for method in ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS")
            for headers in ({}, shop.admin.headers)
        ]
        return [({**answer.headers, "date": ""}, answer.status_code, answer.content) for answer in said]

    seen = await answers(path)

    if path in offered:  # by other methods, which alone are named
        assert {headers.get("allow", "GET, HEAD, OPTIONS") for headers, _, _ in seen} == {"GET, HEAD, OPTIONS"}
    else:
        assert seen == await answers(nothing)


@pytest.mark.parametrize("where", ["through the gateway", "directly"])
@pytest.mark.parametrize("said", [{"role": "admin"}, {"roles": ["admin"]}, {"is_admin": True}, {"id": "1"}], ids=str)
async def test_a_registration_that_asks_for_a_role_is_refused_and_opens_no_account(shop, seeded_orders, where, said):
    client = shop.http if where == "through the gateway" else shop.direct["auth"]
    mallory = {"email": fill_placeholders("{fresh}@example.com", seeded_orders), "password": PASSWORD}

    answer = await client.post("/auth/register", json={**mallory, **said})

    assert_problem(answer, 400, "invalid-request")
    assert (await client.post("/auth/login", json=mallory)).status_code == 401


async def test_who_registers_is_a_customer(bram):
    assert (await bram.get_account()).role is Role.CUSTOMER


@pytest.mark.parametrize("where", ["through the gateway", "directly"])
async def test_nobody_but_an_admin_is_shown_what_is_not_for_sale(shop, everybody, where):
    client = shop.http if where == "through the gateway" else shop.direct["catalog"]
    product = f"/catalog/v1/products/{(await shop.product(stock=1)).id}"
    assert (await client.patch(product, json={"active": False}, headers=shop.admin.headers)).status_code == 200
    expected = {who: [200, 200] if caller.role == "admin" else [404, 404] for who, caller in everybody.items()}
    expected |= {who: [401, 401] for who, caller in everybody.items()
                 if caller.role is None and "Authorization" in caller.headers}  # fmt: skip

    answered = {
        who: [(await client.get(at, headers=caller.headers)).status_code for at in (product, f"{product}/images")]
        for who, caller in everybody.items()
    }

    assert answered == expected


@pytest.mark.parametrize("key", ["operator", "storefront"])
@pytest.mark.parametrize("where", ["through the gateway", "directly"])
async def test_it_takes_an_admin_and_a_key_to_restock(shop, bram, where, key):
    client = shop.http if where == "through the gateway" else shop.direct["catalog"]
    admin, lamp = shop.admin, await shop.product(stock=5)
    restock = {"items": [{"product_id": str(lamp.id), "qty": 1}]}

    async def restocked(headers):
        return (await client.post("/catalog/v1/inventory/restock", json=restock, headers=headers)).status_code

    assert await restocked(shop.internal_key_headers(key)) == 401
    assert await restocked(admin.headers) == 401
    assert await restocked({**bram.headers, **shop.internal_key_headers(key)}) == 403
    assert await restocked({**admin.headers, **shop.internal_key_headers("order")}) == 403
    assert await shop.available(lamp) == 5

    assert await restocked({**admin.headers, **shop.internal_key_headers(key)}) == 200
    assert await shop.available(lamp) == 6
