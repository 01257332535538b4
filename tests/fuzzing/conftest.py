"""A shop that does not tire, and people in it who own something."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from generated.models.catalog import CategoryDraft
from infra.local import control
from tests.shop import Shop

# Thousands of wrong passwords from one address are no attack here, and 429 is not what is looked for.
TIRELESS = (
    "FAILURES_PER_ACCOUNT_AND_ADDRESS",
    "FAILURES_PER_ACCOUNT_ANYWHERE",
    "FAILURES_PER_ADDRESS",
    "MAILS_PER_RECIPIENT",
    "MAILS_PER_ADDRESS",
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
    return await shop.new_shopper("asha"), await shop.new_shopper("bram")


@pytest.fixture
async def ids(shop, asha_and_bram, tmp_path):
    """A file that says what the ids of the contracts' examples are in this shop; all of it is Asha's."""
    asha, _ = asha_and_bram
    lamp = await shop.product(stock=100_000)
    order = await asha.place_order(lamp, 2)
    await asha.add_to_cart(lamp, 2)
    draft = CategoryDraft(name=f"Lamps {lamp.id}")
    known = {
        "product_id": ("b001", lamp.id),
        "category_id": ("b101", (await shop.gateway.catalog.add_category(body=draft, token=shop.admin.token)).id),
        "order_id": ("a001", order.order_id),
        "shipment_id": ("f002", (await shop.warehouse.find_shipment(order.order_id)).id),
        "user_id": ("c001", (await asha.get_account()).id),
    }
    file = tmp_path / "ids.json"
    examples = {EXAMPLE.format(end): str(id_) for end, id_ in known.values()}
    parameters = {name: str(id_) for name, (_, id_) in known.items()}
    file.write_text(json.dumps({"examples": examples, "parameters": parameters}))
    return file


@pytest.fixture
async def users(shop, asha_and_bram, tmp_path):
    """A file with everybody who may be somebody to the shop, just logged in."""
    asha, bram = asha_and_bram
    await shop.admin.log_in()
    identities = {
        "asha": asha.headers,
        "bram": bram.headers,
        "admin": shop.admin.headers,
        "admin with the operator's key": shop.admin.headers | shop.internal_key_headers("operator"),
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
