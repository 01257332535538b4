"""What the pages are attacked with (OWASP's list): scripts in texts, other people's forms, frames, links, cookies.

Asked by plain requests where a browser would add nothing.
"""

import asyncio
from contextlib import AsyncExitStack
from email import message_from_string, policy
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import quote, urljoin, urlsplit
from uuid import uuid4

import pytest

from demo.sample_data import PICTURES
from features.shop.shopper import address
from generated.models.auth import DeliveryAddress
from generated.models.catalog import CategoryDraft, ProductChange
from generated.models.shipping import Dispatch
from tests.access.requests import CSRF_PATTERN, REQUESTS, fill_placeholders, origin_of, session_cookie
from tests.browser.conftest import sign_in
from tests.browser.pages import ADMIN, CUSTOMER, GUEST, OPERATIONS, pages_to_visit, view_of

# Closes an attribute, adds an element with a handler, and is computed where somebody takes it for a template. No longer
# than the shortest text that anybody can write.
PROBE = "\"'><img src=x data-probe onerror=probed=1>{{7*7}}"
EVIL = "http://evil.example"
ELSEWHERE = (
    f"{EVIL}/", "//evil.example", "/\\evil.example", "///evil.example", "/%09/evil.example", "\\\\evil.example",
    "/\t/evil.example", "javascript:alert(1)", "data:text/html,x", "/./\\evil.example", "evil.example",
)  # fmt: skip
FORMS = {one.id: one for one in OPERATIONS.values() if one.method == "post"}
every_form = pytest.mark.parametrize("name", FORMS)
every_page = pytest.mark.parametrize("name", [one.id for one in pages_to_visit()])


class _Probe(HTMLParser):
    """Looks for elements and attributes that only PROBE has."""

    def __init__(self) -> None:
        super().__init__()
        self.elements, self.text, self.links = [], "", []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if "data-probe" in names or any(name.startswith("on") for name in names):
            self.elements.append(self.get_starttag_text())
        self.links += [names[name] for name in ("href", "src", "action", "formaction") if names.get(name)]

    def handle_data(self, data):
        self.text += data


def parse(html):
    parser = _Probe()
    parser.feed(html)
    parser.close()
    return parser


def assert_harmless(html):
    """Nothing of PROBE has become more than text."""
    page = parse(html)
    assert page.elements == []
    assert [link for link in page.links if link.lower().startswith(("javascript:", "data:"))] == []
    assert "'><img src=x data-probe onerror=probed=1>49" not in page.text


def text_fields(operation):
    """The fields of a form that take a text of some length, by name."""
    (content,) = operation.request_content.values()
    fields = content.schema.entries("properties")
    return [name for name, field in fields if field.get("type") == "string" and field.get("format") != "binary"]


@pytest.fixture(scope="module")
async def cookies(shop, owner, stage):
    """What each visitor's browser sends along."""
    return {
        GUEST: {},
        CUSTOMER: await session_cookie(shop, owner.email, owner.password),
        ADMIN: await session_cookie(shop, shop.admin.email, shop.admin.password),
    }


@pytest.fixture(scope="module")
async def mallory(shop):
    return await shop.new_shopper("mallory")


@pytest.fixture(scope="module")
async def hostile(shop, stage, mallory):
    """The stage, with things that are called PROBE wherever somebody can name them, and Mallory's order of them."""
    token, catalog = shop.admin.token, shop.gateway.catalog
    category = await catalog.add_category(body=CategoryDraft(name=f"{PROBE}{uuid4().hex[:8]}"), token=token)
    product = await shop.product(stock=10, title=PROBE)
    change = ProductChange(description=f"{PROBE}\n{PROBE}", category_id=category.id)
    await catalog.change_product(product_id=product.id, body=change, token=token)
    await shop.admin.add_image(product, (PICTURES / "wool-throw.png").read_bytes(), PROBE)
    home = address("12 Quay Street, Galway")
    house = dict.fromkeys(("address_line1", "address_line2", "city"), PROBE)
    await shop.gateway.auth.save_address(
        body=DeliveryAddress(**house, postcode=home.postcode, country=home.country), token=mallory.token
    )
    await mallory.add_to_cart(product, 2)
    placed = await mallory.check_out(type(home)(**house, postcode=home.postcode, country=home.country))
    await mallory.fail_payment(PROBE)
    await mallory.pay()
    await shop.wait_for_status(placed.order_id, "PAID", shipment="READY_TO_SHIP")
    parcel = await shop.warehouse.find_shipment(placed.order_id)
    label = Dispatch(carrier=PROBE, tracking_number="AP123456789IE")
    await shop.gateway.shipping.dispatch_shipment(shipment_id=parcel.id, body=label, token=token)
    await shop.admin.correct(product, -1, PROBE)
    await mallory.add_to_cart(product, 1)
    yield {
        **stage, "lamp": str(product.id), "category": str(category.id), "paid": str(placed.order_id),
        "parcel": str(parcel.id), "order": placed.order_id,
    }  # fmt: skip
    await shop.admin.withdraw(product)  # what other tests look at is nicer without


@pytest.fixture(scope="module")
async def mallorys_cookie(shop, mallory):
    return await session_cookie(shop, mallory.email, mallory.password)


@every_page
async def test_what_somebody_has_named_is_nothing_but_text(shop, hostile, cookies, mallorys_cookie, name):
    view = view_of(OPERATIONS[name], hostile)
    visitors = {GUEST: {}, CUSTOMER: mallorys_cookie, ADMIN: cookies[ADMIN]}
    roles = OPERATIONS[name].access.roles

    for visitor, cookie in visitors.items():
        if not roles or visitor in roles:
            page = await shop.http.get(view.path, headers=cookie)
            shop.http.cookies.clear()

            assert page.status_code in {200, 303, 404}
            assert_harmless(page.text)


async def test_what_somebody_has_named_is_shown_as_it_was_written(shop, hostile):
    product = await shop.http.get(f"/products/{hostile['lamp']}")
    category = await shop.http.get(f"/categories/{hostile['category']}")

    assert parse(product.text).text.count(PROBE) >= 3
    assert parse(category.text).text.count(PROBE) >= 2


async def test_no_script_of_a_text_runs_in_a_browser(open_page, hostile):
    for path in (
        "/",
        f"/products/{hostile['lamp']}",
        f"/categories/{hostile['category']}",
        f"/search?q={quote(PROBE)}",
    ):
        page = await open_page(path)

        assert await page.evaluate("[window.probed, document.querySelector('[data-probe]')]") == [None, None]
        assert PROBE in await page.content() or PROBE in await page.locator("body").inner_text()
        await page.context.close()


async def test_what_a_mail_says_of_it_is_nothing_but_text(shop, hostile, mallory):
    await mallory.wait_for_mail_about("parcel is on its way")

    for mail in await mallory.list_mails():
        part = message_from_string(mail.raw, policy=policy.default).get_body(("html",))
        assert_harmless(part.get_content())


@every_page
async def test_what_is_asked_for_is_nothing_but_text(shop, stage, cookies, name):
    operation, view = OPERATIONS[name], view_of(OPERATIONS[name], stage)
    path = view.path.partition("?")[0]
    queries = [one.name for one in operation.parameters if one.location == "query"]
    paths = [f"{path}?{query}={quote(PROBE)}" for query in (*queries, "unknown")] + [f"{path}/{quote(PROBE)}"]

    for asked in paths:
        page = await shop.http.get(asked, headers={"Accept": "text/html", **cookies[view.visitor]})

        assert_harmless(page.text)


def files_of(name):
    """The files of a form, as httpx takes them."""
    files = REQUESTS["storefront"][name].files
    return {"files": files} if files else {}


async def fill_form(shop, name, stage, cookie, **changed):
    """What the form of an operation would send, and where to."""
    operation, request = OPERATIONS[name], REQUESTS["storefront"][name]
    path = operation.full_path.format(**fill_placeholders(request.path, stage))
    fields = {"csrf": "", **fill_placeholders(request.form or {}, stage), **changed}
    if "csrf" not in changed and cookie:
        page = await shop.http.get("/", headers=cookie)
        fields["csrf"] = CSRF_PATTERN.search(page.text)[1]
    return path, fields


def sender(operation):
    """Who sends a form: a customer where these may."""
    roles = operation.access.roles
    if REQUESTS["storefront"][operation.id].by_guest:
        return GUEST
    return CUSTOMER if CUSTOMER in (roles or [CUSTOMER]) else ADMIN


@every_form
async def test_what_is_typed_is_nothing_but_text(shop, stage, cookies, name):
    cookie = cookies[sender(FORMS[name])]

    for field in text_fields(FORMS[name]):
        path, fields = await fill_form(shop, name, stage, cookie, **{field: PROBE})
        headers = {**origin_of(shop.http), **cookie}
        answer = await shop.http.post(path, data=fields, headers=headers, **files_of(name))
        shop.http.cookies.clear()

        assert answer.status_code < 500
        assert_harmless(answer.text)
        assert "data-probe" not in str(answer.headers)


FOREIGN_ORIGINS = {
    "another's": {"Origin": EVIL},
    "hidden": {"Origin": "null"},
    "none": {},
    "one that begins as the shop's": {"Origin": "{gateway}.evil.example"},
    "the shop's, under another scheme": {"Origin": "https://{host}.evil.example"},
}


@every_form
async def test_no_form_of_another_page_is_taken(shop, stage, cookies, name):
    cookie = cookies[sender(FORMS[name])]
    path, fields = await fill_form(shop, name, stage, cookie)
    gateway, before = shop.manifest["gateway"], await shop.snapshot()
    statuses = {}

    for what, headers in FOREIGN_ORIGINS.items():
        said = {key: value.format(gateway=gateway, host=urlsplit(gateway).netloc) for key, value in headers.items()}
        answer = await shop.http.post(path, data=fields, headers={**said, **cookie}, **files_of(name))
        statuses[what] = answer.status_code

    assert statuses == dict.fromkeys(FOREIGN_ORIGINS, 403)
    assert await shop.snapshot() == before


@pytest.mark.parametrize("name", [name for name, one in FORMS.items() if sender(one) != GUEST])
async def test_no_form_without_the_secret_of_the_session_is_taken(shop, stage, cookies, name):
    before = await shop.snapshot()
    statuses = []

    for csrf in ("", "q7Vd0c2sq7Vd0c2sq7Vd0c2s"):
        path, fields = await fill_form(shop, name, stage, {}, csrf=csrf)
        headers = {**origin_of(shop.http), **cookies[sender(FORMS[name])]}
        answer = await shop.http.post(path, data=fields, headers=headers, **files_of(name))
        statuses.append(answer.status_code)

    assert statuses == [403, 403]
    assert await shop.snapshot() == before


@pytest.fixture
async def other_site():
    """The port of another site, which shows a page. It is real: browsers let only local sites ask local addresses."""
    async with AsyncExitStack() as stack:

        async def other_site(html):
            async def answer(reader, writer):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n{html}".encode())
                await writer.drain()
                writer.close()

            server = await stack.enter_async_context(await asyncio.start_server(answer, "127.0.0.1", 0))
            return server.sockets[0].getsockname()[1]

        yield other_site


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["the same but for its port", "another"])
async def test_a_page_of_another_site_cannot_sign_anybody_out(shop, open_page, other_site, host):
    form = f'<form method="post" action="{shop.manifest["gateway"]}/sign-out"><input name="csrf" value=""></form>'
    port = await other_site(form)
    page = await open_page("/", CUSTOMER)
    await page.goto(f"http://{host}:{port}/")

    async with page.expect_navigation() as sent:
        await page.evaluate("document.forms[0].submit()")

    assert (await sent.value).status == 403
    await page.goto("/")
    assert await page.get_by_role("button", name="Sign out").count() == 1


@every_page
async def test_a_page_can_be_put_in_no_frame_and_is_kept_by_nobody_else(shop, stage, cookies, name):
    view = view_of(OPERATIONS[name], stage)

    page = await shop.http.get(view.path, headers={"Origin": EVIL, **cookies[view.visitor]})

    rules = dict(rule.strip().partition(" ")[::2] for rule in page.headers["content-security-policy"].split(";"))
    assert (rules["frame-ancestors"], rules["default-src"], rules["base-uri"]) == ("'none'", "'none'", "'none'")
    assert (rules["script-src"], rules["style-src"], rules["form-action"]) == ("'self'", "'self'", "'self'")
    assert (page.headers["x-frame-options"], page.headers["x-content-type-options"]) == ("DENY", "nosniff")
    own = view.visitor != GUEST or "token=" in view.path
    assert page.headers["cache-control"] == ("no-store" if own else "private, no-cache")
    assert "Cookie" in page.headers["vary"]
    assert page.headers["referrer-policy"] == "same-origin"
    assert not [header for header in page.headers if header.startswith("access-control-")]


async def test_a_browser_shows_nothing_of_the_shop_in_a_frame(shop, open_page, other_site):
    port = await other_site(f'<iframe src="{shop.manifest["gateway"]}/sign-in"></iframe>')
    page = await open_page("/")
    await page.goto(f"http://127.0.0.1:{port}/", wait_until="load")

    assert [text for text in page.seen.messages if "frame-ancestors" in text or "X-Frame-Options" in text]
    assert await page.frames[1].locator("form").count() == 0


@pytest.mark.parametrize("there", ELSEWHERE)
async def test_nobody_is_led_elsewhere(shop, stage, cookies, owner, there):
    with_then = {name: one for name, one in OPERATIONS.items() if any(p.name == "then" for p in one.parameters)}
    answers = [await shop.http.get(view_of(one, stage).path, params={"then": there}) for one in with_then.values()]
    for name in ("sign_in",):
        path, fields = await fill_form(shop, name, stage, {}, then=there, email=owner.email, password=owner.password)
        answers.append(await shop.http.post(path, data=fields, headers=origin_of(shop.http)))
        shop.http.cookies.clear()

    for answer in answers:
        assert "location" not in answer.headers or leads_home(shop, answer.headers["location"])
        assert [link for link in parse(answer.text).links if not leads_home(shop, link)] == []


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/..", "/\\evil.example/", "/%5Cevil.example/", "/.//evil.example"]
)
async def test_no_path_leads_elsewhere(shop, path):
    host, _, port = urlsplit(shop.manifest["gateway"]).netloc.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))  # as no client would write it
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n".encode()
    )
    answer = (await reader.read()).decode("latin-1")
    writer.close()

    lines = answer.partition("\r\n\r\n")[0].lower().split("\r\n")
    places = [line.partition(":")[2].strip() for line in lines if line.startswith("location:")]
    assert [place for place in places if not leads_home(shop, place)] == []


def leads_home(shop, link):
    """Whether a link stays in the shop, or leads to its pictures, as browsers read it."""
    address = urljoin(f"{shop.manifest['gateway']}/sign-in", link.replace("\\", "/").replace("\t", ""))
    return address.startswith((f"{shop.manifest['gateway']}/", f"{shop.manifest['s3']}/"))


async def test_the_cookie_of_a_session_is_for_the_shop_alone(shop, owner, stage):
    for origin, secure in ((shop.manifest["gateway"], False), ("https://shop.example", True)):
        headers = {"Origin": origin, "Host": urlsplit(origin).netloc, "X-Forwarded-Proto": urlsplit(origin).scheme}
        path, fields = await fill_form(shop, "sign_in", stage, {}, email=owner.email, password=owner.password)
        answer = await shop.http.post(path, data=fields, headers=headers)
        shop.http.cookies.clear()

        cookie = SimpleCookie(answer.headers["set-cookie"])["session"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert (bool(cookie["secure"]), cookie["domain"]) == (secure, "")
        assert len(cookie.value) >= 22


async def test_a_session_that_somebody_else_has_prepared_is_nobodys(shop, open_page, new_context, owner):
    prepared = {"name": "session", "value": "A" * 43, "url": shop.manifest["gateway"]}
    page = await open_page("/")
    await page.context.add_cookies([prepared])
    await sign_in(page, owner.email, owner.password)

    (own,) = await page.context.cookies()
    assert own["value"] != prepared["value"]
    attacker = await open_page("/")
    await attacker.context.add_cookies([prepared])
    await attacker.reload()
    assert await attacker.get_by_role("button", name="Sign out").count() == 0


async def test_a_session_that_was_left_is_not_gone_on_with(shop, open_page, owner):
    page = await open_page("/")
    await sign_in(page, owner.email, owner.password)
    kept = await page.context.cookies()

    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("link", name="Sign in").first.wait_for()
    await page.context.add_cookies(kept)
    await page.reload()

    assert await page.get_by_role("button", name="Sign out").count() == 0


async def test_no_script_reads_the_session(open_page):
    page = await open_page("/", CUSTOMER)

    assert await page.evaluate("document.cookie") == ""
