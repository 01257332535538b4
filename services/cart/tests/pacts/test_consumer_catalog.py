"""What cart asks of catalog: what a product is called and costs now."""

import pytest

from services.cart.clients import CatalogServiceClient
from services.cart.errors import ProductUnavailable
from services.cart.tests.conftest import LAMP
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue


def get_lamp(client):
    return CatalogServiceClient(client).get(LAMP.id)


async def test_a_product_that_is_sold_has_a_title_and_a_price(consumer):
    product = await consumer("catalog")(
        "Cart asks what a product is called and costs that is for sale.",
        "get_product",
        get_lamp,
        path={"product_id": LAMP.id},
        given={"a product is for sale": {"product_id": LAMP.id}},
        response=Response(
            200,
            {
                "id": LAMP.id,
                "title": "Walnut desk lamp",
                "description": "Warm light.",
                "price_cents": 12999,
                "currency": "EUR",
                "sku": "LAMP-WALNUT",
                "category_id": None,
                "active": True,
                "available": 5,
            },
        ),
    )

    assert product == LAMP


async def test_a_product_that_is_not_sold_is_unavailable(consumer):
    with pytest.raises(ProductUnavailable):
        await consumer("catalog")(
            "Cart asks for a product that is not for sale.",
            "get_product",
            get_lamp,
            path={"product_id": LAMP.id},
            given={"a product is not for sale": {"product_id": LAMP.id}},
            response=Response(404, {"type": ExactValue("/problems/product-not-found")}),
        )
