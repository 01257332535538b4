"""What the storefront asks of catalog: what its pages show."""

from uuid import UUID

import pytest

from generated.clients.catalog import ProductNotFound
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue

PRODUCT_ID = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001")
PRODUCT = {
    "id": PRODUCT_ID,
    "title": "Walnut desk lamp",
    "description": "Warm light.",
    "price_cents": 12999,
    "currency": "EUR",
    "sku": "LAMP-WALNUT",
    "category_id": None,
    "active": True,
    "available": 5,
}
IMAGE = {
    "id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b201"),
    "url": "http://pictures.test/lamp.webp",
    "alt": "A lamp",
    "width": 1,
    "height": 1,
}
CATEGORY = {"id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b101"), "name": "Lamps", "product_count": 3}
ABOUT_IT = {"category": None, "beside": [], "key": "7f1f4be2"}


async def test_a_shelf_shows_products_with_their_first_pictures(consumer, visit):
    async def show(client):
        page = await client.list_products(limit=24)
        values = {"products": page.items, "categories": [], "here": "all", "sort": None, "more": page.next_cursor}
        return visit.page("home.html", **values).body

    page = await consumer("catalog")(
        "The storefront asks for the newest products.",
        "list_products",
        show,
        query={"limit": "24"},
        given={"a product with an image is for sale": {"product_id": PRODUCT_ID}},
        response=Response(200, {"items": [{**PRODUCT, "image": IMAGE}], "next_cursor": None}),
    )

    assert b"Only 5 left" in page


async def test_categories_are_told_by_their_names(consumer, visit):
    async def show(client):
        categories = await client.list_categories()
        return visit.page("home.html", products=[], categories=categories, here="all", sort=None, more=None).body

    page = await consumer("catalog")(
        "The storefront asks for the categories.",
        "list_categories",
        show,
        given={"there is a category": {"category_id": CATEGORY["id"]}},
        response=Response(200, [CATEGORY]),
    )

    assert b"Lamps" in page


async def test_a_product_has_a_page(consumer, visit):
    async def show(client):
        product = await client.get_product(product_id=PRODUCT_ID)
        return visit.page("product.html", product=product, images=[], **ABOUT_IT).body

    page = await consumer("catalog")(
        "The storefront asks for a product.",
        "get_product",
        show,
        path={"product_id": PRODUCT_ID},
        given={"a product is for sale": {"product_id": PRODUCT_ID}},
        response=Response(200, PRODUCT),
    )

    assert b"LAMP-WALNUT" in page


async def test_a_product_that_is_not_sold_is_not_there(consumer):
    with pytest.raises(ProductNotFound):
        await consumer("catalog")(
            "The storefront asks for a product that is not for sale.",
            "get_product",
            lambda client: client.get_product(product_id=PRODUCT_ID),
            path={"product_id": PRODUCT_ID},
            given={"a product is not for sale": {"product_id": PRODUCT_ID}},
            response=Response(404, {"type": ExactValue("/problems/product-not-found")}),
        )


async def test_a_product_has_its_pictures(consumer, visit):
    async def show(client):
        images = await client.list_images(product_id=PRODUCT_ID)
        return [(image.url, image.alt, image.width, image.height) for image in images]

    images = await consumer("catalog")(
        "The storefront asks for the images of a product.",
        "list_images",
        show,
        path={"product_id": PRODUCT_ID},
        given={"a product with an image is for sale": {"product_id": PRODUCT_ID}},
        response=Response(200, [IMAGE]),
    )

    assert images == [(IMAGE["url"], "A lamp", 1, 1)]
