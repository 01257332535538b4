"""Bundles say what the contracts say, in either version of OpenAPI; that of the shop, what its gateway shows."""

import json

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import HTTP_METHODS, Api, examples_of
from chassis.contracts.references import NAME_KEYWORD, Document, references_in
from generated.access import OPERATIONS
from tests.contracts.loaded_contracts import CONTRACTS, ROOT
from tooling.generation.openapi_bundles import INTERNAL_KEYWORDS, build_bundles, to_openapi_31_schema

FOLDER = ROOT / "generated" / "bundled" / "openapi"
BUNDLES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
SERVICES = [name for name in CONTRACTS if name != "common"]
ALL_BUNDLES = pytest.mark.parametrize("name", BUNDLES)


def strip_keywords(node, *left_out):
    if isinstance(node, dict):
        return {key: strip_keywords(value, *left_out) for key, value in node.items() if key not in left_out}
    return [strip_keywords(item, *left_out) for item in node] if isinstance(node, list) else node


def operations(bundle):
    return {
        item[method]["operationId"]: (method.upper(), path, item[method])
        for path, item in bundle["paths"].items()
        for method in HTTP_METHODS
        if method in item
    }


def test_there_is_one_of_each_service_and_one_of_the_shop_in_both_versions():
    assert set(BUNDLES) == {f"{name}{version}" for name in [*SERVICES, "shop"] for version in ("", "-3.1")}


@ALL_BUNDLES
def test_a_bundle_is_valid_and_needs_no_other_file(name):
    validator = OpenAPIV31SpecValidator if name.endswith("3.1") else OpenAPIV30SpecValidator

    assert BUNDLES[name]["openapi"] == ("3.1.1" if name.endswith("3.1") else "3.0.3")
    assert [error.message for error in validator(BUNDLES[name]).iter_errors()] == []
    assert {reference.partition("/")[0] for reference in references_in(BUNDLES[name])} == {"#"}


@ALL_BUNDLES
def test_a_bundle_has_the_security_schemes_that_its_operations_name_and_no_other(name):
    named = [scheme for _, _, said in operations(BUNDLES[name]).values() for one in said["security"] for scheme in one]

    assert BUNDLES[name]["components"].get("securitySchemes", {}).keys() == set(named)


@ALL_BUNDLES
def test_yaml_and_json_say_the_same(name):
    assert yaml.load(FOLDER.joinpath(f"{name}.yaml").read_bytes(), yaml.CSafeLoader) == BUNDLES[name]


@pytest.mark.parametrize("service", SERVICES)
def test_a_bundle_says_what_the_contract_says(service):
    bundle = Document(FOLDER / f"{service}.yaml").inlined

    assert strip_keywords(bundle["paths"], NAME_KEYWORD) == strip_keywords(
        CONTRACTS[service]["paths"], NAME_KEYWORD, *INTERNAL_KEYWORDS
    )
    assert bundle["info"] == CONTRACTS[service]["info"]
    assert bundle["servers"][0]["url"] == f"{{scheme}}://{{host}}/{service}"


def test_the_shop_is_what_everybody_may_ask_the_gateway_for():
    public = {
        name: (access.method, access.path)
        for service in OPERATIONS.values()
        for name, access in service.items()
        if access.public or access.roles
    }

    assert {name: shown[:2] for name, shown in operations(BUNDLES["shop"]).items()} == public
    assert {tag["name"] for tag in BUNDLES["shop"]["tags"]} == set(SERVICES)


def test_an_operation_says_the_same_in_the_shop_and_is_tagged_with_its_service():
    own_names = {"x-enum-varnames", NAME_KEYWORD, "tags"}
    shop = operations(Document(FOLDER / "shop.yaml").inlined)

    for service in SERVICES:
        for name, (_, _, said) in operations(Document(FOLDER / f"{service}.yaml").inlined).items():
            if name in shop:
                sent = [one for one in said.pop("parameters", ()) if one["name"] != "X-Real-Ip"]
                assert strip_keywords(shop[name][2].pop("parameters", []), *own_names) == strip_keywords(
                    sent, *own_names
                ), name
                assert strip_keywords(shop[name][2], *own_names) == strip_keywords(said, *own_names), name
                assert shop[name][2]["tags"] == [service]


def test_the_shop_asks_no_client_for_what_its_gateway_says():
    assert "X-Real-Ip" in json.dumps(BUNDLES["auth"])
    assert "X-Real-Ip" not in json.dumps(BUNDLES["shop"])


@ALL_BUNDLES
def test_the_twin_takes_every_example_of_an_answer(name):
    contract = Document(FOLDER / f"{name.removesuffix('-3.1')}-3.1.yaml").inlined
    for operation, (_, _, said) in operations(contract).items():
        for status, answer in said["responses"].items():
            for content in answer.get("content", {}).values():
                for example in examples_of(content):
                    assert Draft202012Validator(content["schema"]).is_valid(example), (operation, status)


def test_what_may_be_null_or_a_file_is_so_in_the_twin_too():
    schemas = {name: BUNDLES[name]["components"]["schemas"] for name in ("catalog-3.1", "order-3.1")}

    assert schemas["order-3.1"]["CancelReason"]["type"] == ["string", "null"]
    assert schemas["order-3.1"]["CancelReason"]["enum"][-1] is None
    assert schemas["catalog-3.1"]["ImageUpload"]["properties"]["image"] == {
        "type": "string", "format": "binary", "contentMediaType": "application/octet-stream",
    }  # fmt: skip
    assert "nullable" not in json.dumps({name: BUNDLES[name] for name in BUNDLES if name.endswith("3.1")})


def test_a_property_may_have_the_name_of_a_keyword():
    schema = {"type": "string", "nullable": True, "example": "lamp"}

    assert to_openapi_31_schema({"properties": {"example": schema, "nullable": schema}})["properties"] == {
        key: {"type": ["string", "null"], "examples": ["lamp"]} for key in ("example", "nullable")
    }


def test_of_two_things_with_one_name_the_service_has_its_own_renamed(sample):
    sample.say("contracts/catalog.yaml components schemas Health", {"type": "string"})
    sample.say("contracts/catalog.yaml components schemas Category", {"$ref": "#/components/schemas/Health"})

    schemas = build_bundles(Api.load_all(sample.root / "contracts"))["catalog"]["components"]["schemas"]

    assert schemas["Category"] == {"$ref": "#/components/schemas/CatalogHealth"}
    assert (schemas["CatalogHealth"], schemas["Health"]["type"]) == ({"type": "string"}, "object")


def test_a_reference_that_leads_to_no_component_is_refused(sample):
    sample.say("contracts/catalog.yaml components schemas Category", {"$ref": "common.yaml#/info"})

    with pytest.raises(ContractError, match=r"common\.yaml#/info is no component"):
        build_bundles(Api.load_all(sample.root / "contracts"))


def test_a_schema_that_is_part_of_itself_is_refused(sample):
    sample.say(
        "contracts/catalog.yaml components schemas Category", {"items": {"$ref": "#/components/schemas/Category"}}
    )

    with pytest.raises(ContractError, match=r"#/components/schemas/Category refers to itself"):
        build_bundles(Api.load_all(sample.root / "contracts"))
