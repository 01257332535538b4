"""What the requests of the matrix are about: orders of each kind, and everybody who might ask for them."""

import jwt
import pytest

from tests.access.callers import callers


@pytest.fixture(scope="module")
async def asha(shop):
    return await shop.shopper("asha")


@pytest.fixture(scope="module")
async def bram(shop):
    return await shop.shopper("bram")


@pytest.fixture(scope="module")
async def stage(shop, asha):
    """The ids of a lamp, a category, and Asha's orders with their parcels."""
    lamp = await shop.product(stock=10)
    category = await shop.http.post("/catalog/v1/categories/", json={"name": lamp}, headers=shop.admin.headers)
    orders = {
        status.lower(): await shop.order_that_is(status, asha, lamp) for status in ("CREATED", "PAID", "CANCELLED")
    }
    await shop.balanced()
    return {
        "lamp": lamp,
        "category": category.json()["id"],
        "email": asha.email,
        "asha": jwt.decode(asha.token, options={"verify_signature": False})["sub"],
        "parcel": await shop.shipment(orders["paid"]),
        "stopped": await shop.shipment(orders["cancelled"]),
        **{status: order["order_id"] for status, order in orders.items()},
    }


@pytest.fixture(scope="module")
async def everybody(shop, asha, bram):
    return await callers(shop, asha, bram)
