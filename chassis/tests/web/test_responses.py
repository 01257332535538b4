"""What leaves the service: declared answers, refusals in the contract's own words, and nothing else."""

import json
from uuid import UUID

import psycopg
import psycopg_pool
import pytest

from chassis.testing.problems import assert_problem
from chassis.tests.web.shop import (
    ASHA,
    CHECK_OUT,
    LAMP,
    ORDER,
    CartIsEmpty,
    Handlers,
    NoSuchProduct,
    OutOfStock,
    TooManyAttempts,
    bearer,
    call,
    lamp,
    placed,
    shop,
)
from chassis.web.access import User
from chassis.web.http_client import Problem, UndeclaredProblem, UpstreamUnavailable
from chassis.web.idempotency import IdempotencyKey
from chassis.web.problems import InvalidRequest, NotFound, TooManyRequests, Unavailable, problem_slug
from chassis.web.responses import Response, created, no_content, ok

JSON = {"content-type": "application/json"}


class ScriptedHandlers(Handlers):
    """Answers every operation with the outcome, or raises it."""

    outcome = None

    def _done(self):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def get_health(self):
        return self._done()

    async def list_products(self, limit: int, category: str | None = None):
        return self._done()

    async def get_product(self, product_id: UUID):
        return self._done()

    async def get_label(self, product_id: UUID, user: User | None):
        return self._done()

    async def check_out(self, body: dict, user: User, idempotency_key: IdempotencyKey | None = None):
        return self._done()

    async def get_order(self, order_id: UUID, owner: UUID | None):
        return self._done()

    async def add_notes(self, body: dict | None = None):
        return self._done()


@pytest.fixture(scope="module")
def application_answering(compiled):
    handlers = ScriptedHandlers()
    app = shop(handlers, compiled=compiled)

    async def read(outcome, path=f"/shop/v1/products/{LAMP}", headers=(), method="GET", body=b""):
        handlers.outcome = outcome
        return await call(app, method, path, headers, body)

    return read


@pytest.fixture(scope="module")
def read(application_answering):
    return application_answering


@pytest.fixture(scope="module")
def check_out(application_answering):
    async def check_out(outcome):
        body = json.dumps(CHECK_OUT).encode()
        return await application_answering(outcome, "/shop/v1/orders/checkout", {**bearer(), **JSON}, "POST", body)

    return check_out


async def test_an_exception_is_the_problem_of_its_name_with_the_contract_s_status_and_title(read):
    bare = await read(NoSuchProduct())
    told = await read(NoSuchProduct("Walnut desk lamp"))

    assert_problem(bare, 404, "no-such-product")
    assert bare.json() == {"type": "/problems/no-such-product", "title": "The product is not known", "status": 404}
    assert told.json() == {**bare.json(), "detail": "Walnut desk lamp"}


async def test_a_refusal_s_members_and_headers_go_with_it(check_out):
    short = await check_out(OutOfStock("Walnut desk lamp: 2 wanted, 1 left", left=1))
    often = await check_out(TooManyAttempts())

    assert short.json() == {
        "type": "/problems/out-of-stock",
        "title": "A product is out of stock",
        "status": 409,
        "left": 1,
        "detail": "Walnut desk lamp: 2 wanted, 1 left",
    }
    assert (often.status, often.headers["retry-after"]) == (429, "7")


async def test_members_cannot_say_another_type_title_or_status(check_out):
    refusal = OutOfStock("so", left=0)
    refusal.members |= {"status": 200, "type": "/problems/other", "title": "Fine"}

    answer = await check_out(refusal)

    assert_problem(answer, 409, "out-of-stock")


@pytest.mark.parametrize("members", [{}, {"left": 501}, {"left": None}], ids=["missing", "too large", "not a number"])
async def test_members_that_break_the_problem_s_own_schema_are_a_bare_500(check_out, members):
    refusal = OutOfStock("SECRET", left=0)
    refusal.members = members

    _nothing_told(await check_out(refusal))


async def test_the_chassis_s_own_refusals_are_answered_where_they_are_declared(read):
    missing = await read(NotFound())
    invalid = await read(InvalidRequest("the cursor is not one of ours"))

    assert missing.json() == {"type": "/problems/not-found", "title": "There is no such thing", "status": 404}
    assert (invalid.status, invalid.json()["detail"]) == (400, "the cursor is not one of ours")


@pytest.mark.parametrize(
    "fault",
    [psycopg.OperationalError("server closed"), psycopg_pool.PoolTimeout(), psycopg.errors.DeadlockDetected(),
     Unavailable(), UpstreamUnavailable("reserve_stock answered 500"),
     UndeclaredProblem(401, {"type": "/problems/unauthorized", "detail": "SECRET"})],
    ids=["connection lost", "no free connection", "deadlock", "said so", "neighbour away", "neighbour refuses us"],
)  # fmt: skip
async def test_an_unavailable_upstream_is_503_where_declared_and_a_bare_500_elsewhere(read, fault):
    declared = await read(fault)
    undeclared = await read(fault, f"/shop/v1/orders/{ORDER}", bearer())

    assert (declared.status, declared.headers["retry-after"]) == (503, "1")
    assert declared.json() == {
        "type": "/problems/unavailable",
        "title": "Something that this needs is away for now",
        "status": 503,
    }
    _nothing_told(undeclared)


UNDECLARED = {
    "another operation's refusal": CartIsEmpty("SECRET"),
    "a status that is not declared": TooManyRequests("SECRET"),
    "a fault": KeyError("SECRET"),
    "an error that Connexion has a meaning for": ValueError("SECRET"),
    "a neighbour's refusal": type("NoSuchProduct", (Problem,), {})(404, {"type": "/problems/x", "detail": "SECRET"}),
    "a refusal that breaks its schema": type("NoSuchProduct", (Exception,), {"members": {"left": -1}})("SECRET"),
}


@pytest.mark.parametrize("fault", UNDECLARED.values(), ids=UNDECLARED.keys())
async def test_an_exception_the_contract_does_not_know_is_a_bare_500(read, fault):
    _nothing_told(await read(fault))


BROKEN = {
    "a value not in the list": ("/shop/health", ok({"status": "SECRET"})),
    "nothing for a body": ("/shop/health", ok(None)),
    "a field is missing": ("/shop/v1/products", ok({"items": []})),
    "no number": ("/shop/v1/products", ok({"items": [], "next_cursor": None, "total": float("nan")})),
    "not an id": (f"/shop/v1/products/{LAMP}", ok({"id": "SECRET"})),
    "another media type": (f"/shop/v1/products/{LAMP}/label", Response(b"x", media_type="image/png")),
    "another status": ("/shop/v1/products", Response(status=202)),
    "bytes that are not the contract's": ("/shop/health", ok(b'{"status": 1}')),
    "bytes that are not JSON": ("/shop/health", ok(b"SECRET")),
    "what cannot be written": ("/shop/health", ok(object())),
    "no answer at all": ("/shop/health", None),
}


@pytest.mark.parametrize(("path", "answer"), BROKEN.values(), ids=BROKEN.keys())
async def test_an_answer_the_contract_does_not_allow_is_a_bare_500(read, path, answer):
    _nothing_told(await read(answer, path))


async def test_a_missing_required_response_header_is_a_bare_500(check_out):
    _nothing_told(await check_out(created({"id": ORDER})))


def _nothing_told(answer):
    assert_problem(answer, 500, "server-fault")
    assert answer.json() == {
        "type": "/problems/server-fault",
        "title": "Something went wrong on our side",
        "status": 500,
    }


async def test_models_dicts_and_bytes_are_answered_alike(read):
    model = await read(ok(lamp()))
    dictionary = await read(ok(model.json()))
    raw = await read(ok(model.body))

    assert model == dictionary == raw
    assert model.json()["title"] == "Walnut desk lamp"


def test_response_helpers_set_status_and_location():
    assert (ok(1).status, no_content().status, no_content().body) == (200, 204, None)
    made = created(placed, location=f"/shop/v1/orders/{ASHA}")
    assert (made.status, made.headers) == (201, {"Location": f"/shop/v1/orders/{ASHA}"})


@pytest.mark.parametrize(
    ("name", "slug"),
    [("OutOfStock", "out-of-stock"), ("NotFound", "not-found"), ("SKUTaken", "sku-taken"), ("Http2Off", "http2-off")],
)
def test_a_problem_type_is_its_class_s_name_in_small_letters(name, slug):
    assert problem_slug(type(name, (Exception,), {})) == f"/problems/{slug}"
