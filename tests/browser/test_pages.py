"""Every page of the contract in a browser: for everybody, light, quiet, and from nobody but the shop."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.access.requests import REQUESTS
from tests.browser.pages import (
    BUYER,
    CUSTOMER,
    DEMANDING_FORMS,
    NARROW,
    SEND_EMPTY,
    SHIFTS,
    TOO_WIDE,
    UNEXPLAINED,
    VISITORS,
    WITHOUT_FOCUS,
    WITHOUT_SIZE,
    Observations,
    View,
    axe_findings,
    pages_to_visit,
    view_of,
)

MAX_BYTES = 100_000
MAX_SHIFTS = 0.05  # half of what is held good (Web Vitals); a page that comes in two pieces moves a little
OPERATIONS = {operation.id: operation for operation in pages_to_visit()}
# How pages look beside that; `{pictured}` and `{shelf}` are of the sample data.
OTHER_VIEWS = {
    "home of somebody who signed in": View("/", CUSTOMER),
    "a cart with something in it": View("/cart", BUYER),
    "a checkout of something": View("/checkout", BUYER),
    "an order that awaits its payment": View("/orders/{created}", CUSTOMER),
    "an order that was cancelled": View("/orders/{cancelled}", CUSTOMER),
    "an order on its way": View("/orders/{way}", BUYER),
    "a payment that was refused": View("/orders/{refused}/pay", BUYER),
    "a product with pictures": View("/products/{pictured}"),
    "a shelf of the sample data": View("/categories/{shelf}"),
    "a search that finds": View("/search?q=walnut"),
    "a search that finds nothing": View("/search?q=zzzyx"),
    "a page that there is not": View("/nowhere", status=404),
    "a product that there is not": View("/products/0198c3c5-0a4e-7c6e-9d26-3f1f4be2a00f", status=404),
}
# Where everything on a page is.
BOXES = (
    "() => [...document.querySelectorAll('main :not(svg *)')].map(one => JSON.stringify(one.getBoundingClientRect()))"
)
STYLED = """() => new Promise(done => {
  const link = document.querySelector("link[rel=stylesheet]");
  link.sheet ? done() : link.addEventListener("load", done);
})"""
FAULTY = f"""<!doctype html><html lang="en"><title>Faulty</title><main><h1>Faulty</h1>
<style>h1 {{ color: red }}</style><img src="/nowhere.png"><input name="unlabelled"><a id="silent" href="/">A link</a>
<pre>{"wide " * 400}</pre></main>"""
NO_FOCUS = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("#silent { outline: 0 }");
  document.adoptedStyleSheets = [sheet];
}"""
every_view = pytest.mark.parametrize("name", [*OPERATIONS, *OTHER_VIEWS])


@dataclass
class Inspection:
    status: int
    languages: tuple[str, str]
    messages: list[str]
    foreign_hosts: set[str]
    bytes_without_pictures: int
    shifts: float
    without_size: list[str]
    without_focus: list[str]
    too_wide: list[str]
    barriers: list[str]
    forms: list[tuple[int, list[str]]]  # what became of each that was sent empty


@pytest.fixture(scope="module")
async def contexts(new_context):
    """A wide browser in English and a narrow one in German for each visitor."""
    async with AsyncExitStack() as stack:
        known = {}
        for visitor in VISITORS:
            pair = await new_context(visitor), await new_context(visitor, viewport=NARROW, locale="de-DE")
            for context in pair:
                stack.push_async_callback(context.close)
            known[visitor] = pair
        yield known


@pytest.fixture(scope="module")
def inspections():
    return {}


@pytest.fixture
async def inspect(shop, stage, contexts, axe, inspections):
    """What is to be seen on a page, which is opened once in English and once in German."""
    own = {urlsplit(shop.manifest[name]).netloc for name in ("gateway", "s3")}

    async def inspect(name):
        if name not in inspections:  # also where it fails, which it does once
            inspections[name] = asyncio.ensure_future(open_both(name))
        return await inspections[name]

    async def open_both(name):
        view = view_of(OPERATIONS[name], stage) if name in OPERATIONS else OTHER_VIEWS[name]
        english, german = [await context.new_page() for context in contexts[view.visitor]]
        try:
            return await look_at(english, german, view._replace(path=view.path.format(**stage)))
        finally:
            await english.close()
            await german.close()

    async def look_at(english, german, view):
        seen = Observations.of(english)
        opened = await english.goto(view.path)
        shifts, without_size = await english.evaluate(SHIFTS), await english.evaluate(WITHOUT_SIZE)
        await english.keyboard.press("Tab")  # whoever uses the keyboard
        without_focus = await english.evaluate(WITHOUT_FOCUS)
        barriers = await axe_findings(english, axe)
        await german.goto(view.path)
        messages, hosts, weight = list(seen.messages), seen.hosts() - own, await seen.bytes_without_pictures()
        demanding = range(await german.evaluate(DEMANDING_FORMS))
        return Inspection(
            status=opened.status,
            languages=tuple([await page.locator("html").get_attribute("lang") for page in (english, german)]),
            messages=messages,
            foreign_hosts=hosts,
            bytes_without_pictures=weight,
            shifts=shifts,
            without_size=without_size,
            without_focus=without_focus,
            too_wide=await german.evaluate(TOO_WIDE),
            barriers=barriers,
            forms=[await send_empty(english, view.path, number) for number in demanding],
        )

    async def send_empty(page, path, number):
        await page.goto(path)
        async with page.expect_navigation() as sent:
            await page.evaluate(SEND_EMPTY, number)
        status = (await sent.value).status
        return status, [*await page.evaluate(UNEXPLAINED), *await axe_findings(page, axe)]

    return inspect


@every_view
async def test_the_page_is_shown_in_the_language_that_the_browser_asks_for(inspect, name):
    seen = await inspect(name)

    expected = OTHER_VIEWS[name].status if name in OTHER_VIEWS else REQUESTS["storefront"][name].status
    assert (seen.status, seen.languages) == (expected, ("en", "de"))


@every_view
async def test_axe_finds_no_barrier_in_light_and_dark(inspect, name):
    assert (await inspect(name)).barriers == []


@every_view
async def test_the_browser_reports_no_error_and_no_warning(inspect, name):
    seen = await inspect(name)

    # that the page itself is none, it says, too
    assert [text for text in seen.messages if seen.status == 200 or f"status of {seen.status}" not in text] == []


@every_view
async def test_nobody_but_the_shop_is_asked_for_anything(inspect, name):
    assert (await inspect(name)).foreign_hosts == set()


@every_view
async def test_the_page_is_light(inspect, name):
    assert (await inspect(name)).bytes_without_pictures < MAX_BYTES


@every_view
async def test_pictures_have_their_place_before_they_are_there(inspect, name):
    seen = await inspect(name)

    assert seen.without_size == []
    assert seen.shifts < MAX_SHIFTS


@every_view
async def test_the_keyboard_reaches_everything_and_shows_where_it_is(inspect, name):
    assert (await inspect(name)).without_focus == []


@every_view
async def test_the_page_is_no_wider_than_a_telephone(inspect, name):
    assert (await inspect(name)).too_wide == []


@every_view
async def test_a_form_says_what_is_wrong_at_its_fields(inspect, name):
    for status, unexplained in (await inspect(name)).forms:
        assert (status in {400, 409}, unexplained) == (True, [])  # 409: an empty file is no picture


@pytest.mark.parametrize("path", ["/", "/products/{pictured}", "/register", "/nowhere"])
async def test_nothing_moves_when_the_pictures_come(shop, new_context, stage, path):
    context, released = await new_context(), asyncio.Event()

    async def hold(route):
        await released.wait()
        await route.continue_()

    for pictures in (f"{shop.manifest['s3']}/**", "**/*.svg"):
        await context.route(pictures, hold)
    page = await context.new_page()
    try:
        await page.goto(path.format(**stage), wait_until="domcontentloaded")
        await page.evaluate(STYLED)
        before = await page.evaluate(BOXES)
        released.set()
        await page.wait_for_load_state("load")

        assert await page.evaluate("[...document.images].every(one => one.naturalWidth || one.loading === 'lazy')")
        assert await page.evaluate(BOXES) == before
    finally:
        await context.close()


async def test_a_page_with_every_fault_is_found_out(open_page, axe):
    page = await open_page("/nowhere")
    await page.set_content(FAULTY)
    await page.evaluate(NO_FOCUS)
    await page.keyboard.press("Tab")

    assert len(await page.evaluate(WITHOUT_SIZE)) == 1
    assert ["silent" in text for text in await page.evaluate(WITHOUT_FOCUS)] == [True]
    assert {text.partition(":")[0] for text in await axe_findings(page, axe)} >= {"image-alt", "label"}
    assert await page.evaluate(TOO_WIDE) != []
    assert [text for text in page.seen.messages if "Content Security Policy" in text]
