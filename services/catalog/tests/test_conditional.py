"""Products, lists and pictures are not sent again to whoever has them as they are."""

import pytest

from services.catalog.tests.conftest import LAMP
from services.catalog.tests.requests import CATEGORIES, PRODUCTS, add_category, change
from services.catalog.tests.test_images import add, picture
from tests.accounts import ADMIN

CACHEABLE_PATHS = [CATEGORIES, f"{CATEGORIES}{{category}}", PRODUCTS, f"{PRODUCTS}{LAMP}", f"{PRODUCTS}{LAMP}/images"]


@pytest.fixture
async def places(client, lamp):
    """Where there is something to read."""
    category = (await add_category(client)).json()["id"]
    await add(client, picture())
    return [place.format(category=category) for place in CACHEABLE_PATHS]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_matching_etag_is_answered_304(client, places, method):
    for place in places:
        first = await client.get(place)
        for path in (place.removesuffix("/"), f"{place.removesuffix('/')}/"):
            again = await client.request(method, path, headers={"If-None-Match": first.headers["etag"]})

            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["etag"] == first.headers["etag"]
            assert again.headers["cache-control"] == first.headers["cache-control"] == "no-cache"


async def test_whoever_has_what_was_true_before_a_change_is_sent_what_is_true_now(client, places):
    tags = {place: (await client.get(place)).headers["etag"] for place in places}
    category = places[1]

    changed = await change(client, price_cents=1)
    await client.patch(category, json={"name": "Desk lamps"}, headers=ADMIN.headers)
    await add(client, picture())

    for place in places:
        answer = await client.get(place, headers={"If-None-Match": tags[place]})
        assert answer.status_code == 200, place
    assert changed.headers["etag"] == (await client.get(places[3])).headers["etag"]
