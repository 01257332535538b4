"""What people type reaches a handler in one form, and a blank text as none."""

import json

import pytest
from msgspec import UNSET

from chassis.contracts.errors import ContractError
from chassis.contracts.texts import (
    INVISIBLE_CHARACTERS,
    WHITESPACE_CHARACTERS,
    InvalidText,
    normalize_email,
    normalizer_for,
)
from chassis.tests.web.shop import CHECK_OUT, LAMP, Handlers, bearer, call, shop

TYPED_AND_NORMALIZED = {"content-type": "application/json"}


@pytest.fixture(params=[True, False], ids=["compiled", "through Connexion"])
def handlers_and_app(request):
    handlers = Handlers()
    return handlers, shop(handlers, compiled=request.param)


async def check_out(app, **typed):
    body = {**CHECK_OUT, "ship_to": {**CHECK_OUT["ship_to"], **typed}}
    return await call(
        app, "POST", "/shop/v1/orders/checkout", {**TYPED_AND_NORMALIZED, **bearer()}, json.dumps(body).encode()
    )


async def test_outer_blanks_do_not_reach_a_handler(handlers_and_app):
    handlers, app = handlers_and_app

    answer = await check_out(app, city="\u3000 Galway\u200b\n", address_line2="  Flat 3 ")

    assert answer.status == 201
    (body, *_) = handlers.asked[0][1]
    assert (body.ship_to.city, body.ship_to.address_line2) == ("Galway", "Flat 3")


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3164", "\u200b\u2800", "\u3000", "\U000e0020"])
async def test_an_optional_text_that_is_blank_is_absent(handlers_and_app, blank):
    handlers, app = handlers_and_app

    answer = await check_out(app, address_line2=blank)

    assert answer.status == 201
    assert handlers.asked[0][1][0].ship_to.address_line2 is UNSET


@pytest.mark.parametrize("blank", ["", "  ", "\u3164", "\U000e0020"], ids=["empty", "blanks", "filler", "tag"])
async def test_a_text_that_must_be_there_is_not_there_when_it_is_blank(handlers_and_app, blank):
    handlers, app = handlers_and_app

    answer = await check_out(app, city=blank)

    assert answer.status == 400
    assert answer.json()["errors"] == [{"pointer": "/body/ship_to/city", "rule": "required"}]
    assert handlers.asked == []


@pytest.mark.parametrize(
    ("query", "reached"), [("category=+lamps%20", "lamps"), ("category=", None), ("category=+", None)]
)
async def test_a_blank_parameter_is_absent(handlers_and_app, query, reached):
    handlers, app = handlers_and_app

    answer = await call(app, "GET", f"/shop/v1/products/?limit=1&{query}")

    assert answer.status == 200
    assert handlers.asked == [("list_products", (1, reached))]


async def test_a_blank_field_of_a_form_is_absent(handlers_and_app):
    _, app = handlers_and_app
    form = (
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nabc\r\n'
        b'--x\r\nContent-Disposition: form-data; name="alt"\r\n\r\n  \r\n--x--\r\n'
    )
    headers = {"content-type": "multipart/form-data; boundary=x", **bearer(role="admin")}

    answer = await call(app, "POST", f"/shop/v1/products/{LAMP}/images", headers, form)

    assert answer.json() == {"bytes": 3, "alt": ""}


@pytest.mark.parametrize("joined", ["\u2764\ufe0f", "\U0001f469\u200d\U0001f680", "\u0d28\u0d4d\u200d"])
async def test_what_changes_the_character_before_it_is_no_outer_blank(handlers_and_app, joined):
    handlers, app = handlers_and_app

    await check_out(app, city=joined)

    assert handlers.asked[0][1][0].ship_to.city == joined


def test_what_python_takes_for_a_blank_is_one():
    others = {"\x1c", "\x1d", "\x1e", "\x1f"}  # controls, which no text may have

    assert {chr(code) for code in range(0x110000) if chr(code).isspace()} - others == set(WHITESPACE_CHARACTERS)
    assert set(WHITESPACE_CHARACTERS) < set(INVISIBLE_CHARACTERS)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" asha@example.com\n", "asha@example.com"),
        ("asha@b\u00fccher.example", "asha@xn--bcher-kva.example"),
        ("asha@B\u00dcCHER\u3002Example", "asha@xn--bcher-kva.example"),
        ("asha@stra\u00dfe.de", "asha@xn--strae-oqa.de"),
        ("Asha@Example.com", "Asha@Example.com"),
        ("a..b@localhost", "a..b@localhost"),
    ],
)
def test_an_address_is_kept_by_its_a_labels(typed, kept):
    assert normalize_email(typed) == kept


@pytest.mark.parametrize("typed", ["a@\u2603\u2603", "a@\u00fc..de", f"{'x' * 230}@{chr(252) * 20}.example"])
def test_an_address_that_has_no_a_labels_is_refused(typed):
    with pytest.raises(ValueError):
        normalize_email(typed)
    with pytest.raises(InvalidText) as refused:
        normalizer_for({"properties": {"email": {"x-normalize": "email"}}})({"email": typed}, "/body")
    assert (refused.value.pointer, refused.value.rule) == ("/body/email", "email")


def test_texts_are_made_of_one_form_wherever_they_stand():
    text = {"type": "string", "x-normalize": "text"}
    schema = {
        "allOf": [{"properties": {"lines": {"type": "array", "items": {"properties": {"note": text}}}}}],
        "properties": {"tags": {"type": "array", "items": text}, "qty": {"type": "integer"}},
    }

    found = normalizer_for(schema)({"lines": [{"note": " a "}, {}], "tags": [" b "], "qty": 1}, "/body")

    assert found == {"lines": [{"note": "a"}, {}], "tags": ["b"], "qty": 1}


@pytest.mark.parametrize("schema", [{"x-normalize": "texts"}, {"x-normalize": "text", "nullable": True}])
def test_a_contract_asks_for_no_form_that_is_not_known(schema):
    with pytest.raises(ContractError):
        normalizer_for(schema)
