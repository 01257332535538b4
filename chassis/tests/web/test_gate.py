"""What the gate lets in, and that what it refuses reaches no handler and is never repeated."""

import json
from urllib.parse import quote

import pytest

from chassis.testing.problems import problem_of
from chassis.tests.web.shop import ASHA, CHECK_OUT, CONTRACT, LAMP, ORDER, bearer, call, shop

JSON = "application/json"
NOTES = "/shop/v1/notes"
CHECKOUT = "/shop/v1/orders/checkout"


def order(**changes):
    return json.dumps({**CHECK_OUT, **changes}).encode()


async def check_out(app, body, content_type=JSON, **more):
    headers = {**bearer(), **({"content-type": content_type} if content_type is not None else {})}
    return await call(app, "POST", CHECKOUT, headers, body, **more)


def assert_refused(answer, status):
    """Whether it is a problem of that status that says no more than it must."""
    assert problem_of(answer)[0] == status
    problem = answer.json()
    assert problem.keys() <= {"type", "title", "status", "errors"}
    return problem


@pytest.mark.parametrize(
    "content_type",
    [JSON, "Application/Json", "APPLICATION/JSON; charset=UTF-8", 'application/json;charset="utf-8"',
     'application/json; v=2 ;Profile="a; \\"b\\""; charset=utf-8;', "application/json;"],
    ids=["plain", "capitals", "with its charset", "quoted charset", "parameters without a meaning", "an empty one"],
)  # fmt: skip
async def test_a_body_is_validated_however_its_type_is_spelled(app, handlers, content_type):
    good = await check_out(app, order(), content_type)
    bad = await check_out(app, order(is_admin=True), content_type)

    assert good.status == 201
    assert_refused(bad, 400)
    assert [name for name, _ in handlers.asked] == ["check_out"]


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/json; charset=latin-1", "application/problem+json", "application/jsonx",
     "multipart/form-data; boundary=x", "application/json, text/plain", b"\xff", "application/json; charset",
     "application/json; charset=utf-8; charset=utf-8", 'application/json; a="b', "application/json; a=b c=d"],
    ids=["none", "empty", "text", "other charset", "other json", "longer name", "form", "two types", "not even text",
         "no value", "said twice", "no second quote", "no semicolon"],
)  # fmt: skip
async def test_a_body_of_another_type_is_not_read(app, handlers, content_type):
    answer = await check_out(app, order(), content_type)

    problem = assert_refused(answer, 415)
    assert problem["type"] == "/problems/unsupported-media-type"
    assert handlers.asked == []


NOT_JSON = {
    "not UTF-8": b'{"notes":{"\xff":1}}',
    "UTF-16": '{"notes":{}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"notes":{}}',
    "NaN": b'{"notes":{"SECRET":NaN}}',
    "Infinity": b'{"notes":{"SECRET":-Infinity}}',
    "a number that is no float": b'{"notes":{},"free":1e400}',
    "a name said twice": b'{"notes":{"SECRET":1,"SECRET":2}}',
    "a name said twice in other letters": b'{"notes":{"a:b":1,"a\\u003ab":2}}',
    "a nested name said twice": b'{"notes":{},"free":[{"a":{"b":1,"b":1}}]}',
    "NUL": b'{"notes":{"SECRET\\u0000":1}}',
    "NUL after a backslash": b'{"notes":{"\\\\\\u0000":1}}',
    "a lone surrogate": b'{"notes":{"\\ud800":1}}',
    "33 levels": b'{"free":' + b"[" * 32 + b"]" * 32 + b',"notes":{}}',
    "100,000 levels": b"[" * 30_000 + b"]" * 30_000,
    "more behind it": b'{"notes":{}} SECRET',
    "a trailing comma": b'{"notes":{},}',
    "single quotes": b"{'notes':{}}",
    "nothing but blanks": b"  ",
    "a NUL byte behind it": b'{"notes":{}}\x00',
}


@pytest.mark.parametrize("raw", NOT_JSON.values(), ids=NOT_JSON.keys())
async def test_json_that_is_not_strict_is_rejected(app, handlers, raw):
    answer = await call(app, "POST", NOTES, {"content-type": JSON}, raw)

    problem = assert_refused(answer, 400)
    assert problem["errors"] == [{"pointer": "/body", "rule": "json"}]
    assert b"SECRET" not in answer.body
    assert handlers.asked == []


async def test_a_hundred_thousand_levels_are_refused_where_the_limit_lets_them_in(handlers, compiled, tmp_path):
    text = CONTRACT.read_text().replace(
        "operationId: add_notes\n", "operationId: add_notes\n      x-body-limit: 300000\n"
    )
    (tmp_path / "shop.yaml").write_text(text)
    (tmp_path / "common.yaml").write_text((CONTRACT.parent / "common.yaml").read_text())
    app = shop(handlers, compiled=compiled, contract=tmp_path / "shop.yaml")

    answer = await call(app, "POST", NOTES, {"content-type": JSON}, b"[" * 100_000 + b"]" * 100_000)

    assert_refused(answer, 400)
    assert handlers.asked == []


@pytest.mark.parametrize("raw", [b'{"notes":{"a":%s}}' % (b"9" * 5000), b'{"notes":{"a":-%s.5e3}}' % (b"9" * 5000)])
async def test_a_number_of_5000_digits_is_refused(app, handlers, raw):
    answer = await call(app, "POST", NOTES, {"content-type": JSON}, raw)

    assert_refused(answer, 400)
    assert handlers.asked == []


@pytest.mark.parametrize(
    "raw",
    [b'{"notes":{"\\\\u0000":1}}', b'{"notes":{"\\ud83d\\ude00":1}}',
     b'{"free":' + b"[" * 31 + b"]" * 31 + b',"notes":{}}',
     b'{"notes":{},"free":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}'],
    ids=["a backslash and u0000", "a pair of surrogates", "32 levels", "brackets in a string"],
)  # fmt: skip
async def test_harmless_json_that_looks_dangerous_is_accepted(app, handlers, raw):
    answer = await call(app, "POST", NOTES, {"content-type": JSON}, raw)

    assert answer.status == 200
    assert len(handlers.asked) == 1


async def test_a_content_length_of_two_megabytes_is_rejected_unread(app, handlers):
    unread = [b"x" * 1000]

    answer = await call(
        app, "POST", CHECKOUT, {**bearer(), "content-type": JSON, "content-length": "2000000"}, chunks=unread
    )

    assert_refused(answer, 413)
    assert handlers.asked == []


async def test_two_megabytes_in_chunks_are_rejected_at_the_limit(app, handlers):
    answer = await check_out(app, b"", chunks=[b" " * 10_000] * 200)

    assert_refused(answer, 413)
    assert handlers.asked == []


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 30, "1e3"])
async def test_a_length_that_is_no_number_is_refused(app, handlers, length):
    answer = await call(app, "POST", CHECKOUT, {**bearer(), "content-type": JSON, "content-length": length}, order())

    assert_refused(answer, 413)
    assert handlers.asked == []


async def test_an_operation_with_its_own_limit_takes_more_and_no_more_than_that(app, handlers):
    def form(size):
        return b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n%s\r\n--x--\r\n' % (
            b"i" * size
        )

    headers = {**bearer(role="admin"), "content-type": "multipart/form-data; boundary=x"}

    taken = await call(app, "POST", f"/shop/v1/products/{LAMP}/images", headers, form(90_000))
    too_large = await call(app, "POST", f"/shop/v1/products/{LAMP}/images", headers, form(100_000))

    assert (taken.status, taken.json()["bytes"]) == (201, 90_000)
    assert_refused(too_large, 413)
    assert len(handlers.asked) == 1


@pytest.mark.parametrize(
    ("changes", "pointer", "rule"),
    [
        ({"SECRET": 1}, "/body", "additionalProperties"),
        ({"currency": "SECRET"}, "/body/currency", "enum"),
        ({"email": "SECRET"}, "/body/email", "format"),
        ({"requested_at": "2026-13-01T00:00:00Z"}, "/body/requested_at", "format"),
        ({"items": []}, "/body/items", "minItems"),
        ({"items": [{**CHECK_OUT["items"][0], "qty": 0}]}, "/body/items/0/qty", "minimum"),
        ({"items": [{**CHECK_OUT["items"][0], "qty": True}]}, "/body/items/0/qty", "type"),
        ({"items": [{**CHECK_OUT["items"][0], "product_id": "SECRET"}]}, "/body/items/0/product_id", "pattern"),
        ({"ship_to": None}, "/body/ship_to", "type"),
    ],
    ids=[
        "unknown field",
        "not in the list",
        "no address",
        "no date",
        "too few",
        "too small",
        "no number",
        "no id",
        "null",
    ],
)
async def test_a_body_that_is_not_the_contract_s_is_refused_with_place_and_rule(app, handlers, changes, pointer, rule):
    answer = await check_out(app, order(**changes))

    problem = assert_refused(answer, 400)
    assert {"pointer": pointer, "rule": rule} in problem["errors"]
    assert b"SECRET" not in answer.body
    assert handlers.asked == []


async def test_a_missing_body_and_a_missing_field_are_named(app, handlers):
    nothing = await check_out(app, b"")
    without = await check_out(app, json.dumps({k: v for k, v in CHECK_OUT.items() if k != "email"}).encode())

    assert assert_refused(nothing, 400)["errors"] == [{"pointer": "/body", "rule": "required"}]
    assert assert_refused(without, 400)["errors"] == [{"pointer": "/body/email", "rule": "required"}]
    assert handlers.asked == []


@pytest.mark.parametrize(
    "query",
    ["zz=1", "limit=0", "limit=101", "limit=x", "limit=", "limit=5_0", "limit=%D9%A3", "limit=%2B5", "limit=1.0",
     "limit=007", "limit=3&limit=4", "category=A", "category=a%00", "category=%FF", "limit[]=5", "LIMIT=5"],
)  # fmt: skip
async def test_a_query_that_is_not_the_contract_s_is_refused(app, handlers, query):
    answer = await call(app, "GET", f"/shop/v1/products/?{query}")

    assert_refused(answer, 400)
    assert handlers.asked == []


async def test_parameters_reach_the_handler_as_what_the_contract_says(app, handlers):
    await call(app, "GET", "/shop/v1/products?limit=3&category=lamps")
    await call(app, "GET", "/shop/v1/products")
    await call(app, "POST", f"{NOTES}?times=2&loud=true&rate=1.5")
    await call(app, "POST", CHECKOUT, {**bearer(), "content-type": JSON, "idempotency-key": "abc"}, order())

    products, defaults, notes, (_, (body, shopper, key)) = handlers.asked
    assert products == ("list_products", (3, "lamps"))
    assert defaults == ("list_products", (20, None))
    assert notes == ("add_notes", (None, 2, True, 1.5))
    assert (body.ship_to.city, str(shopper.id), shopper.email) == ("Galway", ASHA, "asha@example.com")
    assert (key.caller, key.operation, key.value) == (ASHA, "check_out", "abc")


@pytest.mark.parametrize(
    ("header", "key"),
    [("a-1", "a-1"), ('"a-1"', "a-1"), ('"a 1"', "a 1"), (r'"a\"1"', 'a"1'), (r'"\\\""', '\\"')],
    ids=["bare", "quoted", "with a blank", "with a quote", "with a backslash"],
)
async def test_an_idempotency_key_is_the_same_in_quotes_and_bare(app, handlers, header, key):
    await call(app, "POST", CHECKOUT, {**bearer(), "content-type": JSON, "idempotency-key": header}, order())

    assert handlers.asked[0][1][2].value == key


async def test_two_requests_have_one_fingerprint_if_they_ask_for_the_same(app, handlers):
    headers = {**bearer(), "content-type": JSON, "idempotency-key": "a"}
    asked = json.loads(order())
    other_city = {**asked, "ship_to": {**asked["ship_to"], "city": "Cork"}}
    for body in asked, dict(reversed(asked.items())), other_city:
        await call(app, "POST", CHECKOUT, headers, json.dumps(body).encode())

    await call(app, "POST", f"{CHECKOUT}/", headers, json.dumps(asked).encode())

    first, reordered, other, with_slash = (key.fingerprint for _, (_, _, key) in handlers.asked)
    assert first == reordered == with_slash
    assert first != other


async def test_a_header_that_is_not_the_contract_s_is_refused(app, handlers):
    answer = await call(app, "POST", CHECKOUT, {**bearer(), "content-type": JSON, "idempotency-key": "a b"}, order())

    assert assert_refused(answer, 400)["errors"] == [{"pointer": "/header/Idempotency-Key", "rule": "pattern"}]
    assert handlers.asked == []


@pytest.mark.parametrize("name", ["authorization", "content-type", "idempotency-key", "x-internal-key"])
async def test_a_duplicate_of_a_deciding_header_is_rejected(app, handlers, name):
    headers = [*bearer().items(), ("content-type", JSON), (name, "x")]
    answer = await call(app, "POST", CHECKOUT, [*headers, (name, "y")], order())

    assert_refused(answer, 400)
    assert handlers.asked == []


@pytest.mark.parametrize(
    "id_",
    ["xyz", "1", LAMP.replace("-", ""), f"{{{LAMP}}}", LAMP + "\n", LAMP + "\0", LAMP + " ", "..", "٣" * 36, "😀"],
)
async def test_an_id_that_is_no_uuid_is_400_or_404(app, handlers, id_):
    answer = await call(app, "GET", f"/shop/v1/products/{quote(id_)}")

    assert answer.status in (400, 404)
    assert_refused(answer, answer.status)
    assert handlers.asked == []


@pytest.mark.parametrize(
    "path", ["/", "/shop", "/shop/v1", "/nothing", "//shop/health", "/shop/openapi.json", "/shop/ui/"]
)
async def test_a_path_of_no_operation_is_404(app, handlers, path):
    answer = await call(app, "GET", path)

    assert assert_refused(answer, 404)["type"] == "/problems/not-found"
    assert handlers.asked == []


@pytest.mark.parametrize("path", ["/shop/v1/products", "/shop/v1/products/", "/shop/health", "/shop/health/"])
async def test_a_path_without_parameters_answers_with_and_without_its_last_slash(app, path):
    assert (await call(app, "GET", path)).status == 200


async def test_a_method_that_a_path_does_not_have_is_405_and_says_which_it_has(app, handlers):
    answer = await call(app, "DELETE", f"/shop/v1/products/{LAMP}")
    asked = await call(app, "OPTIONS", f"/shop/v1/products/{LAMP}")

    assert_refused(answer, 405)
    assert answer.headers["allow"] == asked.headers["allow"] == "GET, HEAD, OPTIONS"
    assert asked.status == 204
    assert handlers.asked == []


async def test_head_answers_as_get_without_the_body(app):
    full = await call(app, "GET", f"/shop/v1/products/{LAMP}")
    head = await call(app, "HEAD", f"/shop/v1/products/{LAMP}")

    assert (head.status, head.headers, head.body) == (200, full.headers, b"")


@pytest.mark.parametrize("given", ["junk", "--x--\r\n", "--x\r\nX: y\r\n\r\nSECRET\r\n--x--\r\n"])
async def test_a_broken_form_is_refused(app, handlers, given):
    headers = {**bearer(role="admin"), "content-type": "multipart/form-data; boundary=x"}

    answer = await call(app, "POST", f"/shop/v1/products/{LAMP}/images", headers, given.encode())

    assert_refused(answer, 400)
    assert b"SECRET" not in answer.body
    assert handlers.asked == []


async def test_a_client_that_disconnects_mid_request_is_not_served(app, handlers):
    parts = [{"type": "http.request", "body": b'{"notes":', "more_body": True}, {"type": "http.disconnect"}]
    sent = []

    async def receive():
        return parts.pop(0)

    async def send(message):
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "path": NOTES, "query_string": b"", "headers": headers}
    await app(scope, receive, send)

    assert sent == []
    assert handlers.asked == []


async def test_another_users_order_is_answered_byte_for_byte_like_a_missing_one(app):
    theirs = await call(app, "GET", f"/shop/v1/orders/{ORDER}", bearer(sub=LAMP))
    missing = await call(app, "GET", f"/shop/v1/orders/{ASHA}", bearer())

    assert theirs == missing
    assert theirs.status == 404


async def test_a_reference_in_another_file_means_the_schema_of_that_file(app, handlers):
    """Both files have a schema called Note: a text in common.yaml, a number in shop.yaml."""
    headers = {**bearer(role="admin"), "x-internal-key": "devkey", "content-type": JSON}
    text = await call(app, "POST", "/shop/v1/inventory/restock", headers, restock(note="by hand"))
    number = await call(app, "POST", "/shop/v1/inventory/restock", headers, restock(note=1))

    assert text.status == 204
    assert_refused(number, 400)
    assert len(handlers.asked) == 1


def restock(**more):
    return json.dumps({"product_id": LAMP, "qty": 1, **more}).encode()
