"""The same random and hostile requests to the compiled operations and to Connexion's own stack: nothing may differ."""

import copy
import json
import random

import pytest

from chassis.tests.web.shop import (
    ASHA,
    BRAM,
    CHECK_OUT,
    LAMP,
    ORDER,
    SIGNER,
    Handlers,
    Signer,
    call,
    shop,
)

MARK = "SECRET"  # whatever is sent with it must not come back in a refusal
JSON = b"application/json"

TOKENS = {
    "asha": SIGNER.token(),
    "bram": SIGNER.token(sub=BRAM),
    "admin": SIGNER.token(role="admin"),
    "unknown role": SIGNER.token(role="root"),
    "expired": SIGNER.token(exp=1),
    "audience": SIGNER.token(aud="bank"),
    "typ": SIGNER.token(head={"typ": "JWT"}),
    "forged": Signer().token(role="admin"),
    "no subject": SIGNER.token(sub=None),
    "junk": "x",
}
VALUES = [
    None, "", "x", 0, -1, 1.5, 1.0, True, [], {}, "é", "a\n", 10**20, -(10**25), 2**63, 2**64, 1e300,
    "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2016-12-31T23:59:60Z",
    "0000-01-01T00:00:00Z", "2026-01-01T00:00:00.123456789Z", "2026-01-01T24:00:00Z", "2026-01-01t00:00:00z",
    "2026-01-01T00:00:00+23:59", "2026-01-01 00:00:00Z", MARK, "EUR", ["EUR"], {"a": 1}, "\u0000", "٣", "a@b", "a@b.co",
    "😀" * 300, "\u2028", "  ", " a ", "\u3164", "\U000e0020",
    "a:b", 'q"q', LAMP.upper(), LAMP.replace("-", ""), f"{{{LAMP}}}", f"{LAMP}\n",
]  # fmt: skip
BODIES = [
    b'{"notes":{"a":NaN}}', b'{"notes":{"a":Infinity}}', b'{"notes":{"a":1,"a":2}}', b'{"notes":{"a":1,"\\u0061":2}}',
    b'{"notes":{"a:b":1,"a\\u003ab":2}}', b'{"notes":{"x\\u003ay":1,"b":2,"b":3}}', b'{"notes":{"\\u0000":1}}',
    b'{"notes":{"\\\\u0000":1}}', b'{"notes":{"\\\\\\u0000":1}}', b'{"notes":{"\\ud800":1}}',
    b'{"notes":{"\\ud83d\\ude00":1}}', b'{"notes":{"\xff":1}}', b'\xef\xbb\xbf{"notes":{}}',
    '{"notes":{}}'.encode("utf-16"), b'{"notes":{}} x', b'{"notes":{},}', b"{'notes':{}}",
    b'{"notes":{"a":18446744073709551616}}', b'{"notes":{"a":9223372036854775808}}',
    b'{"notes":{"a":' + b"9" * 5000 + b"}}", b'{"notes":{"a":1e400}}', b'{"notes":{"a":1.0}}', b'{"notes":{"a":-0}}',
    b'{"notes":{},"free":' + b"[" * 31 + b"]" * 31 + b"}", b'{"notes":{},"free":' + b"[" * 32 + b"]" * 32 + b"}",
    b'{"notes":{},"free":' + b"[" * 1100 + b"]" * 1100 + b"}", b"[" * 60000,
    b'{"notes":{},"free":[' + b'{"a":1},' * 50 + b"{}]}", b'{"notes":{},"free":1E5,"free":1}',
    b'{"notes":{}, "free":{"a":1e5,"b":{"c":1,"c":1}}}', b"null", b"true", b"0", b'""', b"[]", b"{}", b"", b" ",
    b'{"notes":{"' + b"k" * 70000 + b'":1}}', b'{"notes":{"__proto__":1}}', b'{"notes":{"a":1}}\x00',
]  # fmt: skip
TYPES = [
    *[JSON] * 10, b"application/json; charset=utf-8", b'application/json;charset="UTF-8"', b"Application/JSON",
    b"application/json; charset=latin-1", b"application/json;", b"text/plain", b"application/problem+json",
    b"multipart/form-data", b"multipart/form-data; boundary=x", b"application/jsonx", b"*/*", b"", b"\xff", None,
]  # fmt: skip
IDS = [
    LAMP, LAMP.upper(), ORDER, ASHA, "xyz", LAMP.replace("-", ""), "%00", "%FF", "a%2Fb", "..", "%2e%2e", LAMP + "%0A",
    "1", "%F0%9F%98%80", LAMP + "%20", "00000000-0000-0000-0000-000000000000",
]  # fmt: skip
QUERIES = {
    "products": ["limit=5", "limit=0", "limit=101", "limit=x", "limit=", "limit=1.0", "limit=%2B5", "limit=+5",
                 "category=lamps", "category=A", "category=", "category=+a+", "category=+", "zz=1",
                 "limit=3&limit=4", "limit=5_0", "limit=%D9%A3",
                 "limit", "limit=007", "limit=-0", "limit=1e1", "&&", "=", "limit=5;category=a", "LIMIT=5", "limit[]=5",
                 "limit=99999999999999999999", "category=a%00", "category=%FF", "category=%zz", "limit=%35"],
    "notes": ["times=3", "times=x", "times=-1", "times=1.0", "loud=true", "loud=True", "loud=1", "loud=", "rate=1",
              "rate=1e1", "rate=1e2", "rate=nan", "rate=inf", "rate=1e400", "rate=.5", "rate=1_0", "rate=-0.0", "zz=1",
              "times=1&times=1", "rate=%201"],
    "search": ["tags=a,b", "tags=a&tags=b", "tags=", "tags=a,b,c,d,e,f", "tags=" + "x" * 30, "price[min]=3", "zz=1",
               "price[max]=x", "price[zz]=1", "price=1", "price[min]=1&price[max]=2", "price[min][a]=1", "price["],
}  # fmt: skip
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nabc\r\n'
    b'--x\r\nContent-Disposition: form-data; name="alt"\r\n\r\nhello\r\n--x--\r\n'
)
FORMS = [
    FORM, FORM, FORM.replace(b'name="alt"', b'name="zz"'), FORM.replace(b"hello", b"x" * 200), FORM * 2,
    FORM.replace(b"hello", b"  "), FORM.replace(b"hello", b" a "),
    FORM.replace(b"hello", b"\xff"), FORM.replace(b'; filename="a.png"', b""), FORM[:-10], b"", b"junk", b"--x--\r\n",
    FORM.replace(b"Content-Disposition", b"X"), FORM.replace(b'"a.png"', b'"\xff\x00../../x"'),
]  # fmt: skip
FORM_TYPES = [
    *[b"multipart/form-data; boundary=x"] * 6, b"multipart/form-data", b"multipart/form-data; boundary=y", JSON,
    b"Multipart/Form-Data; Boundary=x", b"multipart/form-data; boundary=" + b"z" * 100,
    b"multipart/form-data; boundary=x; charset=bogus", b'multipart/form-data; boundary="x"',
]  # fmt: skip
METHODS = ["GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "BREW"]
PATHS = ["/shop/v1/products/", f"/shop/v1/products/{LAMP}", "/shop/health", "/nothing", "/", "/shop/v1/orders/checkout",
         "/shop/v1/notes", "/shop/ui/", "/shop/openapi.json", "//shop/health", "/shop/health/", "/shop/v1/search",
         "/shop/v1/products//"]  # fmt: skip


class Sender:
    """Makes up requests: (method, target, headers, body)."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 (made up requests)

    def request(self):
        kinds = [self.check_out, self.notes, self.products, self.product, self.order, self.restock, self.cart,
                 self.search, self.image, self.elsewhere]  # fmt: skip
        return self.chance.choices(kinds, weights=[30, 20, 12, 10, 6, 6, 4, 4, 4, 4])[0]()

    def check_out(self):
        key = self.chance.choice([None, None, "abc", '"a b"', "a b", "", '"', "x" * 65, b"\xe9", "a\x00"])
        headers = [*self.typed(), *self.authorized(), *([("idempotency-key", key)] if key is not None else [])]
        return "POST", "/shop/v1/orders/checkout", headers, self.body(CHECK_OUT, hostile=0.1)

    def notes(self):
        body = self.body({"notes": {"a": 1, "b": 2}, "free": [1, {"x": "y"}]}, hostile=0.6)
        return "POST", f"/shop/v1/notes?{self.query('notes')}", self.typed(), body

    def products(self):
        slash = self.chance.choice(["", "/"])
        return "GET", f"/shop/v1/products{slash}?{self.query('products')}", [], b""

    def product(self):
        rest = self.chance.choice(["", "", "/label", "/", "?zz=1"])
        path = f"/shop/v1/products/{self.chance.choice(IDS)}{rest}"
        return self.chance.choice(["GET", "HEAD"]), path, self.authorized(), b""

    def order(self):
        return "GET", f"/shop/v1/orders/{self.chance.choice([*IDS, *[ORDER] * 6])}", self.authorized(), b""

    def restock(self):
        key = self.chance.choice(["devkey", "devkey", "oldkey", "orderkey", "x", "", b"\xff", None])
        headers = [*self.typed(), *self.authorized(), *([("x-internal-key", key)] if key is not None else [])]
        return (
            "POST",
            "/shop/v1/inventory/restock",
            headers,
            self.body({"product_id": LAMP, "qty": 2, "note": "n"}, 0.3),
        )

    def cart(self):
        key = self.chance.choice(["orderkey", "orderkey", "devkey", "x"])
        return "GET", f"/shop/v1/carts/{self.chance.choice([*IDS, *[ASHA] * 5])}", [("x-internal-key", key)], b""

    def search(self):
        return "GET", f"/shop/v1/search?{self.query('search')}", [], b""

    def image(self):
        headers = [*self.authorized(), ("content-type", self.chance.choice(FORM_TYPES))]
        return "POST", f"/shop/v1/products/{self.chance.choice(IDS[:3])}/images", headers, self.chance.choice(FORMS)

    def elsewhere(self):
        return self.chance.choice(METHODS), self.chance.choice(PATHS), [], b""

    def typed(self):
        kind = self.chance.choice(TYPES)
        headers = [("content-type", kind)] if kind is not None else []
        if self.chance.random() < 0.02:
            headers.append(("content-type", JSON))
        if self.chance.random() < 0.02:
            headers.append(("content-length", self.chance.choice([b"99999999999", b"-1", b"abc", b"9" * 30, b"0"])))
        return headers

    def authorized(self):
        kind = self.chance.random()
        if kind < 0.75:
            return [("authorization", f"Bearer {TOKENS[self.chance.choice(['asha', 'admin', 'admin', 'bram'])]}")]
        if kind < 0.93:
            return [("authorization", f"Bearer {self.chance.choice(list(TOKENS.values()))}")]
        asha = f"Bearer {TOKENS['asha']}"
        odd = ["Bearer", "Basic abc", asha.lower()[:7] + asha[7:], asha + "x", asha.replace(" ", "  "), b"Bearer \xff"]
        return self.chance.choice([[], [("authorization", asha)] * 2, [("authorization", self.chance.choice(odd))]])

    def query(self, kind):
        return "&".join(self.chance.choice(QUERIES[kind]) for _ in range(self.chance.choice([0, 1, 1, 2])))

    def body(self, good, hostile):
        if self.chance.random() < hostile:
            return self.chance.choice(BODIES)
        separators = self.chance.choice([(",", ":"), (", ", ": ")])
        ascii_only = self.chance.random() < 0.5
        return json.dumps(self.changed(good), ensure_ascii=ascii_only, separators=separators).encode()

    def changed(self, good):
        """The value with up to two of its parts left out, added or replaced."""
        value = copy.deepcopy(good)
        for _ in range(self.chance.choice([0, 1, 1, 2])):
            places = list(_places(value))
            if not places:
                break
            *way, last = self.chance.choice(places)
            inner = value
            for step in way:
                inner = inner[step]
            how = self.chance.random()
            if how < 0.25:
                del inner[last]
            elif how < 0.4 and isinstance(inner, dict):
                inner[self.chance.choice(["extra", "a:b", "\u0000", MARK])] = copy.deepcopy(self.chance.choice(VALUES))
            else:
                inner[last] = copy.deepcopy(self.chance.choice(VALUES))
        return value

    def chunks(self, body):
        if not body or self.chance.random() > 0.3:
            return None
        cut = self.chance.randrange(len(body))
        return [body[:cut], body[cut:]]


def _places(value, way=()):
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inner:
        yield from _places(one, (*way, step))
        yield (*way, step)


def every_body():
    """Each hostile body to each operation that reads JSON."""
    admin = [("content-type", JSON), ("authorization", f"Bearer {TOKENS['admin']}"), ("x-internal-key", "devkey")]
    for body in BODIES:
        for path in ("/shop/v1/notes", "/shop/v1/orders/checkout", "/shop/v1/inventory/restock"):
            yield "POST", path, admin, body


@pytest.mark.parametrize("seed", [7, 11, 13])
async def test_compiled_operations_answer_exactly_as_connexion_s_own_stack_does(seed):
    sender, statuses = Sender(seed), {}
    asked, asked_there = Handlers(), Handlers()
    compiled, through_connexion = shop(asked), shop(asked_there, compiled=False)

    for request in [*every_body(), *(sender.request() for _ in range(2000))]:
        chunks = sender.chunks(request[3])
        ours = await call(compiled, *request, chunks=chunks)
        theirs = await call(through_connexion, *request, chunks=chunks)

        assert ours == theirs, request
        assert ours.status < 500, request
        assert asked.asked == asked_there.asked, request
        asked.asked.clear()
        asked_there.asked.clear()
        if ours.status >= 400:
            assert MARK.encode() not in ours.body, request
        statuses[ours.status] = statuses.get(ours.status, 0) + 1

    assert {200, 201, 204, 400, 401, 403, 404, 405, 413, 415} <= statuses.keys()
