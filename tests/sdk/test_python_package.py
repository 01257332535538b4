"""The Python package itself: what is in it, that it is typed, and that it needs nothing of the project."""

import re
import subprocess
import sys

from chassis.contracts.openapi import Api
from tests.sdk.conftest import API_OPERATIONS, ROOT
from tooling.sdk.python import build_python_package as make

# A line that is marked is refused by mypy; a mark without need is an error, too.
CALLS = """
from uuid import UUID

from shop_client import AsyncShop, Shop, problems
from shop_client.models import FailureCode, OrderStatus


def sync(shop: Shop, order_id: UUID) -> str:
    order = shop.order.check_out(address_line1="12 Quay Street", city="Galway", country="IE")
    shop.payment.fail_payment(order_id=order.order_id, code=FailureCode.EXPIRED_CARD)
    shop.order.get_order("1")  # type: ignore[arg-type]
    shop.order.get_order()  # type: ignore[call-arg]
    shop.catalog.change_product(order_id, category_id=None)
    shop.catalog.change_product(order_id, categories=None)  # type: ignore[call-arg]
    shop.payment.fail_payment(order_id=order_id, code="no-money")  # type: ignore[arg-type]
    next(shop.catalog.iter_products(category_id=order_id))
    for each in shop.order.iter_orders():
        each.total_price  # type: ignore[attr-defined]
    return order.status is OrderStatus.PAID  # type: ignore[return-value]


async def asynchronous(shop: AsyncShop) -> int:
    try:
        page = await shop.order.list_orders(limit=1)
        async for order in shop.order.iter_orders():
            order.total_cents += 1  # type: ignore[misc]
    except problems.PriceChanged as refusal:
        return refusal.lines[0].new_price_cents  # type: ignore[index]
    return page.items[0].total_cents
"""


def test_it_is_typed_and_so_are_its_calls(site_packages, tmp_path):
    calls = tmp_path / "calls.py"
    calls.write_text(CALLS)
    # by the project's own settings, which are strict, so that what is imported is in mypy's cache already
    command = [sys.executable, "-m", "mypy", "--no-error-summary", calls, site_packages / "shop_client"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (site_packages / "shop_client" / "py.typed").is_file()


def test_it_needs_nothing_of_the_project(site_packages, tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(site_packages)!r}); import shop_client;"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] in ('generated', 'services', 'scripts')))"
    )

    ended = subprocess.run(
        [sys.executable, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout.strip()) == (0, ""), ended.stderr


def test_it_says_its_version_and_what_it_needs(site_packages):
    (metadata,) = site_packages.glob("shop_client-*.dist-info/METADATA")
    text = metadata.read_text()

    (version,) = {api.info["version"] for api in Api.load_all(ROOT / "contracts") if api.operations}
    assert re.search(rf"^Version: {re.escape(version)}$", text, re.MULTILINE)
    assert re.findall(r"^Requires-Dist: (\w+)", text, re.MULTILINE) == ["httpx", "msgspec"]


def test_every_operation_that_the_gateway_lets_in_is_a_method_and_no_other(shop_client):
    for kind in ("Shop", "AsyncShop"):
        with_services = getattr(shop_client, kind)("http://127.0.0.1")
        for service, operations in API_OPERATIONS.items():
            methods = {name for name in dir(getattr(with_services, service)) if not name.startswith(("_", "iter_"))}

            assert methods == {name for name, access in operations.items() if access.public or access.roles}


def test_the_package_is_made_the_same_byte_for_byte_again(python_package):
    again = make(Api.load_all(ROOT / "contracts"))

    assert again == {name: (python_package / name).read_bytes() for name in again}
