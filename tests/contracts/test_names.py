"""Names and numbers that generators of Go, Java, C#, TypeScript and Python take: each bundle is what they read."""

import copy
from collections import Counter

import pytest

from chassis.contracts.openapi import HTTP_METHODS
from tests.contracts.loaded_contracts import APIS, CONTRACTS, EVENT_APIS
from tooling.generation.naming import to_pascal_case
from tooling.generation.openapi_bundles import build_bundles, enum_member_names

BUNDLES = {name: bundle for name, bundle in build_bundles(list(APIS.values())).items() if "-" not in name}
OPERATION_SUFFIXES = ("Params", "Request", "Response", "JSONBody", "JSONRequestBody")
INT32 = range(-(2**31), 2**31)
AMOUNT_NAME_PARTS = ("_cents", "Cents", "Price")  # small ones, too: some of them make a sum


def find_clashes(bundle):
    """What some generator would call twice, or could not call anything."""
    schemas, parameters = bundle["components"]["schemas"], bundle["components"].get("parameters", {})
    yield from (f"{name} is a schema and a parameter" for name in schemas.keys() & parameters.keys())
    yield from (f"{name} makes a {name[3:]} in Go" for name in schemas if name[:3] == "New" and name[3:] in schemas)
    yield from find_duplicates(name.lower() for name in schemas)
    yield from find_duplicates(
        member for schema in schemas.values() if "enum" in schema for member in set(enum_member_names(schema))
    )
    operations = [
        item[method]["operationId"] for item in bundle["paths"].values() for method in HTTP_METHODS if method in item
    ]
    yield from find_duplicates(operations)
    made = {
        to_pascal_case(operation.replace("_", " ")) + kind for operation in operations for kind in OPERATION_SUFFIXES
    }
    yield from (f"{name} is also made for an operation" for name in made & schemas.keys())
    for name, schema in schemas.items():
        fields = {to_pascal_case(field.replace("_", " ")) for field in schema.get("properties", {})}
        yield from (f"{name} has a field of its own name" for _ in fields & {name})
    yield from (f"{at} has no name" for at in find_unnamed_schemas(bundle["paths"], "paths"))
    yield from (f"{at} has no name" for name in schemas for at in find_unnamed_schemas(schemas[name], name, named=True))


def find_duplicates(names):
    return (f"there are two of {name}" for name, times in Counter(names).items() if times > 1)


def find_unnamed_schemas(node, at, named=False):
    """The places of objects that are not components: a part of a named one is, as a member of its `allOf`."""
    if isinstance(node, dict):
        if "properties" in node and not named:
            yield at
        for key, child in node.items():
            if key == "allOf":
                for part in child:
                    yield from find_unnamed_schemas(part, at, named=True)
            elif key not in ("not", "example", "examples"):
                yield from find_unnamed_schemas(child, f"{at}/{key}")


@pytest.mark.parametrize("name", BUNDLES)
def test_every_name_is_of_one_thing(name):
    assert list(find_clashes(BUNDLES[name])) == []


def declare(*path, **said):
    """A change of a bundle: what stands at a path says this too."""

    def change(bundle):
        for step in path:
            bundle = bundle.setdefault(step, {})
        bundle.update(said)

    return change


PROPERTIES = ("components", "schemas", "OrderLine", "properties")
OBJECT = {"type": "object", "properties": {}}
EXPECTED_CLASHES = {
    "a parameter like a schema": (declare("components", "schemas", Limit={}), "Limit is a schema and a parameter"),
    "a constructor": (declare("components", "schemas", NewOrder={}), "NewOrder makes a Order in Go"),
    "a file on a Mac": (declare("components", "schemas", Checkout={}), "there are two of checkout"),
    "a value of two enums": (
        declare("components", "schemas", "CancelReason", **{"x-enum-varnames": ["REJECTED"]}),
        "there are two of REJECTED",
    ),
    "an operation twice": (declare("paths", "/health", "get", operationId="check_out"), "there are two of check_out"),
    "parameters of an operation": (
        declare("components", "schemas", ListOrdersParams={}), "ListOrdersParams is also made for an operation",
    ),
    "a field like its class": (declare(*PROPERTIES, order_line={}), "OrderLine has a field of its own name"),
    "an object in a field": (declare(*PROPERTIES, price=OBJECT), "OrderLine/properties/price has no name"),
    "objects of a list": (declare(*PROPERTIES, marks={"items": OBJECT}), "/marks/items has no name"),
    "an answer": (declare("paths", "/health", "get", "responses", "200", schema=OBJECT), "/200/schema has no name"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), EXPECTED_CLASHES.values(), ids=EXPECTED_CLASHES)
def test_a_name_of_two_things_is_found(change, said):
    bundle = copy.deepcopy(BUNDLES["order"])

    change(bundle)

    assert any(clash.endswith(said) for clash in find_clashes(bundle))


def iterate_integers(node, name=""):
    """Each integer with the name of the field that it is, in documents without references."""
    if isinstance(node, dict):
        if node.get("type") == "integer" and "enum" not in node:
            yield name, node
        for key, child in node.items():
            yield from iterate_integers(child, name if key in ("items", "schema") else key)
    elif isinstance(node, list):
        for child in node:
            yield from iterate_integers(child, name)


DOCUMENTS = {**CONTRACTS, "events": EVENT_APIS["shop"].document.inlined}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_may_be_beyond_32_bits_says_so_and_nothing_else_does(name):
    wrong = [
        field
        for field, schema in iterate_integers(DOCUMENTS[name])
        if (field.endswith(AMOUNT_NAME_PARTS) or schema["minimum"] not in INT32 or schema["maximum"] not in INT32)
        != (schema.get("format") == "int64")
    ]

    assert wrong == []
