"""What must stop the start: a contract and handlers that do not fit together."""

from uuid import UUID

import pytest
import yaml

from chassis.contracts.errors import ContractError
from chassis.tests.web.shop import CONTRACT, SIGNER, TRUSTED, CheckOut, Handlers, Restock, shop
from chassis.web.access import ApiKeys, User
from chassis.web.application import build_application
from chassis.web.responses import Response
from chassis.web.tokens import JwtVerifier


class Extra(Handlers):
    async def fly(self) -> Response: ...


class Unknown(Handlers):
    async def get_health(self, moon: str) -> Response: ...


class WithoutOwner(Handlers):
    async def get_order(self, order_id: UUID) -> Response: ...


class OwnerUnasked(Handlers):
    async def check_out(self, body: CheckOut, owner: UUID) -> Response: ...


class ShopperOfNobody(Handlers):
    async def get_health(self, user: User) -> Response: ...


class PerhapsAShopper(Handlers):
    async def check_out(self, body: CheckOut, user: User | None) -> Response: ...


class CertainlyAShopper(Handlers):
    async def get_label(self, product_id: UUID, user: User) -> Response: ...


class CallerOfNobody(Handlers):
    async def get_health(self, caller: str) -> Response: ...


class WithoutDefault(Handlers):
    async def list_products(self, limit: int, category: str | None) -> Response: ...


class BodyWithoutDefault(Handlers):
    async def add_notes(self, body: dict) -> Response: ...


class AnotherBody(Handlers):
    async def check_out(self, body: Restock, user: User) -> Response: ...


class WithoutStore(Handlers):
    async def check_out(self, body: CheckOut, user: User) -> Response: ...


class KeyAsText(Handlers):
    async def check_out(self, body: CheckOut, user: User, idempotency_key: str | None = None) -> Response: ...


class ResumesWithoutKey(Handlers):
    async def get_product(self, product_id: UUID, resumed_id: UUID | None = None) -> Response: ...


class TakesAnything(Handlers):
    async def get_health(self, **anything: str) -> Response: ...


class Untyped(Handlers):
    async def get_product(self, product_id) -> Response: ...


class NotAsync(Handlers):
    def get_health(self) -> Response: ...


HANDLERS = {
    Extra: "no operation of the contract is called fly",
    Unknown: "get_health asks for moon",
    WithoutOwner: "get_order: x-access and the handler disagree",
    OwnerUnasked: "check_out: x-access and the handler disagree",
    ShopperOfNobody: "get_health: x-access and the handler disagree",
    PerhapsAShopper: "check_out: x-access and the handler disagree",
    CertainlyAShopper: "get_label: x-access and the handler disagree",
    CallerOfNobody: "get_health asks for a caller",
    WithoutDefault: "list_products: category is optional",
    BodyWithoutDefault: "add_notes: body is optional",
    AnotherBody: "check_out: the body is a CheckOut, the handler expects a Restock",
    WithoutStore: "check_out takes an Idempotency-Key, and the service has no store for it",
    KeyAsText: "check_out: idempotency_key is an IdempotencyKey or None",
    ResumesWithoutKey: "get_product asks for resumed_id",
    TakesAnything: "get_health: a handler is async and names its arguments",
    Untyped: "get_product: product_id has no type",
    NotAsync: "no handler has a method called get_health",
}


@pytest.mark.parametrize(("handlers", "said"), HANDLERS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_handlers_that_do_not_match_the_contract_fail_the_start(handlers, said):
    with pytest.raises(ContractError, match=said):
        shop(handlers())


def at(contract, *path):
    for step in path:
        contract = contract[step]
    return contract


ANOTHER_PROBLEM = {
    "description": "Another.",
    "content": {
        "application/problem+json": {
            "schema": {"type": "object"},
            "example": {"type": "/problems/tired", "title": "The service is tired", "status": 503},
        }
    },
}
HEALTH, CHECKOUT = ("paths", "/health", "get"), ("paths", "/v1/orders/checkout", "post")
CONFLICT = (*CHECKOUT, "responses", "409", "content", "application/problem+json")
OUT_OF_STOCK = (*CONFLICT, "examples", "out-of-stock", "value")
PRODUCT = ("paths", "/v1/products/{product_id}", "get")

CONTRACTS = {
    "no paths": (lambda c: c.pop("paths"), r'shop.yaml#/: "paths" is a required property'),
    "an operation that is nothing": (
        lambda c: at(c, "paths", "/health").update(get=None),
        "#/paths//health/get: null is",
    ),
    "a server without an address": (lambda c: at(c, "servers", 0).pop("url"), r'#/servers/0: "url" is a required'),
    "no answer": (
        lambda c: at(c, *HEALTH).update(responses={}),
        r"shop.yaml#/paths//health/get/responses: \{\} has less",
    ),
    "a word that OpenAPI does not have": (
        lambda c: at(c, *HEALTH).update(reponses={}),
        "shop.yaml#/paths//health/get: .*'reponses' was unexpected",
    ),
    "an operation without a name": (
        lambda c: at(c, *HEALTH).pop("operationId"),
        "get /health has no operationId",
    ),
    "a path with and without a slash": (
        lambda c: c["paths"].update({"/v1/products": c["paths"].pop("/v1/notes")}),
        "/shop/v1/products/? is another path",
    ),
    "a path whose parameter has two names": (
        lambda c: c["paths"].update({"/v1/products/{id}": c["paths"].pop("/v1/notes")}),
        r"/shop/v1/products/\{\w+\} is another path",
    ),
    "a default that is not allowed": (
        lambda c: at(c, "paths", "/v1/products/", "get", "parameters", 0, "schema").update(default=0),
        "the default of limit is not what the contract allows",
    ),
    "no x-access": (lambda c: at(c, *HEALTH).pop("x-access"), "get_health has no x-access"),
    "an x-access of its own": (lambda c: at(c, *HEALTH).update({"x-access": {"role": ["a"]}}), "x-access cannot be"),
    "a token that is wanted": (
        lambda c: at(c, *HEALTH).update({"x-access": {"token": "wanted"}}),
        "x-access cannot be",
    ),
    "an optional token and no 401": (
        lambda c: at(c, "paths", "/v1/products/{product_id}/label", "get", "responses").pop("401"),
        "get_label must declare the refusals 401",
    ),
    "an x-access of nobody": (lambda c: at(c, *HEALTH).update({"x-access": {"roles": []}}), "x-access cannot be"),
    "an owner without roles": (
        lambda c: at(c, *HEALTH).update({"x-access": {"internal": ["order"], "owner": True}}),
        "x-access cannot be",
    ),
    "no 401": (lambda c: at(c, *CHECKOUT, "responses").pop("401"), "check_out must declare the refusals 401"),
    "no 400 and no 413": (
        lambda c: [at(c, "paths", "/v1/notes", "post", "responses").pop(status) for status in ("400", "413")],
        "add_notes must declare the refusals 400, 413",
    ),
    "no 422 with an Idempotency-Key": (
        lambda c: at(c, *CHECKOUT, "responses").pop("422"),
        "check_out must declare the refusals 422",
    ),
    "an Idempotency-Key of nobody": (
        lambda c: at(c, "paths", "/v1/notes", "post")["parameters"].append(
            {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
        ),
        "add_notes: an Idempotency-Key is for callers that are known",
    ),
    "an answer for everything": (
        lambda c: at(c, *HEALTH, "responses").update(default={"description": "Else."}),
        "get_health answers default",
    ),
    "a limit that is no number": (lambda c: at(c, *HEALTH).update({"x-body-limit": "1 MB"}), "x-body-limit"),
    "a number of requests that is none": (
        lambda c: at(c, *PRODUCT).update({"x-max-concurrent": 0}),
        "x-max-concurrent",
    ),
    "a limit without a refusal": (
        lambda c: at(c, "paths", "/v1/products/", "get").update({"x-max-concurrent": 2}),
        "list_products must declare the refusals 503",
    ),
    "a limit without the problem": (
        lambda c: at(c, *PRODUCT, "responses").update({"503": ANOTHER_PROBLEM}),
        "get_product must declare /problems/unavailable",
    ),
    "two operations of one name": (
        lambda c: at(c, *HEALTH).update(operationId="search"),
        "two operations are called search",
    ),
    "an operation without a method": (
        lambda c: at(c, *HEALTH).update(operationId="get_wealth"),
        "no handler has a method called get_wealth",
    ),
    "a problem under another status": (
        lambda c: at(c, *OUT_OF_STOCK).update(status=404),
        "/problems/out-of-stock stands under 409, but says 404",
    ),
    "an example that is no problem": (
        lambda c: at(c, *CONFLICT, "examples", "cart-is-empty").update(value={"error": "empty"}),
        "an example of its 409 is no problem",
    ),
    "other words for a refusal of the chassis": (
        lambda c: at(c, *OUT_OF_STOCK).update(type="/problems/forbidden"),
        '/problems/forbidden is 403 with the title "Whoever is asking may not do this"',
    ),
    "a 304 of what has no tag": (
        lambda c: at(c, *PRODUCT, "responses", "200").pop("headers"),
        "its 200 and 304 must have ETag and Cache-Control",
    ),
    "a 304 that nobody can ask for": (
        lambda c: at(c, *PRODUCT).pop("parameters"),
        "it has the parameter If-None-Match",
    ),
    "a Cache-Control without its value": (
        lambda c: at(c, *PRODUCT, "responses", "200", "headers").update(
            {"Cache-Control": {"required": True, "schema": {"type": "string"}}}
        ),
        "Cache-Control names the one value",
    ),
    "a reference to nothing": (
        lambda c: at(c, *HEALTH, "responses").update({"200": {"$ref": "#/components/responses/Gone"}}),
        "#/components/responses/Gone refers to nothing",
    ),
    "a reference to itself": (
        lambda c: at(c, "components", "schemas").update(Health={"$ref": "#/components/schemas/Health"}),
        "refers to itself",
    ),
    "a reference through itself": (
        lambda c: at(c, "components", "schemas").update(Health={"$ref": "#/components/schemas/Health/properties"}),
        "refers to itself",
    ),
    "a reference to a file that is not there": (
        lambda c: at(c, "components", "schemas").update(Health={"$ref": "gone.yaml#/x"}),
        "gone.yaml cannot be read",
    ),
}


@pytest.mark.parametrize(("change", "said"), CONTRACTS.values(), ids=CONTRACTS.keys())
def test_a_contract_that_cannot_be_enforced_fails_the_start(tmp_path, change, said):
    contract = yaml.safe_load(CONTRACT.read_text())
    change(contract)
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(contract))
    (tmp_path / "common.yaml").write_text((CONTRACT.parent / "common.yaml").read_text())

    with pytest.raises(ContractError, match=said):
        shop(Handlers(), contract=tmp_path / "shop.yaml")


def test_operations_may_be_spread_over_several_handlers_but_not_duplicated():
    class Health:
        async def get_health(self) -> Response: ...

    class Rest(Handlers):
        get_health = None

    parts = {"tokens": JwtVerifier.from_jwks({"keys": [SIGNER.jwk]}, **TRUSTED), "keys": ApiKeys({})}

    assert build_application(CONTRACT, Rest(), Health(), **parts)
    with pytest.raises(ContractError, match="two handlers have a method called get_health"):
        build_application(CONTRACT, Handlers(), Health(), **parts)
