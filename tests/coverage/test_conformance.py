"""Whoever looks on sees what is not as the contract says, and so does openapi-core, which shares no code with it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tooling.conformance import exchanges
from tooling.conformance.coverage_log import CoverageLog, CoverageViolation
from tooling.conformance.exchanges import Contract, Exchange

CONTRACTS = Path(__file__).parents[2] / "contracts"
PLACED_ORDER = {
    "order_id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001",
    "status": "CREATED",
    "total_cents": 25998,
    "currency": "EUR",
    "items": [{"product_id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001", "title": "Walnut desk lamp", "qty": 2,
               "unit_price_cents": 12999}],
    "address_line1": "12 Quay Street",
    "city": "Galway",
    "country": "IE",
    "postcode": "H91 XY00",
    "pay_by": "2026-01-05T12:15:00Z",
}  # fmt: skip
EMPTY = {"type": "/problems/cart-is-empty", "title": "The cart is empty", "status": 409}
GALWAY = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
JSON, PROBLEM = "application/json", "application/problem+json"


def checkout(status=201, answer=PLACED_ORDER, kind=JSON, asked=GALWAY, **headers):
    """A checkout and its answer."""
    return Exchange(
        "POST", "/order/v1/orders/checkout", (), {"content-type": JSON, "authorization": "Bearer asha"},
        json.dumps(asked).encode(), status,
        {"content-type": kind, "location": f"/order/v1/orders/{PLACED_ORDER['order_id']}", **headers},
        b"" if answer is None else json.dumps(answer).encode(),
    )  # fmt: skip


@pytest.fixture
def ledger(monkeypatch):
    """Another one than that of the real exchanges."""
    monkeypatch.setattr(exchanges, "COVERAGE_LOG", ledger := CoverageLog())
    return ledger


@pytest.fixture(scope="module")
def order():
    return Contract(CONTRACTS / "order.yaml")


def test_an_exchange_that_is_as_the_contract_says_is_counted(order, ledger):
    order.record(checkout(), "services")
    order.record(checkout(409, EMPTY, PROBLEM), "features")

    assert dict(ledger.answers) == {
        ("order", "check_out", "201", JSON, "", "services"): 1,
        ("order", "check_out", "409", PROBLEM, "/problems/cart-is-empty", "features"): 1,
    }
    assert ledger.breaches == []


AWAY = checkout(502, {"type": "/problems/bad-gateway", "title": "x", "status": 502}, PROBLEM)
AWAY = AWAY._replace(headers={**AWAY.headers, "x-answered-by": "gateway"})

INVALID_EXCHANGES = {
    "a status that is not declared": checkout(202),
    "a media type that is not declared": checkout(kind="text/html"),
    "a refusal as plain JSON": checkout(409, EMPTY),
    "a field of another type": checkout(answer={**PLACED_ORDER, "total_cents": "25998"}),
    "a field that is missing": checkout(answer={k: v for k, v in PLACED_ORDER.items() if k != "pay_by"}),
    "a state nobody knows": checkout(answer={**PLACED_ORDER, "status": "SHIPPED"}),
    "a header that is missing": checkout(location=""),
    "no body": checkout(answer=None),
    "a problem of somebody else": checkout(409, {**EMPTY, "type": "/problems/email-taken"}, PROBLEM),
    "a problem of another status": checkout(409, {**EMPTY, "status": 404}, PROBLEM),
    "a problem without its members": checkout(409, {**EMPTY, "type": "/problems/order-exists"}, PROBLEM),
    "a problem with other members": checkout(409, {**EMPTY, "type": "/problems/price-changed", "lines": []}, PROBLEM),
    "a wrong request that is not refused": checkout(asked={**GALWAY, "country": "Ireland"}),
    "a fault of the server": checkout(500, {"type": "/problems/server-fault", "title": "x", "status": 500}, PROBLEM),
    "an answer without anybody known": checkout()._replace(request_headers={"content-type": JSON}),
    "an answer where nothing is": checkout()._replace(path="/order/v1/orders/checkout/now"),
    "the gateway's words from a service": AWAY,
}


@pytest.mark.parametrize("exchange", INVALID_EXCHANGES.values(), ids=INVALID_EXCHANGES)
def test_an_exchange_that_is_not_as_the_contract_says_is_told_and_not_counted(order, ledger, exchange):
    with pytest.raises(CoverageViolation):
        order.record(exchange, "services")

    assert len(ledger.breaches) == 1
    assert dict(ledger.answers) == {}


def test_what_the_gateway_says_by_itself_is_no_answer_of_a_service(order, ledger):
    order.record(AWAY, "shop")

    assert dict(ledger.answers) == {("gateway", "", "502", PROBLEM, "", "shop"): 1}


def test_what_only_a_service_says_is_never_taken_for_the_gateways(order, ledger):
    with pytest.raises(CoverageViolation):
        order.record(AWAY._replace(headers={"content-type": PROBLEM}), "shop")

    assert len(ledger.breaches) == 1


def spoil_exchange(value) -> Iterator[object]:
    """The value with one thing in it that is otherwise."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield {key: other for key, other in value.items() if key != name}
            yield from ({**value, name: worse} for worse in spoil_exchange(one))
    elif isinstance(value, list):
        yield from ([worse, *value[1:]] for worse in (spoil_exchange(value[0]) if value else ()))
        yield {"0": value}
    elif isinstance(value, str):
        yield from (5, None, "", value + "\x00", "long " * 1200, value.upper(), value[:-1])
    elif isinstance(value, int):
        yield from (str(value), None, -1, 2**60, value + 0.5, [value])
    else:
        yield from (value == 0, "null", 0)


def examples(operation) -> Iterator[tuple[int, str, object]]:
    """Every example of an answer of an operation in JSON: its status, its media type and what it says."""
    for status, response in operation.responses.items():
        for kind, content in ((kind, content) for kind, content in response.content.items() if kind.endswith("json")):
            yield from ((status, kind, example) for example in content.examples)


VALID_EXCHANGES = {"location": "/", "retry-after": "1", "cache-control": "no-cache", "etag": f'"{"0" * 24}"'}
SERVICES = [path for path in sorted(CONTRACTS.glob("*.yaml")) if path.stem != "common"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_both_judges_agree_on_every_example_and_on_all_that_can_be_wrong_with_it(path):
    contract = Contract(path)
    apart, judged, seen = [], 0, set()
    for declared, operation in contract.operations.items():
        place = declared.full_path.replace("{", "").replace("}", "")
        for status, kind, example in examples(declared):
            if (told := json.dumps([kind, example])) in seen:
                continue
            seen.add(told)
            schema = operation.responses[status, kind]
            for body in (example, *spoil_exchange(example)):
                content, headers = json.dumps(body).encode(), {**VALID_EXCHANGES, "content-type": kind}
                exchange = Exchange(declared.method.upper(), place, (), {}, None, status, headers, content)
                by_openapi_core = contract.by_openapi_core(operation, exchange, request=False)
                judged += 1
                if bool(schema.faults(body, "")) != bool(by_openapi_core):
                    apart.append((declared.id, status, body, by_openapi_core))

    assert apart == []
    assert judged > 50
