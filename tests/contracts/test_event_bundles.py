"""Each service's events in one file, and the whole shop's, as generated/bundled has them."""

import json

import pytest
import yaml

from chassis.contracts.documents import read
from chassis.events.messages import MessageContract
from tests.contracts.declared import ROOT

FOLDER = ROOT / "generated" / "bundled" / "asyncapi"
SOURCES = {path.stem: path for path in sorted((ROOT / "asyncapi").glob("*.yaml"))}
SERVICES = {name: read(path) for name, path in SOURCES.items() if name != "shop"}
BUNDLES = {name: json.loads((FOLDER / f"{name}.json").read_text("utf-8")) for name in SOURCES}


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from references(child)


@pytest.mark.parametrize("name", SOURCES)
def test_a_bundle_is_one_file_that_says_the_same_in_both_forms(name):
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")

    assert yaml.safe_load(text) == BUNDLES[name]
    assert all(reference.startswith("#/") for reference in references(BUNDLES[name]))


@pytest.mark.parametrize("name", SERVICES)
def test_a_bundle_of_a_service_says_what_its_contract_says(name):
    bundle = read(FOLDER / f"{name}.yaml")

    assert {key: bundle[key] for key in SERVICES[name]} == SERVICES[name]
    assert MessageContract.read(FOLDER / f"{name}.yaml") == MessageContract.read(SOURCES[name])


def test_the_bundle_of_the_shop_says_what_shop_yaml_says_and_who_does_what():
    bundle, shop = read(FOLDER / "shop.yaml"), read(SOURCES["shop"])

    assert [tag["name"] for tag in bundle["info"].pop("tags")] == list(SERVICES)
    operations = bundle.pop("operations")
    assert {key: bundle[key] for key in shop if key != "components"} == {
        key: value for key, value in shop.items() if key != "components"
    }
    assert operations == {
        f"{name}_{operation}": {**said, "tags": [{"name": name}]}
        for name, service in SERVICES.items()
        for operation, said in service["operations"].items()
    }
    assert {operation["action"] for operation in operations.values()} == {"send", "receive"}
