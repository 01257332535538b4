"""What people do on the pages for developers, in a browser: with --deep, since they are large."""

import json
from pathlib import Path

import pytest

from tests.browser.pages import NARROW, Observations

PICTURES = Path(__file__).resolve().parents[2] / "reports" / "pages"
# Swagger UI of every anchor with `_` in it, and the browser of the refusals that are asked for here
EXPECTED = (
    "Deprecated: escaping deep link whitespace",
    "Failed to load resource: the server responded with a status of 4",
)

pytestmark = pytest.mark.deep


@pytest.fixture
async def open_reference(open_page):
    async def open_reference(address, **options):
        return await open_page(f"/docs/{address}", **options)

    return open_reference


async def answer_to(page, anchor, body=None):
    """What an operation answers to somebody who tries it on its page."""
    await page.locator(f'.side a[href="#/{anchor}"]').evaluate("link => link.click()")
    operation = page.locator(f"#operations-{anchor.replace('/', '-')}")
    if body is not None:
        await operation.locator("textarea").fill(json.dumps(body))
    await operation.locator("button.execute").click()
    answer = operation.locator(".live-responses-table tbody tr").last
    await answer.locator(".microlight").first.wait_for()
    return {
        "status": await answer.locator(".response-col_status").inner_text(),
        "body": json.loads(await answer.locator(".highlight-code .microlight").first.inner_text()),
        "url": await operation.locator(".request-url .microlight").inner_text(),
    }


def unexpected(seen: Observations) -> list[str]:
    return [text for text in seen.messages if not text.startswith(EXPECTED)]


async def test_an_operation_that_is_tried_is_answered_by_the_shop(open_reference, shop):
    page = await open_reference("openapi/order.html")

    answer = await answer_to(page, "orders/check_out")

    assert answer["url"] == f"{shop.manifest['gateway']}/order/v1/orders/checkout"
    assert (answer["status"], answer["body"]["type"]) == ("401", "/problems/unauthorized")
    assert unexpected(page.seen) == []


async def test_whoever_logs_in_on_the_page_is_logged_in(open_reference, shop):
    page = await open_reference("openapi/shop.html")

    logged_in = await answer_to(page, "auth/log_in", shop.manifest["admin"])
    account = await answer_to(page, "auth/get_own_account")
    products = await answer_to(page, "catalog/list_products")
    refused = await answer_to(page, "order/check_out")

    assert logged_in["status"] == "200"
    assert account["body"]["email"] == shop.manifest["admin"]["email"]
    assert products["url"] == f"{shop.manifest['gateway']}/catalog/v1/products/?sort=newest&limit=20"
    assert refused["body"]["type"] == "/problems/cart-is-empty"
    assert unexpected(page.seen) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("address", "shown"),
    [("", "section.service"), ("asyncapi/shop.html", "section.event"), ("openapi/shop.html", ".opblock")],
)
async def test_a_page_is_no_wider_than_a_telephone_and_asks_nobody_else(open_reference, shop, address, shown, scheme):
    page = await open_reference(address, viewport=NARROW, color_scheme=scheme)
    await page.locator(shown).first.wait_for()
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"docs-{address.replace('/', '-') or 'index'}-{scheme}.png")

    assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert page.seen.hosts() == {shop.manifest["gateway"].removeprefix("http://")}
    assert unexpected(page.seen) == []
