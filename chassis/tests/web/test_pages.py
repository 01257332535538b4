"""Operations that answer people: pages, forms, visitors known by a cookie, and refusals that are pages as well."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import pytest
import yaml

from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import FORM, HTML
from chassis.tests.web.shop import call
from chassis.web.access import ApiKeys, RejectAllTokens, User
from chassis.web.application import build_application
from chassis.web.http_client import Problem, UndeclaredProblem
from chassis.web.pages import PageRequest, Refusal
from chassis.web.problems import NotFound, Unavailable
from chassis.web.responses import Response, see_other
from chassis.web.static_files import StaticFiles

CONTRACT = Path(__file__).parent / "contracts" / "pages.yaml"
ENTRY = "/entries/0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"
ASHA = User(UUID(int=1), "customer", "asha@example.com")
ADMIN = User(UUID(int=2), "admin", "admin@example.com")
OWN = {"host": "book.example", "origin": "http://book.example"}
AS_ASHA = {**OWN, "cookie": "other=1; session=asha"}
SENT = {"csrf": "token-of-asha", "text": "Lovely"}


class AlreadySigned(Problem):
    """There is an entry already."""


@dataclass
class Visit:
    request: PageRequest
    user: User | None = None
    csrf_token: str | None = None

    def page(self, text):
        said = f"{text} of {self.user.email if self.user else 'nobody'}"
        if self.request.refusal is not None:
            said += f" refused: {self.request.refusal.slug} {self.request.refusal.errors} {dict(self.request.form)}"
        return Response(said.encode(), media_type=HTML)


class Pages:
    headers = {"Content-Security-Policy": "default-src 'none'"}  # noqa: RUF012 (as a service would write it)

    def __init__(self):
        self.fault, self.is_secure = None, False

    async def open(self, request):
        if self.fault is not None:
            raise self.fault
        visits = {
            "asha": Visit(request, ASHA, "token-of-asha"), "admin": Visit(request, ADMIN, "token-of-admin"),
            "guest": Visit(request, None, "token-of-guest"),
        }  # fmt: skip
        return visits.get(request.session_id, Visit(request))

    async def refuse(self, request, refusal):
        visit = request.visit or Visit(request)
        body = f"own page: {refusal.status} {refusal.slug} {visit.user and visit.user.email} {dict(request.form)}"
        return Response(body.encode(), refusal.status, refusal.headers, HTML)


class Handlers:
    def __init__(self, static):
        self._static = static
        self.asked, self.fault, self.begun = [], None, asyncio.Event()

    async def show_book(self, visit: Visit) -> Response:
        return visit.page("book")

    async def show_entry(self, entry_id: UUID, visit: Visit, user: User) -> Response:
        if self.fault is not None:
            raise self.fault
        return visit.page(f"entry {entry_id} to {user.email}")

    async def change_entry(self, entry_id: UUID, body: dict, visit: Visit) -> Response:
        self.asked.append(body)
        if body["text"] == "slow":
            self.begun.set()
            await asyncio.Event().wait()
        if body["text"] == "taken":
            raise AlreadySigned(409, {"type": "/problems/already-signed"})
        if self.fault is not None:
            raise self.fault
        return see_other(f"/entries/{entry_id}", **{"Set-Cookie": "seen=1"})

    async def add_picture(self, entry_id: UUID, body: dict, visit: Visit) -> Response:
        self.asked.append(await body["picture"].read())
        return see_other("/")

    async def get_file(self, file: str) -> Response:
        return self._static.get(file)


@pytest.fixture
def static(tmp_path):
    (tmp_path / "book.css").write_text("body { margin: 0 }")
    return StaticFiles(tmp_path, "/static/")


@pytest.fixture
def handlers(static):
    return Handlers(static)


@pytest.fixture
def pages():
    return Pages()


@pytest.fixture
def app(compiled, handlers, pages):
    return application(handlers, pages, compiled=compiled)


def application(handlers, pages, *, compiled=True, contract=CONTRACT):
    return build_application(
        contract, handlers, tokens=RejectAllTokens(), keys=ApiKeys({}), pages=pages, compiled=compiled
    )


def post(app, path=ENTRY, headers=AS_ASHA, **fields):
    body = urlencode({**SENT, **fields}, doseq=True).encode()
    return call(app, "POST", path, {"content-type": FORM, **headers}, body)


async def test_a_page_is_html_with_the_headers_of_all_pages(app):
    answer = await call(app, "GET", "/")

    assert (answer.status, answer.body) == (200, b"book of nobody")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == "default-src 'none'"


async def test_a_visitor_is_known_by_the_cookie_of_the_contract(app):
    answer = await call(app, "GET", ENTRY, {"cookie": "a=b; session=asha; c=d"})

    assert (answer.status, answer.body) == (200, f"entry {ENTRY[9:]} to asha@example.com of asha@example.com".encode())


@pytest.mark.parametrize(
    ("cookie", "status", "said"),
    [({}, 401, b"unauthorized None"), ({"cookie": "session=gone"}, 401, b"unauthorized None"),
     ({"cookie": "session=admin"}, 403, b"forbidden admin@example.com")],
    ids=["without", "of an ended session", "of another role"],
)  # fmt: skip
async def test_who_is_not_let_in_sees_a_page_with_the_same_status(app, cookie, status, said):
    answer = await call(app, "GET", ENTRY, cookie)

    assert answer.status == status
    assert said in answer.body
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("query", ["fbclid=Iw%ff&", "from=1&utm_source=a+b&utm_source=c", "&&=&%00", "page%5B%5D=1"])
async def test_what_others_append_to_the_address_of_a_page_is_not_read(app, query):
    assert (await call(app, "GET", f"/?{query}")).status == 200


async def test_what_a_page_declares_is_read_strictly_beside_what_others_append(app):
    assert (await call(app, "GET", "/?utm_source=a&fro%6D=x")).status == 400


async def test_what_is_appended_to_the_address_of_a_form_is_refused(app, handlers):
    answer = await post(app, f"{ENTRY}?utm_source=a")

    assert (answer.status, handlers.asked) == (400, [])


async def test_a_form_is_read_by_the_schemas_of_its_fields(app, handlers):
    answer = await post(app, text=" Käse & Brot ", stars="4", public="true", tags=["a", "b"])

    assert (answer.status, answer.headers["location"], answer.headers["set-cookie"]) == (303, ENTRY, "seen=1")
    assert handlers.asked == [
        {"csrf": "token-of-asha", "text": "Käse & Brot", "stars": 4, "public": True, "tags": ["a", "b"]}
    ]


async def test_one_of_a_list_is_a_list(app, handlers):
    await post(app, tags="a")

    assert handlers.asked[0]["tags"] == ["a"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"text": "x"}, "'/body/text', 'rule': 'minLength'"), ({"stars": "many"}, "'/body/stars', 'rule': 'type'"),
     ({"stars": "6"}, "'/body/stars', 'rule': 'maximum'"), ({"text": ["aa", "bb"]}, "'/body/text', 'rule': 'type'"),
     ({"public": "on"}, "'/body/public', 'rule': 'type'"),
     ({"colour": "red"}, "'/body', 'rule': 'additionalProperties'"),
     ({"tags": ["a"] * 4}, "'/body/tags', 'rule': 'maxItems'")],
    ids=["short", "no number", "too large", "twice", "no boolean", "unknown", "too many"],
)  # fmt: skip
async def test_a_refused_form_is_shown_again_on_the_page_that_the_contract_names(app, handlers, fields, error):
    answer = await post(app, **fields)

    assert answer.status == 400
    assert answer.body.startswith(f"entry {ENTRY[9:]} to asha@example.com".encode())
    assert error in answer.body.decode()
    assert handlers.asked == []


async def test_what_another_service_refused_is_shown_on_that_page_with_what_was_typed(app):
    answer = await post(app, text="taken")

    assert answer.status == 409
    assert b"refused: already-signed" in answer.body
    assert b"'text': 'taken'" in answer.body


@pytest.mark.parametrize(
    ("fault", "slug"),
    [(Unavailable(), b"outcome-unknown"), (Unavailable(nothing_done=True), b"unavailable"),
     (UndeclaredProblem(401, {"type": "/problems/unauthorized"}), b"outcome-unknown")],
    ids=["away", "away before", "strange"],
)  # fmt: skip
async def test_what_is_away_has_a_page_of_its_own_with_what_was_typed(app, handlers, fault, slug):
    handlers.fault = fault

    answer = await post(app)

    assert answer.status == 503
    assert answer.body.startswith(b"own page: 503 " + slug)
    assert b"'text': 'Lovely'" in answer.body
    assert answer.headers["retry-after"] == "1"


async def test_a_page_that_cannot_show_a_refusal_leaves_it_to_one_of_its_own(app, handlers):
    handlers.fault = NotFound()

    answer = await post(app, text="x")

    assert (answer.status, answer.body[:33]) == (400, b"own page: 400 invalid-request asha"[:33])


async def test_a_page_that_is_read_changes_nothing_when_it_fails(app, handlers):
    handlers.fault = Unavailable()

    answer = await call(app, "GET", ENTRY, AS_ASHA)

    assert answer.body.startswith(b"own page: 503 unavailable")


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "http://book.example:81"}, {"origin": ""},
     {"origin": "http://book.example.evil.example"}, {"host": ""}, {"origin": "http://["}, {"origin": "book.example"},
     {"origin": "ftp://book.example"}, {"origin": "http://", "host": ":80"},
     {"origin": "https://book.example", "host": "book.example:80"}],
)  # fmt: skip
async def test_a_form_of_another_origin_is_refused_before_it_is_read(app, handlers, headers):
    answer = await post(app, headers={**AS_ASHA, **headers})

    assert answer.status == 403
    assert answer.body.startswith(b"own page: 403 forbidden None {}")
    assert handlers.asked == []


async def test_where_pages_are_reached_by_https_alone_no_form_or_cookie_of_http_counts(app, handlers, pages):
    pages.is_secure = True
    secure = {"host": "book.example", "origin": "https://book.example", "cookie": "__Host-session=asha"}

    by_http = await post(app, headers={**secure, "origin": "http://book.example"})
    of_http = await post(app, headers={**secure, "cookie": "session=asha"})

    assert (by_http.status, of_http.status, handlers.asked) == (403, 401, [])
    assert (await post(app, headers=secure)).status == 303


@pytest.mark.parametrize(
    ("host", "origin"),
    [("Book.Example", "http://book.example"), ("book.example:80", "http://book.example"),
     ("book.example:443", "https://book.example"), ("book.example:8080", "http://book.example:8080")],
)  # fmt: skip
async def test_a_host_is_the_same_in_capitals_and_with_the_port_that_goes_without_saying(app, host, origin):
    assert (await post(app, headers={**AS_ASHA, "host": host, "origin": origin})).status == 303


@pytest.mark.parametrize("token", ["", "token-of-admin", "token-of-ashä"])
async def test_a_form_without_the_token_of_the_session_is_shown_again(app, handlers, token):
    answer = await post(app, csrf=token)

    assert answer.status == 403
    assert b"refused: form-expired" in answer.body
    assert handlers.asked == []


MULTIPART = {"content-type": "multipart/form-data; boundary=x"}


def upload(token):
    return (
        f'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\nPNG\r\n--x--\r\n'
    ).encode()


@pytest.mark.parametrize(
    ("cookie", "token", "status"),
    [("session=guest", "token-of-guest", 303), ("session=guest", "token-of-asha", 403), ("", "", 303)],
    ids=["its token", "another's token", "no session"],
)
async def test_a_file_needs_the_token_of_the_session_too(app, handlers, cookie, token, status):
    answer = await call(app, "POST", f"{ENTRY}/picture", {**OWN, **MULTIPART, "cookie": cookie}, upload(token))

    assert answer.status == status
    assert handlers.asked == [b"PNG"][: status == 303]


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("application/json", b"{}", 415), (FORM, b"text=" + b"x" * 70_000, 413), (FORM, b"", 400), (FORM, b"a=%ff", 400),
     (FORM, b"a=%00", 400)],
)  # fmt: skip
async def test_what_is_no_form_is_refused_by_a_page(app, kind, body, status):
    answer = await call(app, "POST", ENTRY, {**AS_ASHA, "content-type": kind}, body)

    assert (answer.status, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")


async def test_where_sessions_are_away_there_is_a_page_that_says_so(app, pages):
    pages.fault = Unavailable()

    answer = await call(app, "GET", "/", {"cookie": "session=asha"})

    assert (answer.status, answer.body) == (503, b"own page: 503 unavailable None {}")


async def test_where_sessions_are_away_nothing_is_done_and_what_was_typed_is_kept(app, handlers, pages):
    pages.fault = Unavailable()

    answer = await post(app)

    assert (answer.status, handlers.asked) == (503, [])
    assert answer.body.startswith(b"own page: 503 unavailable None")
    assert b"'text': 'Lovely'" in answer.body


async def test_who_may_not_send_a_form_is_not_told_what_is_wrong_with_it(app):
    answer = await post(app, headers={**OWN, "content-type": "application/json"})

    assert answer.status == 401


async def test_a_form_that_a_stop_cuts_short_is_kept_and_may_have_been_done(app, handlers):
    sent = asyncio.create_task(post(app, text="slow"))
    await handlers.begun.wait()
    sent.cancel()

    answer = await sent

    assert answer.body.startswith(b"own page: 503 outcome-unknown asha")
    assert b"'text': 'slow'" in answer.body


async def test_what_another_service_knows_better_of_a_field_stands_at_it(app, handlers):
    errors = [{"pointer": "/body/text", "rule": "pattern"}]
    handlers.fault = UndeclaredProblem(400, {"type": "/problems/invalid-request", "errors": errors})

    refusal = Refusal.of(handlers.fault)

    assert (refusal.status, refusal.slug, refusal.errors) == (400, "invalid-request", errors)
    assert (await post(app)).status == 400


async def test_a_path_that_cannot_be_read_is_a_page_too(app):
    answer = await call(app, "GET", "/entries/a\nb", AS_ASHA)

    assert (answer.status, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")


async def test_a_form_for_a_path_that_cannot_be_read_is_refused_on_a_page_of_its_own(app, handlers):
    answer = await post(app, "/entries/no-id", text="Lovely")

    assert (answer.status, handlers.asked) == (400, [])
    assert answer.body.startswith(b"own page: 400 invalid-request")


async def test_a_path_that_there_is_not_is_a_page_for_browsers_and_a_problem_for_others(app):
    page = await call(app, "GET", "/nothing", {"accept": "text/html,application/xml;q=0.9"})
    problem = await call(app, "GET", "/nothing", {"accept": "*/*"})

    assert (page.status, page.body) == (404, b"own page: 404 not-found None {}")
    assert problem.json()["type"] == "/problems/not-found"


async def test_a_method_that_a_page_has_not_is_named(app):
    answer = await call(app, "DELETE", "/", {"accept": "text/html"})

    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_a_defect_is_a_page_that_says_nothing_of_it(app, handlers):
    handlers.fault = ZeroDivisionError("at line 7")

    answer = await call(app, "GET", ENTRY, AS_ASHA)

    assert (answer.status, answer.body) == (500, b"own page: 500 server-fault None {}")


async def test_a_defect_of_the_page_that_says_so_is_a_problem(app, handlers, pages, monkeypatch):
    handlers.fault = ZeroDivisionError()
    monkeypatch.setattr(Pages, "refuse", None)

    answer = await call(app, "GET", ENTRY, AS_ASHA)

    assert answer.json()["type"] == "/problems/server-fault"


async def test_a_head_is_a_page_without_a_body(app):
    answer = await call(app, "HEAD", "/")

    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "14")


async def test_a_file_has_its_hash_in_its_address_and_never_changes_under_it(app, static):
    answer = await call(app, "GET", static.url("book.css"))

    assert static.url("book.css") == "/static/book.997faceca260.css"
    assert (answer.status, answer.body) == (200, b"body { margin: 0 }")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


async def test_a_file_of_another_release_is_answered_by_this_ones_and_kept_by_nobody(app):
    answer = await call(app, "GET", "/static/book.0123456789ab.css")

    assert (answer.status, answer.body) == (200, b"body { margin: 0 }")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("name", ["book.css", "book.0123456789ab.js", "shelf.0123456789ab.css", "book.0123456789.css"])
async def test_a_file_that_no_release_has_is_not_there(app, name):
    assert (await call(app, "GET", f"/static/{name}")).status == 404


async def test_cookies_forms_and_passwords_are_in_no_log(app):
    request = PageRequest(method="POST", path="/", query="", headers={b"cookie": b"session=asha"}, session_id="asha")
    request.form = {"password": "secret"}

    assert "asha" not in repr(request)
    assert "secret" not in repr(request)


def without(*keys):
    def change(contract):
        node = contract
        for key in keys[:-1]:
            node = node[key]
        del node[keys[-1]]

    return change


def with_page(operation):
    def change(contract):
        contract["paths"]["/entries/{entry_id}"]["post"]["x-page"] = operation

    return change


def page_needs_a_parameter(contract):
    parameter = {"name": "wanted", "in": "query", "required": True, "schema": {"type": "string"}}
    contract["paths"]["/entries/{entry_id}"]["get"]["parameters"] = [parameter]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("paths", "/entries/{entry_id}", "post", "responses", "403"), "must declare the refusals 403"),
        (without("paths", "/", "get", "responses", "503"), "must declare the refusals 503"),
        (without("paths", "/entries/{entry_id}", "get", "responses", "401"), "must declare the refusals 401"),
        (without("paths", "/entries/{entry_id}", "get", "security"), "does so by a cookie"),
        (with_page("get_file"), "x-page is the operationId of a page"),
        (with_page("nobody"), "x-page is the operationId of a page"),
        (with_page("add_picture"), "cannot show its refusals"),
        (page_needs_a_parameter, "cannot show its refusals"),
    ],
)
def test_a_contract_that_pages_do_not_fit_stops_the_start(handlers, pages, tmp_path, change, message):
    contract = yaml.safe_load(CONTRACT.read_text())
    change(contract)
    (tmp_path / "pages.yaml").write_text(yaml.safe_dump(contract))

    with pytest.raises(ContractError, match=message):
        application(handlers, pages, contract=tmp_path / "pages.yaml")


def test_a_contract_of_pages_needs_somebody_to_show_its_refusals(handlers):
    with pytest.raises(ContractError, match="the service has no pages"):
        application(handlers, None)


def test_a_refusal_is_what_an_exception_means_for_people():
    assert Refusal.of(NotFound()) == Refusal(status=404, type="/problems/not-found")
    assert Refusal.of(ZeroDivisionError()) is None
