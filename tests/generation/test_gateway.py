"""What passes the gateway, and what does not: the real Traefik with the real routes."""

import asyncio
import re

import pytest
import yaml

from chassis.runtime.networks import Networks
from chassis.testing.eventually import eventually
from chassis.web.client_address import client_address
from generated.access import OPERATIONS
from infra.local import traefik
from tests.generation.conftest import ORIGIN, echo_server, opened_gateway

KEY = {"X-Internal-Key": "devkey"}
ALL_OPERATIONS = [
    (service, name, found) for service, operations in OPERATIONS.items() for name, found in operations.items()
]
PUBLIC_OPERATIONS = [operation for operation in ALL_OPERATIONS if operation[2].public or operation[2].roles]
INTERNAL_OPERATIONS = [operation for operation in ALL_OPERATIONS if operation not in PUBLIC_OPERATIONS]
PATHS_OUTSIDE = {operation.path for _, _, operation in PUBLIC_OPERATIONS}


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}


def assert_answered_by_the_gateway(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-answered-by"] == "gateway"
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.request.method != "HEAD":
        assert answer.json()["status"] == answer.status_code


def example_path(operation):
    return re.sub(r"\{[^}]+\}", "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001", operation.path)


def paths_with_and_without_slash(path):
    return (path.removesuffix("/") or "/", f"{path.removesuffix('/')}/")


def routes_named(operations):
    return [pytest.param(found, id=f"{service} {name}") for service, name, found in operations]


@pytest.mark.parametrize("operation", routes_named(PUBLIC_OPERATIONS))
async def test_what_is_offered_to_the_outside_passes_as_it_is(gateway, operation):
    for path in paths_with_and_without_slash(example_path(operation)):
        answer = await gateway.request(operation.method, path, headers={"Authorization": "Bearer t"})

        assert answer.status_code == 200
        assert (answer.json()["method"], answer.json()["path"]) == (operation.method, path)
        assert answer.json()["headers"]["Authorization"] == "Bearer t"


@pytest.mark.parametrize("operation", routes_named(INTERNAL_OPERATIONS))
async def test_what_only_services_may_call_has_no_route_even_with_a_key(gateway, operation):
    for path in paths_with_and_without_slash(example_path(operation)):
        answer = await gateway.request(operation.method, path, headers=KEY)

        assert answer.status_code in {404, 405}
        assert_answered_by_the_gateway(answer)
        assert operation.method not in answer.headers.get("allow", "")


@pytest.mark.parametrize(
    "operation", routes_named(one for one in INTERNAL_OPERATIONS if one[2].path not in PATHS_OUTSIDE)
)
async def test_a_path_of_services_alone_is_answered_like_one_that_is_nothing(gateway, operation):
    nothing = re.sub(r"/\w+((/\{\w+\})*)$", r"/nothing\1", operation.path)

    for method in ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answers = [
            await gateway.request(method, example_path(operation._replace(path=path)))
            for path in (operation.path, nothing)
        ]
        said = [(answer.status_code, answer.headers.get("allow"), answer.headers.get("x-answered-by"))
                for answer in answers]  # fmt: skip
        assert said[0] == said[1], method


@pytest.mark.parametrize(
    "path",
    [
        "/catalog/v1/inventory%2Freserve",
        "/catalog/v1%2finventory/reserve",
        "/catalog/v1/products/../inventory/reserve",
        "/catalog//v1/inventory/reserve",
        "/catalog/v1/inventory/./reserve",
        "/catalog/v1/inventory/%72eserve",
        "/catalog/v1/inventory/reserve/",
        "/catalog/v1/inventory/reserve;x",
        "/CATALOG/v1/inventory/reserve",
    ],
)
async def test_no_spelling_of_an_internal_path_passes(gateway, path):
    answer = await gateway.post(path, headers=KEY, json={})

    assert answer.status_code in {400, 404, 405}
    assert "size" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/catalog"),
        ("GET", "/catalog/openapi.json"),
        ("GET", "/catalog/ui/"),
        ("GET", "/catalog/v1/products/a/b"),
        ("GET", "/order/v1/orders/checkout/extra"),
        ("GET", "/nowhere/health"),
        ("HEAD", "/nowhere/health"),
        ("OPTIONS", "/nowhere/health"),
        ("GET", "/failed/502"),
        ("GET", "/unmatched/order/v1/orders"),
        ("GET", "/problems/health/ready"),
    ],
)
async def test_what_no_contract_offers_does_not_pass(gateway, method, path):
    answer = await gateway.request(method, path)

    assert answer.status_code == 404
    assert_answered_by_the_gateway(answer)


async def test_a_browser_is_shown_a_page_for_what_is_not_there(gateway):
    page = await gateway.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8", **KEY})
    posted = await gateway.post("/nowhere", headers={"Accept": "text/html"})

    assert (page.status_code, page.json()["path"]) == (200, "/nowhere")
    assert "X-Internal-Key" not in page.json()["headers"]
    assert_answered_by_the_gateway(posted)


async def test_what_pages_may_load_says_their_service(gateway):
    page, api = await gateway.get("/sign-in"), await gateway.get("/auth/health")

    assert "content-security-policy" not in page.headers
    assert api.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/cart/v1/cart", "GET, HEAD, OPTIONS"),
        ("TRACE", "/catalog/v1/products/", "GET, HEAD, OPTIONS, POST"),
        ("PATCH", "/catalog/v1/products", "GET, HEAD, OPTIONS, POST"),
        ("PUT", "/catalog/v1/products/x/images/", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/catalog/v1/inventory/reserve", "GET, HEAD, OPTIONS"),
        ("PUT", "/cart/v1/cart/items/x", "DELETE, OPTIONS, PATCH"),
        ("POST", "/shipping/v1/shipments", "GET, HEAD, OPTIONS"),
        ("PUT", "/catalog/v1/inventory/restock", "OPTIONS, POST"),
    ],
    ids=" ".join,
)
async def test_another_method_is_refused_with_those_that_there_are(gateway, method, path, allow):
    answer = await gateway.request(method, path)
    asked = await gateway.options(path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert_answered_by_the_gateway(answer)
    assert (asked.status_code, asked.headers["allow"], asked.content) == (204, allow, b"")


@pytest.mark.parametrize("operation", routes_named(one for one in PUBLIC_OPERATIONS if one[2].method == "GET"))
async def test_whatever_can_be_read_can_be_asked_for_its_head(gateway, operation):
    for path in paths_with_and_without_slash(example_path(operation)):
        answer = await gateway.head(path)

        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize("header", ["X-Internal-Key", "x-internal-key", "X_Internal_Key", "X-Internal_Key"])
async def test_an_internal_key_is_taken_away(gateway, header):
    answer = await gateway.get("/order/v1/orders", headers={header: "devkey"})

    assert answer.status_code == 200
    assert "devkey" not in answer.text


@pytest.mark.parametrize("what", ["restock", "correct"])
async def test_the_operator_keeps_the_key_to_the_stock(gateway, what):
    answer = await gateway.post(f"/catalog/v1/inventory/{what}", headers=KEY, json={})

    assert answer.json()["headers"]["X-Internal-Key"] == "devkey"


async def test_nobody_says_for_whom_a_request_was_forwarded(gateway):
    answer = await gateway.get("/order/v1/orders", headers={"Forwarded": "for=192.0.2.7"})

    assert "192.0.2.7" not in answer.text


FORWARDED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "elsewhere.example.com",
    "X-Forwarded-Proto": "https",
    "X-Real-Ip": "203.0.113.8",
}


@pytest.mark.parametrize(("trusted", "believed"), [("", False), ("10.0.0.0/8", False), ("::1, 127.0.0.0/8", True)])
async def test_what_stands_before_the_gateway_is_believed_where_it_is_trusted(tmp_path, echo, trusted, believed):
    async with opened_gateway(tmp_path, [echo], TRUSTED_PROXIES=trusted) as gateway:
        told = (await gateway.get("/order/v1/orders", headers=FORWARDED)).json()["headers"]

    addresses = told["X-Forwarded-For"].split(", ")
    assert addresses == (["203.0.113.7", "127.0.0.1"] if believed else ["127.0.0.1"])
    assert told["X-Forwarded-Proto"] == ("https" if believed else "http")
    assert client_address(told["X-Forwarded-For"], Networks(trusted)) == ("203.0.113.7" if believed else "127.0.0.1")


SEARCH = "/search?q=lamp"  # 100 at once, and 20 a second


async def ask_often(gateway, address="203.0.113.7", headers=None):
    """The answers to 300 requests, as fast as they come, which a load balancer passes on for an address."""
    sent, at_once = {"X-Forwarded-For": address, **(headers or {})}, asyncio.Semaphore(20)

    async def ask():
        async with at_once:
            return await gateway.get(SEARCH, headers=sent, timeout=60)

    return await asyncio.gather(*(ask() for _ in range(300)))


async def test_one_address_that_asks_too_often_is_told_so_in_a_problem_and_no_other_is(tmp_path, echo):
    async with opened_gateway(tmp_path, [echo], RATE_LIMITS="on", TRUSTED_PROXIES="127.0.0.1") as gateway:
        answers = await ask_often(gateway)
        neighbour = await gateway.get(SEARCH, headers={"X-Forwarded-For": "203.0.113.8"})
        elsewhere = await gateway.get("/cart", headers={"X-Forwarded-For": "203.0.113.7"})
        pages = await ask_often(gateway, headers=BROWSER)

    refused = next(answer for answer in answers if answer.status_code == 429)
    page = next(answer for answer in pages if answer.status_code == 429)
    assert {answer.status_code for answer in answers} == {200, 429}
    assert sum(answer.status_code == 200 for answer in answers) >= 100
    assert_answered_by_the_gateway(refused)
    assert refused.json()["type"] == "/problems/too-many-requests"
    assert int(refused.headers["retry-after"]) >= 1
    assert (neighbour.status_code, elsewhere.status_code) == (200, 200)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "A moment, please" in page.text


async def test_what_a_client_makes_up_of_its_address_helps_it_nothing(tmp_path, echo):
    async with opened_gateway(tmp_path, [echo], RATE_LIMITS="on") as gateway:
        answers = [await ask_often(gateway, f"198.51.100.{number}") for number in range(2)]

    assert {answer.status_code for answer in answers[1][:50]} >= {429}


async def test_where_something_else_bounds_requests_the_gateway_need_not(tmp_path, echo):
    async with opened_gateway(tmp_path, [echo], RATE_LIMITS="off") as gateway:
        assert {answer.status_code for answer in await ask_often(gateway)} == {200}


async def test_an_address_that_is_said_by_the_proxy_protocol_is_believed_of_those_that_are_trusted(
    tmp_path, echo, monkeypatch
):
    static = yaml.safe_load(traefik.STATIC_CONFIG_FILE.read_text("utf-8"))
    static["entryPoints"]["web"]["proxyProtocol"] = {"trustedIPs": ["127.0.0.1"]}
    trusting = tmp_path / "static.yml"
    trusting.write_text(yaml.safe_dump(static), "utf-8")
    said = b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 80\r\nGET /order/v1/orders HTTP/1.0\r\n\r\n"

    async def asked(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        answer = await reader.read()
        writer.close()
        return answer

    async with opened_gateway(tmp_path / "plain", [echo]) as gateway:
        plain = await asked(gateway.base_url.port)
    monkeypatch.setattr(traefik, "STATIC_CONFIG_FILE", trusting)
    async with opened_gateway(tmp_path / "trusting", [echo]) as gateway:
        believed = await asked(gateway.base_url.port)

    assert b'"X-Real-Ip":"203.0.113.7"' in believed
    assert b"203.0.113.7" not in plain


async def test_a_trace_passes(gateway):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    answer = await gateway.get("/order/v1/orders", headers={"traceparent": trace})

    assert trace in answer.text


async def test_every_answer_carries_the_security_headers(gateway):
    answer = await gateway.get("/catalog/v1/products/")

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Server" not in answer.headers


async def test_a_body_is_left_to_its_service_which_refuses_it_in_its_own_words(gateway):
    answer = await gateway.post("/auth/register", content=b"x" * 2_000_000)

    assert answer.json()["size"] == 2_000_000


async def test_no_page_of_another_origin_may_call_the_shop_unless_that_is_set(gateway):
    preflight = await gateway.options("/cart/v1/cart/items", headers=PREFLIGHT)
    answer = await gateway.get("/catalog/v1/products/", headers={"Origin": ORIGIN})

    assert [name for one in (preflight, answer) for name in one.headers if name.startswith("access-control-")] == []


async def test_a_page_of_an_origin_that_is_set_may_call_the_shop(open_gateway):
    preflight = await open_gateway.options("/cart/v1/cart/items", headers=PREFLIGHT)
    answer = await open_gateway.get("/catalog/v1/products/", headers={"Origin": ORIGIN})

    assert preflight.status_code in {200, 204}
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert {"Authorization", "Content-Type", "Idempotency-Key"} <= set(
        preflight.headers["access-control-allow-headers"].replace(" ", "").split(",")
    )
    assert preflight.headers["access-control-max-age"] == "600"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert {"ETag", "Location", "Retry-After"} <= set(
        answer.headers["access-control-expose-headers"].replace(" ", "").split(",")
    )
    assert "origin" in answer.headers["vary"].lower()
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("operation", routes_named(PUBLIC_OPERATIONS))
async def test_a_page_of_an_origin_that_is_set_may_call_whatever_is_offered(open_gateway, operation):
    asked = {**PREFLIGHT, "Access-Control-Request-Method": operation.method}

    for path in paths_with_and_without_slash(example_path(operation)):
        preflight = await open_gateway.options(path, headers=asked)

        assert preflight.headers["access-control-allow-origin"] == ORIGIN
        assert operation.method in preflight.headers["access-control-allow-methods"].split(",")


async def test_pages_of_every_origin_may_call_the_shop_if_that_is_set(tmp_path, echo):
    async with opened_gateway(tmp_path, [echo], CORS_ORIGINS="*") as gateway:
        answer = await gateway.get("/catalog/v1/products/", headers={"Origin": ORIGIN})

    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_page_of_any_other_origin_may_not(open_gateway):
    other = {"Origin": "https://mallory.example.com"}

    preflight = await open_gateway.options("/cart/v1/cart/items", headers={**PREFLIGHT, **other})
    answer = await open_gateway.get("/catalog/v1/products/", headers=other)

    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in answer.headers


async def test_a_service_that_cannot_be_reached_is_a_problem(tmp_path):
    with echo_server() as gone:
        pass
    async with opened_gateway(tmp_path, [gone]) as gateway:
        answer = await gateway.get("/order/v1/orders")

    assert answer.status_code == 502
    assert_answered_by_the_gateway(answer)
    assert answer.headers["retry-after"] == "1"


async def test_a_storefront_that_cannot_be_reached_is_a_page_for_browsers_and_a_problem_for_others(tmp_path):
    with echo_server() as gone:
        pass
    async with opened_gateway(tmp_path, [gone]) as gateway:
        pages = [await gateway.request(method, "/sign-in", headers=BROWSER) for method in ("GET", "POST")]
        problem = await gateway.get("/sign-in")

    for page in pages:
        assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")
        assert (page.headers["retry-after"], page.headers["x-answered-by"]) == ("1", "gateway")
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert "The shop is resting for a moment" in page.text
    assert_answered_by_the_gateway(problem)


async def test_of_replicas_that_are_all_gone_the_gateway_says_so(tmp_path):
    with echo_server() as one, echo_server() as other:
        pass
    async with opened_gateway(tmp_path, [one, other]) as gateway:

        async def given_up():
            return (await gateway.get("/order/v1/orders")).status_code == 503

        await eventually(given_up)
        answer = await gateway.get("/order/v1/orders")

    assert_answered_by_the_gateway(answer)
    assert answer.headers["retry-after"] == "1"


async def ports_of(gateway, requests):
    """Who got so many requests; nobody for those that were not answered by a service."""
    answers = [await gateway.get("/order/v1/orders") for _ in range(requests)]
    return {answer.json()["port"] if answer.status_code == 200 else None for answer in answers}


async def test_replicas_get_requests_in_turn(tmp_path, echo):
    with echo_server() as other:
        async with opened_gateway(tmp_path, [echo, other]) as gateway:
            assert await ports_of(gateway, 2) == {echo, other}


async def test_a_replica_that_is_gone_is_passed_over(tmp_path, echo):
    with echo_server() as gone:
        pass
    async with opened_gateway(tmp_path, [echo, gone]) as gateway:

        async def passed_over():
            return await ports_of(gateway, 4) == {echo}

        await eventually(passed_over)
