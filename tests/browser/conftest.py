"""A browser, and people who use the running shop with it."""

from contextlib import AsyncExitStack

import pytest

from demo.screenshots import put_on_stage
from tests.browser.pages import ADMIN, BUYER, CUSTOMER, GUEST, WIDE, Observations
from tooling import browser as chromium


@pytest.fixture(scope="session")
async def browser():
    if not chromium.is_available():
        pytest.skip(str(chromium.NoBrowserError()))
    async with chromium.launch() as browser:
        yield browser


@pytest.fixture(scope="session")
def axe():
    return chromium.axe_source()


@pytest.fixture(scope="session")
async def buyer(shop):
    return await shop.new_shopper("bram")


@pytest.fixture(scope="session")
async def stage(shop, seeded_orders, buyer):
    """What pages are about: that of other suites, products with pictures, and the buyer's cart and orders."""
    return {**seeded_orders, **await put_on_stage(shop, buyer)}


@pytest.fixture(scope="session")
async def sessions(shop, browser, owner, buyer, stage):
    """The cookies of everybody who has signed in, as Playwright keeps them."""
    kept = {GUEST: None}
    for visitor, email, password in (
        (CUSTOMER, owner.email, owner.password),
        (BUYER, buyer.email, buyer.password),
        (ADMIN, shop.admin.email, shop.admin.password),
    ):
        context = await browser.new_context(base_url=shop.manifest["gateway"])
        page = await context.new_page()
        await sign_in(page, email, password)
        kept[visitor] = await context.storage_state()
        await context.close()
    return kept


async def sign_in(page, email, password):
    await page.goto("/sign-in")
    await page.locator("main [name=email]").fill(email)
    await page.locator("main [name=password]").fill(password)
    await page.locator("main form button").click()
    await page.get_by_role("button", name="Sign out").wait_for()


@pytest.fixture(scope="session")
async def new_context(shop, browser, sessions):
    """Somebody's browser, to be closed by whoever asks for it: `new_context(CUSTOMER, viewport=NARROW)`."""

    async def new_context(visitor=GUEST, **options):
        options = {"base_url": shop.manifest["gateway"], "locale": "en-GB", "viewport": WIDE, **options}
        context = await browser.new_context(storage_state=sessions[visitor], **options)
        context.set_default_timeout(15_000)
        return context

    return new_context


@pytest.fixture
async def open_page(new_context):
    """A page of the shop, opened in a browser of its own; what was seen of it is under `page.seen`."""
    async with AsyncExitStack() as stack:

        async def open_page(path, visitor=GUEST, **options):
            context = await new_context(visitor, **options)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.seen = Observations.of(page)
            page.opened = await page.goto(path)
            return page

        yield open_page
