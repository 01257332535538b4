"""Each service's events in one file, and the whole shop's, as generated/bundled has them."""

import json

import pytest
import yaml

from chassis.contracts.references import Document, references_in
from chassis.events.messages import MessageContract
from tests.contracts.loaded_contracts import EVENT_APIS, ROOT

FOLDER = ROOT / "generated" / "bundled" / "asyncapi"
SOURCES = {name: api.document.path for name, api in EVENT_APIS.items()}
SERVICES = {name: api.document.inlined for name, api in EVENT_APIS.items() if name != "shop"}
BUNDLES = {name: json.loads((FOLDER / f"{name}.json").read_text("utf-8")) for name in SOURCES}


@pytest.mark.parametrize("name", SOURCES)
def test_a_bundle_is_one_file_that_says_the_same_in_both_forms(name):
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")

    assert yaml.safe_load(text) == BUNDLES[name]
    assert all(reference.startswith("#/") for reference in references_in(BUNDLES[name]))


@pytest.mark.parametrize("name", SERVICES)
def test_a_bundle_of_a_service_says_what_its_contract_says(name):
    bundle = Document(FOLDER / f"{name}.yaml").inlined

    assert {key: bundle[key] for key in SERVICES[name]} == SERVICES[name]
    assert MessageContract.load(FOLDER / f"{name}.yaml") == MessageContract.load(SOURCES[name])


def test_the_bundle_of_the_shop_says_what_shop_yaml_says_and_who_does_what():
    bundle, shop = Document(FOLDER / "shop.yaml").inlined, EVENT_APIS["shop"].document.inlined

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
