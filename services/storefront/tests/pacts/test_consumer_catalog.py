"""What the storefront asks of catalog: what its pages show."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from generated.clients.catalog import BelowReserved, ImageNotFound, ImageRefused, ProductNotFound, SkuTaken
from generated.models.catalog import (
    Correction,
    CorrectionLine,
    ImageUpload,
    ProductChange,
    ProductDraft,
    Restock,
    RestockLine,
)
from services.storefront.clients import CatalogServiceClient
from tests.accounts import ADMIN
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


FOR_SALE = {"a product is for sale": {"product_id": PRODUCT_ID}}
STOCK = {"product_id": PRODUCT_ID, "in_stock": 5, "reserved": 0, "available": 5}
BRUSH = {"title": "Heather brush", "price_cents": 1450, "currency": "EUR", "sku": "BRUSH", "active": False}
ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def exactly(said):
    return {name: exactly(value) if isinstance(value, dict) else ExactValue(value) for name, value in said.items()}


async def test_products_that_are_not_for_sale_are_listed_for_an_admin(consumer):
    page = await consumer("catalog")(
        "The storefront asks for the products that are not for sale.",
        "list_products",
        lambda client: client.list_products(active=False, limit=25, token="an admin's"),
        query={"active": "false", "limit": "25"},
        given={"a product is not for sale": {"product_id": PRODUCT_ID}},
        as_admin=True,
        response=Response(200, {"items": [{**PRODUCT, "active": ExactValue(False)}], "next_cursor": None}),
    )

    assert [product.active for product in page.items] == [False]


async def test_a_product_is_added(consumer):
    product = await consumer("catalog")(
        "The storefront adds a product.",
        "add_product",
        lambda client: client.add_product(body=ProductDraft(**BRUSH), idempotency_key="key-1", token="an admin's"),
        given=FOR_SALE,
        body={**exactly(BRUSH), "category_id": None},
        response=Response(201, PRODUCT),
    )

    assert product.id == PRODUCT_ID


async def test_a_number_that_another_product_has_is_refused(consumer):
    lamp = {**BRUSH, "sku": "LAMP-WALNUT"}
    with pytest.raises(SkuTaken):
        await consumer("catalog")(
            "The storefront adds a product under a number that is taken.",
            "add_product",
            lambda client: client.add_product(body=ProductDraft(**lamp), idempotency_key="key-1", token="an admin's"),
            given=FOR_SALE,
            body={**exactly(lamp), "category_id": None},
            response=Response(409, {"type": ExactValue("/problems/sku-taken")}),
        )


async def test_a_product_is_changed(consumer):
    product = await consumer("catalog")(
        "The storefront takes a product off sale.",
        "change_product",
        lambda client: client.change_product(
            product_id=PRODUCT_ID, body=ProductChange(active=False), token="an admin's"
        ),
        path={"product_id": PRODUCT_ID},
        given=FOR_SALE,
        body={"active": ExactValue(False)},
        response=Response(200, {**PRODUCT, "active": ExactValue(False)}),
    )

    assert product.active is False


async def test_a_product_has_a_stock(consumer):
    stock = await consumer("catalog")(
        "The storefront asks for the stock of a product.",
        "get_stock",
        lambda client: client.get_stock(product_id=PRODUCT_ID, token="an admin's"),
        path={"product_id": PRODUCT_ID},
        given=FOR_SALE,
        response=Response(200, STOCK),
    )

    assert stock.available == 5


async def test_stock_has_its_movements(consumer):
    moved = {"qty": 5, "reason": None, "admin_id": ADMIN.id, "moved_at": datetime(2026, 1, 5, 12, tzinfo=UTC)}
    page = await consumer("catalog")(
        "The storefront asks what was done to the stock of a product.",
        "list_stock_movements",
        lambda client: client.list_stock_movements(product_id=PRODUCT_ID, limit=25, token="an admin's"),
        path={"product_id": PRODUCT_ID},
        query={"limit": "25"},
        given={"stock has arrived": {"product_id": PRODUCT_ID}},
        response=Response(200, {"items": [moved], "next_cursor": None}),
    )

    assert [movement.qty for movement in page.items] == [5]


async def test_an_arrival_is_noted(consumer):
    arrived = Restock(items=[RestockLine(product_id=PRODUCT_ID, qty=20)])
    stock = await consumer("catalog")(
        "The storefront notes an arrival.",
        "restock_products",
        lambda client: client.restock_products(body=arrived, idempotency_key="key-1", token="an admin's"),
        given=FOR_SALE,
        body={"items": [{"product_id": ExactValue(PRODUCT_ID), "qty": ExactValue(20)}]},
        response=Response(200, {"items": [STOCK]}),
    )

    assert [one.product_id for one in stock.items] == [PRODUCT_ID]


def correction(qty):
    return Correction(reason="Broken", items=[CorrectionLine(product_id=PRODUCT_ID, qty=qty)])


async def test_stock_is_corrected(consumer):
    stock = await consumer("catalog")(
        "The storefront corrects the stock.",
        "correct_stock",
        lambda client: client.correct_stock(body=correction(-2), idempotency_key="key-1", token="an admin's"),
        given=FOR_SALE,
        body={
            "reason": ExactValue("Broken"),
            "items": [{"product_id": ExactValue(PRODUCT_ID), "qty": ExactValue(-2)}],
        },
        response=Response(200, {"items": [STOCK]}),
    )

    assert [one.product_id for one in stock.items] == [PRODUCT_ID]


async def test_stock_is_not_corrected_to_less_than_nothing(consumer):
    with pytest.raises(BelowReserved):
        await consumer("catalog")(
            "The storefront corrects the stock to less than nothing.",
            "correct_stock",
            lambda client: client.correct_stock(body=correction(-6), idempotency_key="key-1", token="an admin's"),
            given=FOR_SALE,
            body={
                "reason": ExactValue("Broken"),
                "items": [{"product_id": ExactValue(PRODUCT_ID), "qty": ExactValue(-6)}],
            },
            response=Response(409, {"type": ExactValue("/problems/below-reserved")}),
        )


async def test_a_picture_is_added(consumer, tmp_path):
    (tmp_path / "image").write_bytes(ONE_PIXEL)
    image = await consumer("catalog")(
        "The storefront adds a picture.",
        "add_image",
        lambda client: client.add_image(product_id=PRODUCT_ID, body=ImageUpload(image=ONE_PIXEL), token="an admin's"),
        path={"product_id": PRODUCT_ID},
        given=FOR_SALE,
        file=("image", tmp_path / "image", "image/png"),
        response=Response(201, IMAGE),
    )

    assert image.width == 1


async def test_what_is_no_picture_is_refused(consumer, tmp_path):
    (tmp_path / "image").write_bytes(b"no picture")
    with pytest.raises(ImageRefused):
        await consumer("catalog")(
            "The storefront adds a picture that is none.",
            "add_image",
            lambda client: client.add_image(
                product_id=PRODUCT_ID, body=ImageUpload(image=b"no picture"), token="an admin's"
            ),
            path={"product_id": PRODUCT_ID},
            given=FOR_SALE,
            file=("image", tmp_path / "image", "text/plain"),
            response=Response(409, {"type": ExactValue("/problems/image-refused")}),
        )


async def test_a_picture_that_is_gone_is_not_removed(consumer):
    image = {"product_id": PRODUCT_ID, "image_id": IMAGE["id"]}
    with pytest.raises(ImageNotFound):
        await consumer("catalog")(
            "The storefront removes a picture that is gone.",
            "remove_image",
            lambda client: client.remove_image(**image, token="an admin's"),
            path=image,
            given=FOR_SALE,
            response=Response(404, {"type": ExactValue("/problems/image-not-found")}),
        )


async def test_products_are_known_by_their_ids(consumer):
    async def ask(client):
        products = CatalogServiceClient(client)
        return await products.products([PRODUCT_ID]), await products.pictures([PRODUCT_ID])

    products, pictures = await consumer("catalog")(
        "The storefront asks for the products of a cart.",
        "list_products",
        ask,
        query={"ids": str(PRODUCT_ID)},
        given={"a product with an image is for sale": {"product_id": PRODUCT_ID}},
        response=Response(200, {"items": [{**PRODUCT, "image": IMAGE}], "next_cursor": None}),
    )

    assert products[PRODUCT_ID].available == 5
    assert pictures[PRODUCT_ID].url == IMAGE["url"]
