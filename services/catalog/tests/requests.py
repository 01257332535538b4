"""How tests ask the catalog service, and what they know of it."""

from dataclasses import replace
from uuid import UUID

from services.catalog.tests.conftest import LAMP, OAK, WALNUT
from tests.accounts import ADMIN
from tooling.conformance.callers import internal_key_headers

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
NOBODY = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2ffff")
NEW = {"title": "Walnut desk lamp", "price_cents": 12999, "currency": "EUR", "sku": "LAMP-WALNUT"}
DESK = replace(WALNUT, id=OAK, title="Oak desk", description="Solid, 100% oak_", sku="DESK-OAK", price_cents=49900)
CATEGORIES, PRODUCTS, INVENTORY = "/catalog/v1/categories/", "/catalog/v1/products/", "/catalog/v1/inventory/"


async def add_category(client, name="Lamps"):
    return await client.post(CATEGORIES, json={"name": name}, headers=ADMIN.headers)


async def names(client):
    return [one["name"] for one in (await client.get(CATEGORIES)).json()]


async def add_product(client, **changed):
    return await client.post(PRODUCTS, json={**NEW, **changed}, headers=ADMIN.headers)


async def change(client, product_id=LAMP, **changed):
    return await client.patch(f"{PRODUCTS}{product_id}", json=changed, headers=ADMIN.headers)


async def remove(client, product_id=LAMP):
    return await client.delete(f"{PRODUCTS}{product_id}", headers=ADMIN.headers)


async def listed(client, *, caller=None, **asked):
    answer = await client.get(PRODUCTS, params=asked, headers=caller.headers if caller else None)
    return [one["title"] for one in answer.json()["items"]]


async def stock_of(client, product_id=LAMP):
    return await client.get(f"{INVENTORY}{product_id}", headers=ADMIN.headers)


async def movements_of(client, product_id=LAMP, *, caller=ADMIN, **asked):
    return await client.get(f"{INVENTORY}{product_id}/movements", params=asked, headers=caller.headers)


async def restock(client, *lines, headers=None, key=None):
    return await _moved(client, "restock", {"items": _items(lines)}, headers, key)


async def correct(client, *lines, reason="Broken in the storeroom", headers=None, key=None):
    return await _moved(client, "correct", {"reason": reason, "items": _items(lines)}, headers, key)


async def _moved(client, how, body, headers, key):
    by = {**ADMIN.headers, **internal_key_headers("operator")} if headers is None else headers
    return await client.post(
        f"{INVENTORY}{how}", json=body, headers={**by, **({"Idempotency-Key": key} if key else {})}
    )


def _items(lines):
    seen = ("unit_price_cents", "currency", "price_honoured")
    return [{"product_id": str(one), "qty": qty, **dict(zip(seen, price, strict=False))} for one, qty, *price in lines]


async def check(client, *lines, caller="order"):
    body = {"order_id": str(ORDER), "items": _items(lines)}
    return await client.post(f"{INVENTORY}check", json=body, headers=internal_key_headers(caller))


async def reserve(client, *lines, order=ORDER, caller="order", instead_of=None):
    body = {"order_id": str(order), "items": _items(lines)}
    if instead_of:
        body["instead_of"] = str(instead_of)
    return await client.post(f"{INVENTORY}reserve", json=body, headers=internal_key_headers(caller))


async def commit(client, order=ORDER):
    body = {"order_id": str(order)}
    return await client.post(f"{INVENTORY}commit", json=body, headers=internal_key_headers("order"))
