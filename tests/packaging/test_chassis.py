"""The chassis serves another project as it is: it names no service of this one, and asks for what it imports."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.packaging.project_names import find_lines, names_pattern

CHASSIS = Path(__file__).parents[2] / "chassis"
TRADE_WORDS = [
    "shop", "shoppers?", "customers?", "products?", "prices?", "stock", "reservations?", "parcels?", "shipments?",
    "checkout", "orders", "order_id", "neighbours?",
]  # fmt: skip
NAME_PATTERN = re.compile(rf"{names_pattern(TRADE_WORDS)}|(?i:services/)|Order[A-Z]")


def files():
    written = [path for path in CHASSIS.rglob("*") if path.suffix in {".py", ".toml", ".md", ".typed"}]
    return [path for path in written if "tests" not in path.relative_to(CHASSIS).parts]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(CHASSIS)))
def test_the_chassis_has_no_word_of_this_shop(path):
    assert find_lines(NAME_PATTERN, path) == {}


def imported_packages():
    trees = [ast.parse(path.read_text("utf-8")) for path in files() if path.suffix == ".py"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return {module.partition(".")[0] for module in modules} - {*sys.stdlib_module_names, "chassis"}


def test_the_chassis_declares_every_package_that_it_imports():
    project = tomllib.loads((CHASSIS / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    declared = {re.match(r"[\w-]+", one)[0] for one in sum(extras, project["dependencies"])}
    distributions = packages_distributions()

    def is_declared(package):
        return any(re.sub("[_.]", "-", name).lower() in declared for name in distributions[package])

    assert {package for package in imported_packages() if not is_declared(package)} == set()


@pytest.mark.parametrize(
    "line",
    [
        "class Shopper",
        'Counter("shop_calls")',
        'issuer: str = "auth"',
        "body['order_id']",
        "services/order",
        "OrderCreated",
    ],
)
def test_words_of_the_shop_are_recognised(line):
    assert NAME_PATTERN.search(line)


@pytest.mark.parametrize("line", ["authorization", "in order per key", "order_by(age)", "notifications", "workshop"])
def test_words_that_only_contain_one_of_the_shop_are_not_recognised(line):
    assert not NAME_PATTERN.search(line)
