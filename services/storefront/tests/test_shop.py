"""What is for sale, as pages."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from chassis.web.pages import PageRequest, Refusal
from services.storefront.tests.conftest import ORIGIN, csrf_of, field_of
from services.storefront.tests.neighbours import CATEGORY, IMAGE, LAMP, MUG, problem


async def test_home_shows_products_with_picture_price_and_what_is_left(client):
    page = await client.get("/")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f'href="/products/{LAMP["id"]}">Walnut desk lamp</a>' in page.text
    assert "€129.99" in page.text
    assert "£14.00" in page.text
    assert "Only 2 left" in page.text
    assert IMAGE["url"].replace("&", "&amp;") in page.text


async def test_the_next_page_begins_where_this_one_ends(client, neighbours):
    neighbours.next_cursor = "WyJhIl0"

    page = await client.get("/")
    following = re.search(r'href="(/\?cursor=[^"]*)"', page.text)[1]
    await client.get(following)

    assert neighbours.called("/catalog/v1/products/")[-1]["query"] == {"cursor": "WyJhIl0", "limit": "24"}


async def test_a_search_shows_what_is_found_and_what_was_looked_for(client, neighbours):
    page = await client.get("/search", params={"q": "lamp"})

    assert "Walnut desk lamp" in page.text
    assert "Stoneware mug" not in page.text
    assert 'name="q" type="search" maxlength="100" value="lamp"' in page.text


async def test_a_search_that_finds_nothing_shows_the_newest(client):
    page = await client.get("/search", params={"q": 'tea"pot<script>'})

    assert page.status_code == 200
    assert "Nothing found for “tea&#34;pot&lt;script&gt;”" in page.text
    assert "Stoneware mug" in page.text


async def test_a_category_shows_its_products_and_is_marked_as_where_one_is(client, neighbours):
    page = await client.get(f"/categories/{CATEGORY['id']}")

    assert "<h1>Lamps</h1>" in page.text
    assert f'aria-current="page" href="/categories/{CATEGORY["id"]}">Lamps <span>3</span>' in page.text
    assert neighbours.called("/catalog/v1/products/")[-1]["query"]["category_id"] == CATEGORY["id"]


async def test_a_product_has_its_pictures_and_its_way_back(client):
    page = await client.get(f"/products/{LAMP['id']}")

    assert "<h1>Walnut desk lamp</h1>" in page.text
    assert 'alt="A walnut desk lamp on a desk" width="1200" height="800"' in page.text
    assert f'<a href="/categories/{CATEGORY["id"]}">Lamps</a>' in page.text
    assert "Only 2 left" in page.text
    assert "Stoneware mug" in page.text


async def test_a_product_without_pictures_shows_an_empty_shelf(client, static):
    page = await client.get(f"/products/{MUG['id']}")

    assert static.url("missing.svg") in page.text
    assert "In stock" in page.text


async def test_pages_are_in_the_language_that_is_read_best(client):
    page = await client.get("/", headers={"Accept-Language": "fr, de-AT;q=0.9, en;q=0.5"})

    assert '<html lang="de">' in page.text
    assert "Nur noch 2 da" in page.text
    assert "129,99\xa0€" in page.text


@pytest.mark.parametrize("path", ["/categories/{}", "/products/{}"])
async def test_what_is_not_there_is_a_page_that_says_so(client, path):
    page = await client.get(path.format("0198c3c5-0a4e-7c6e-9d26-3f1f4be2bfff"))

    assert page.status_code == 404
    assert "<h1>Nothing stands here</h1>" in page.text


@pytest.mark.parametrize("path", ["/nothing", "/categories/lamps"])
async def test_an_address_that_no_page_has_is_a_page_for_browsers(client, path):
    page = await client.get(path, headers={"Accept": "text/html,*/*"})

    assert page.status_code in (400, 404)
    assert "To the shop" in page.text


@pytest.mark.parametrize("name", ["shop.css", "sprite.svg"])
async def test_files_of_pages_are_served_under_their_hash(client, static, name):
    file = await client.get(static.url(name))

    assert file.status_code == 200
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_cursor_that_is_made_up_is_an_address_that_is_not_right(client, neighbours):
    errors = [{"pointer": "/query/cursor", "rule": "cursor"}]
    neighbours.responses["/catalog/v1/products/"] = problem(400, "invalid-request", errors=errors)

    page = await client.get("/", params={"cursor": "AAAA"})

    assert page.status_code == 400
    assert "That address is not quite right" in page.text


async def test_a_program_is_answered_by_a_problem_where_there_is_no_page(client):
    assert (await client.get("/nothing")).json()["type"] == "/problems/not-found"


@pytest.mark.parametrize("path", ["/", "/search", f"/categories/{CATEGORY['id']}", f"/products/{LAMP['id']}"])
async def test_while_catalog_is_away_pages_say_so(client, neighbours, path):
    for called in ("/catalog/v1/products/", "/catalog/v1/categories/", f"/catalog/v1/products/{LAMP['id']}"):
        neighbours.responses[called] = problem(503, "unavailable")

    page = await client.get(path)

    assert page.status_code == 503
    assert int(page.headers["retry-after"]) >= 0
    assert "The till is resting for a moment" in page.text
    assert f'href="{path}">' in page.text


async def test_a_defect_is_a_page_without_a_trace(pages):
    request = PageRequest(method="GET", path="/", query="", headers={})

    page = await pages.refuse(request, Refusal(status=500, type="/problems/server-fault"))

    assert page.status == 500
    assert b"It is our fault" in page.body


@pytest.mark.parametrize("path", ["/", "/search?q=lamp", f"/categories/{CATEGORY['id']}"])
async def test_products_are_sorted_as_somebody_asks_on_every_page(client, neighbours, path):
    neighbours.next_cursor = "WyJhIl0"

    page = await client.get(path, params={**dict(parse_qsl(urlsplit(path).query)), "sort": "price_asc"})
    following = re.search(r'href="([^"]*cursor=[^"]*)"', page.text)[1].replace("&amp;", "&")
    await client.get(following)

    assert '<option value="price_asc" selected>' in page.text
    asked = [request["query"] for request in neighbours.called("/catalog/v1/products/")]
    assert [query["sort"] for query in asked] == ["price_asc", "price_asc"]
    assert [query.get("q") for query in asked] == ["lamp" if "lamp" in path else None] * 2


async def test_the_language_that_was_chosen_goes_before_what_the_browser_asks_for(client):
    page = await client.get("/search?q=lamp", headers={"Accept-Language": "en"})
    form = {"csrf": csrf_of(page), "then": field_of(page, "then").replace("&amp;", "&"), "language": "de"}

    answer = await client.post("/language", data=form, headers=ORIGIN)
    after = await client.get(answer.headers["location"], headers={"Accept-Language": "en"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=lamp")
    assert answer.headers["set-cookie"] == "language=de; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"
    assert '<html lang="de">' in after.text


@pytest.mark.parametrize("language", ["fr", "", "de\r\nX: y"])
async def test_a_language_that_there_is_not_is_refused(client, language):
    answer = await client.post("/language", data={"csrf": "", "language": language}, headers=ORIGIN)

    assert (answer.status_code, answer.headers.get("set-cookie")) == (400, None)


async def test_a_cookie_with_a_language_that_there_is_not_changes_nothing(client):
    page = await client.get("/", headers={"cookie": "language=fr", "Accept-Language": "de"})

    assert '<html lang="de">' in page.text


async def test_a_link_that_others_have_added_to_leads_to_the_product(client):
    page = await client.get(f"/products/{LAMP['id']}?utm_source=letter&fbclid=IwAR0")

    assert page.status_code == 200
    assert "Walnut desk lamp" in page.text


async def test_what_the_catalog_says_is_marked_as_of_its_language_where_the_page_is_of_another(client):
    paths = "/", f"/products/{LAMP['id']}", f"/categories/{CATEGORY['id']}"

    german = [(await client.get(path, headers={"Accept-Language": "de"})).text for path in paths]
    english = [(await client.get(path)).text for path in paths]

    assert f'<a lang="en" href="/products/{LAMP["id"]}">Walnut desk lamp</a>' in german[0]
    assert '<h1 lang="en">Walnut desk lamp</h1>' in german[1]
    assert '<h1 lang="en">Lamps</h1>' in german[2]
    assert [page.count(' lang="en"') for page in english] == [1] * 3  # the page's own
