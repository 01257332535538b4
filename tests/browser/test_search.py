"""Searching as one types: the script shows what the page of the search would, and nothing depends on it."""

from uuid import uuid4

import pytest

from tests.browser.pages import axe_findings


@pytest.fixture
async def lamps(shop):
    """A word that only they have, and more products than are shown while one types."""
    word = f"brasslamp{uuid4().hex[:12]}"
    for number in range(7):
        await shop.product(title=f"{word} {number}", stock=1)
    return word


@pytest.fixture
async def page(open_page):
    return await open_page("/")


def searches(page):
    """The queries of the requests that the page makes for what was typed."""
    asked = []
    page.on("request", lambda request: asked.append(request) if "/search?" in request.url else None)
    return asked


async def test_what_is_found_is_shown_while_one_types_and_can_be_followed(page, lamps, axe):
    field = page.get_by_role("searchbox")
    await field.press_sequentially(lamps, delay=5)
    links = page.locator(".suggestions a")
    await links.first.wait_for()

    assert await links.count() == 6
    assert await page.get_by_role("status").inner_text() == f"Found for “{lamps}”"
    assert await axe_findings(page, axe) == []
    await field.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name=f"{lamps} 6").wait_for()


async def test_nothing_found_is_said(page):
    await page.get_by_role("searchbox").press_sequentially("no such thing")

    await page.get_by_text("Nothing found for “no such thing”").wait_for()
    assert await page.locator(".suggestions a").count() == 0


async def test_escape_and_leaving_close_it_and_keep_what_was_typed(page, lamps):
    field, links = page.get_by_role("searchbox"), page.locator(".suggestions a")
    for leave in ("Escape", "Shift+Tab"):
        await field.fill(lamps)
        await links.first.wait_for()
        await field.press(leave)
        await links.first.wait_for(state="hidden")
        assert await field.input_value() == lamps


async def test_only_the_last_of_what_is_typed_quickly_is_asked_for(page, lamps):
    asked = searches(page)
    await page.get_by_role("searchbox").press_sequentially(lamps, delay=5)
    await page.locator(".suggestions a").first.wait_for()

    assert [request.url.partition("q=")[2] for request in asked] == [lamps]


async def test_an_answer_that_was_overtaken_is_not_shown(page, lamps):
    asked, held = searches(page), []

    async def hold(route):
        held.append(route)

    await page.route("**/search?q=bra", hold)
    field = page.get_by_role("searchbox")
    async with page.expect_request("**/search?q=bra"):
        await field.fill("bra")
    await field.fill(lamps)
    await page.locator(".suggestions a").first.wait_for()

    assert [request.failure for request in asked] == ["net::ERR_ABORTED", None]
    assert await page.get_by_role("status").inner_text() == f"Found for “{lamps}”"


async def test_a_letter_alone_asks_nothing(page):
    await page.clock.install()
    await page.reload()
    asked, field = searches(page), page.get_by_role("searchbox")

    await field.fill("a")
    await page.clock.run_for(1000)
    assert asked == []
    async with page.expect_request("**/search?q=ab"):
        await field.fill("ab")
        await page.clock.run_for(1000)


async def test_while_the_shop_is_away_the_form_still_leads_to_the_search(page, lamps):
    await page.route("**/search?q=*", lambda route: route.abort(), times=1)
    field = page.get_by_role("searchbox")
    async with page.expect_event("requestfailed"):
        await field.fill(lamps)
    assert not await page.locator(".suggestions").is_visible()
    await field.press("Enter")

    await page.get_by_role("heading", name=f"Found for “{lamps}”").wait_for()
