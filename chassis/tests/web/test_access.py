"""Who may call what: roles, owners, internal keys, and both together."""

import json

import pytest

from chassis.testing.problems import problem_of
from chassis.tests.web.shop import ASHA, BRAM, LAMP, ORDER, bearer, call

RESTOCK = json.dumps({"product_id": LAMP, "qty": 3}).encode()
JSON = {"content-type": "application/json"}


def api_key(api_key):
    return {"x-internal-key": api_key}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Basic abc"},
        {"authorization": "Bearer x"},
        {"authorization": b"Bearer \xff\xfe"},
        {"authorization": "Bearer " + "e30." * 3000},
        api_key("devkey"),
    ],
    ids=["nothing", "empty", "no token", "basic", "junk", "not even text", "very long", "a key instead"],
)
async def test_without_a_token_a_shopper_s_operation_is_401(app, handlers, headers):
    answer = await call(app, "GET", f"/shop/v1/orders/{ORDER}", headers)

    assert answer.status == 401
    assert answer.json() == {"type": "/problems/unauthorized", "title": "Who is asking is not known", "status": 401}
    assert answer.headers["www-authenticate"] == "Bearer"
    assert handlers.asked == []


@pytest.mark.parametrize("role", ["customer", "admin", "courier"])
async def test_where_a_token_is_optional_whoever_sends_one_is_known(app, handlers, role):
    answers = [await call(app, "GET", f"/shop/v1/products/{LAMP}/label", sent) for sent in ({}, bearer(role=role))]

    assert [answer.status for answer in answers] == [200, 200]
    (_, (_, nobody)), (_, (_, somebody)) = handlers.asked
    assert (nobody, somebody.role, somebody.is_admin) == (None, role, role == "admin")


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Basic abc", "Bearer x", bearer(exp=1, iat=0)["authorization"]],
    ids=["empty", "no token", "basic", "junk", "expired"],
)  # fmt: skip
async def test_where_a_token_is_optional_one_that_is_not_good_is_401_and_not_passed_over(app, handlers, sent):
    label = await call(app, "GET", f"/shop/v1/products/{LAMP}/label", {"authorization": sent})
    health = await call(app, "GET", "/shop/health", {"authorization": sent})

    assert (label.status, label.headers["www-authenticate"], handlers.asked) == (401, "Bearer", [])
    assert health.status == 200  # a public operation asks for none, and looks at none


async def test_access_is_decided_before_the_body_is_read(app, handlers):
    answer = await call(app, "POST", "/shop/v1/orders/checkout", JSON, b"{not json")

    assert answer.status == 401
    assert handlers.asked == []


async def test_a_role_that_the_contract_does_not_name_is_403(app, handlers):
    order = await call(app, "GET", f"/shop/v1/orders/{ORDER}", bearer(role="courier"))
    restock = await call(app, "POST", "/shop/v1/inventory/restock", {**bearer(), **api_key("devkey"), **JSON}, RESTOCK)

    assert [problem_of(answer) for answer in (order, restock)] == [(403, "forbidden")] * 2
    assert handlers.asked == []


async def test_a_customer_is_limited_to_their_own_and_an_admin_is_not(app, handlers):
    own = await call(app, "GET", f"/shop/v1/orders/{ORDER}", bearer())
    other = await call(app, "GET", f"/shop/v1/orders/{ORDER}", bearer(sub=BRAM))
    admin = await call(app, "GET", f"/shop/v1/orders/{ORDER}", bearer(sub=BRAM, role="admin"))

    assert (own.status, other.status, admin.status) == (200, 404, 200)
    owners = [owner and str(owner) for _, (_, owner) in handlers.asked]
    assert owners == [ASHA, BRAM, None]


@pytest.mark.parametrize("given", ["devkey", "oldkey"], ids=["current", "previous"])
async def test_both_keys_of_a_caller_authenticate_it(app, handlers, given):
    answer = await call(
        app, "POST", "/shop/v1/inventory/restock", {**bearer(role="admin"), **api_key(given), **JSON}, RESTOCK
    )

    assert answer.status == 204
    ((_, (_, caller)),) = handlers.asked
    assert caller == "operator"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (bearer(role="admin"), 401),
        (api_key("devkey"), 401),
        ({**bearer(role="admin"), **api_key("nokey")}, 401),
        ({**bearer(role="admin"), **api_key("")}, 401),
        ({**bearer(role="admin"), **api_key(b"\xff")}, 401),
        ({**bearer(role="admin"), **api_key("orderkey")}, 403),
        ({**bearer(), **api_key("devkey")}, 403),
    ],
    ids=["no key", "no token", "unknown key", "empty key", "key that is no text", "another caller's key", "no admin"],
)
async def test_roles_and_internal_together_mean_both(app, handlers, headers, status):
    answer = await call(app, "POST", "/shop/v1/inventory/restock", {**headers, **JSON}, RESTOCK)

    assert answer.status == status
    assert handlers.asked == []


async def test_an_internal_operation_takes_the_named_caller_s_key_and_no_token(app, handlers):
    path = f"/shop/v1/carts/{ASHA}"
    right = await call(app, "GET", path, api_key("orderkey"))
    wrong = [
        await call(app, "GET", path, headers) for headers in (api_key("devkey"), api_key("x"), bearer(role="admin"), {})
    ]

    assert right.status == 200
    assert [answer.status for answer in wrong] == [403, 401, 401, 401]
    assert len(handlers.asked) == 1


async def test_the_bearer_scheme_is_case_insensitive(app):
    token = bearer()["authorization"].removeprefix("Bearer ")

    answer = await call(app, "GET", f"/shop/v1/orders/{ORDER}", {"authorization": f"bearer {token}"})

    assert answer.status == 200
