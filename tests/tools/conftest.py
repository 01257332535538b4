"""What others' tools are tried on, and what they have to find there."""

import os
from pathlib import Path
from uuid import UUID

import pytest

from generated.access import OPERATIONS
from tooling.npm import ROOT

BUNDLES = ROOT / "generated" / "bundled"


@pytest.fixture(scope="session")
def whole_shop() -> Path:
    """The contract of the whole shop as its gateway shows it."""
    return BUNDLES / "openapi" / "shop.yaml"


@pytest.fixture(scope="session")
def public_operation_ids():
    """The ids of all operations that the contracts offer to the outside."""
    return {
        name
        for operations in OPERATIONS.values()
        for name, access in operations.items()
        if access.public or access.roles
    }


@pytest.fixture(scope="session")
def record_result():
    """Note what a tool has done with which contract; at the end reports/tools.md has it all in one table."""
    rows = [("tool", "contract", "operations", "shown"), ("---",) * 4]
    yield lambda *row: rows.append(row)
    folder = Path(os.environ.get("SHOP_REPORTS") or ROOT / "reports")
    folder.mkdir(exist_ok=True)
    (folder / "tools.md").write_text("".join(f"| {' | '.join(map(str, row))} |\n" for row in rows), "utf-8")


@pytest.fixture
def flow_credentials(shop):
    """What a flow is told: who the admin and the operator of this shop are."""
    return {
        "ADMIN_EMAIL": shop.manifest["admin"]["email"],
        "ADMIN_PASSWORD": shop.manifest["admin"]["password"],
        "OPERATOR_KEY": shop.manifest["internal_keys"]["operator"],
    }


@pytest.fixture
def verify_flow_outcome(shop):
    """Hold what a flow says of itself against the shop's books."""

    async def judge(told):
        assert await shop.states(UUID(told["kept"])) == ("PAID", "COMMITTED", "SUCCEEDED", "DELIVERED")
        assert await shop.states(UUID(told["cancelled"])) == ("REFUNDED", "RETURNED", "REFUNDED", "CANCELLED")
        assert told["refused"] == {
            "no such account": "/problems/wrong-credentials",
            "empty cart": "/problems/cart-is-empty",
            "unknown product": "/problems/product-unavailable",
            "parcel gone": "/problems/already-dispatched",
        }

    return judge
