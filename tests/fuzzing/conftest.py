"""A shop that does not tire, and people in it who own something."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from infra.local import control
from tests.shop import Shop

# Thousands of wrong passwords from one address are no attack here, and 429 is not what is looked for.
TIRELESS = (
    "FAILURES_PER_ACCOUNT_AND_ADDRESS",
    "FAILURES_PER_ACCOUNT_ANYWHERE",
    "FAILURES_PER_ADDRESS",
    "REGISTRATIONS_PER_ADDRESS",
)
EXAMPLE = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2{}"


@pytest.fixture(scope="session")
def run_dir():
    if given := os.environ.get("SHOP_RUN_DIR"):
        yield Path(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="shop-fuzzing-"))
    folder.chmod(0o755)  # PostgreSQL's user must be able to enter
    try:
        control.start(folder, *(word for name in TIRELESS for word in ("--set", f"{name}=1000000")))
        yield folder
    finally:
        control.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def shop(run_dir):
    async with Shop(run_dir, by="fuzzing") as shop:
        yield shop


@pytest.fixture
async def asha_and_bram(shop):
    """New ones for each contract: what is made up may change a password."""
    return await shop.shopper("asha"), await shop.shopper("bram")


@pytest.fixture
async def ids(shop, asha_and_bram, tmp_path):
    """A file that says what the ids of the contracts' examples are in this shop; all of it is Asha's."""
    asha, _ = asha_and_bram
    lamp = await shop.product(stock=100_000)
    order = await shop.order(asha, lamp, qty=2)
    await shop.add_to_cart(asha, lamp, qty=2)
    shelf = await shop.http.post("/catalog/v1/categories/", json={"name": f"Lamps {lamp}"}, headers=shop.admin.headers)
    account = await shop.http.get("/auth/users/me", headers=asha.headers)
    known = {
        "product_id": ("b001", lamp),
        "category_id": ("b101", shelf.json()["id"]),
        "order_id": ("a001", order["order_id"]),
        "shipment_id": ("f002", await shop.shipment(order)),
        "user_id": ("c001", account.json()["id"]),
    }
    file = tmp_path / "ids.json"
    examples = {EXAMPLE.format(end): one for end, one in known.values()}
    file.write_text(json.dumps({"examples": examples, "parameters": {name: one for name, (_, one) in known.items()}}))
    return file


@pytest.fixture
async def users(shop, asha_and_bram, tmp_path):
    """A file with everybody who may be somebody to the shop, just logged in."""
    asha, bram = asha_and_bram
    admin = await shop.log_in(**shop.manifest["admin"])
    identities = {
        "asha": asha.headers,
        "bram": bram.headers,
        "admin": admin.headers,
        "admin with the operator's key": admin.headers | shop.internal_key_headers("operator"),
        "order": shop.internal_key_headers("order"),
        "payment": shop.internal_key_headers("payment"),
    }
    known = [
        {"name": name, "fixedHeaders": [{"name": header, "value": value} for header, value in headers.items()]}
        for name, headers in identities.items()
    ]
    file = tmp_path / "users.json"
    file.write_text(json.dumps({"auth": known}))
    return file
