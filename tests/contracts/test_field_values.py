"""A word takes and refuses the same in every contract: in requests, in answers and in events."""

import pytest

from chassis.contracts.schemas import Schema
from chassis.events.messages import Message
from tests.contracts.field_values import AN_ID, ASKED, SENT, TOLD, WORDS
from tests.contracts.loaded_contracts import CONTRACTS, EVENT_APIS

# What an event tells is said per event; a picture is any bytes; a letter is an object.
FIELDS_WITHOUT_MEANING = {"data", "image", "letter", "picture"}
IGNORED_SCHEMAS = {"items", "example", "description", "x-name"}  # what is listed has words of its own


def iterate_uses(node, at):
    """Each place where a word stands, with its schema: properties, parameters, headers of answers."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from iterate_uses(item, f"{at}/{index}")
    elif isinstance(node, dict):
        if {"in", "name", "schema"} <= node.keys():
            yield node["name"], f"{at} ({node['in']})", node["schema"]
        if "operationId" in node:
            yield from iterate_lists(node, at)
        if isinstance(node.get("properties"), dict):
            yield from ((name, f"{at}/{name}", schema) for name, schema in node["properties"].items())
        if "description" in node and "in" not in node:
            headed = node.get("headers", {})
            yield from ((name, f"{at} {name}", header["schema"]) for name, header in headed.items())
        for key, child in node.items():
            if key not in {"example", "examples", "not"}:  # what is refused only together has no word of its own
                yield from iterate_uses(child, f"{at}/{key}")


def iterate_lists(operation, at):
    """An answer that is a list has no word of its own: it is called like its operation."""
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values():
            if content["schema"].get("type") == "array":
                yield operation["operationId"], f"{at}/{status}", content["schema"]


def compile_judges():
    """For each word the different schemas that it has, each with a place where it stands."""
    found = {}
    events = EVENT_APIS["shop"].document.inlined["channels"]
    for name, contract in [*CONTRACTS.items(), ("events", events)]:
        for word, place, schema in iterate_uses(contract.get("paths", contract), name):
            kept = {key: value for key, value in schema.items() if key not in IGNORED_SCHEMAS}
            found.setdefault(word, {}).setdefault((direction_of(name, place), repr(kept)), (place, kept))
    return found


def direction_of(name, place):
    """Whether what stands there is asked for, told in an answer, or sent as an event."""
    asked = "/requestBody/" in place or place.endswith((" (path)", " (query)", " (header)"))
    return "sent" if name == "events" else "asked" if asked else "told"


EXTRA_VALUES = {"asked": ASKED, "told": TOLD, "sent": SENT}
VALIDATORS_BY_USE = compile_judges()
WORDS |= {word: [AN_ID] for word in VALIDATORS_BY_USE if word.endswith("_id") and word not in WORDS}
FIELD_USES = [
    pytest.param(WORDS[word] + EXTRA_VALUES[way].get(word, []), schema, way == "sent", id=f"{word} in {place}")
    for word, schemas in VALIDATORS_BY_USE.items()
    for (way, _), (place, schema) in schemas.items()
    if word in WORDS
]


def accepts(schema, of_events):
    if of_events:
        message = Message.from_schema("word", "word", schema)
        return lambda value: message.violation(value) is None
    return Schema(schema).is_valid


@pytest.mark.parametrize(("meanings", "schema", "of_events"), FIELD_USES)
def test_a_word_has_one_of_its_meanings(meanings, schema, of_events):
    judged = accepts(schema, of_events)

    misunderstood = [
        [value for value in meaning.takes if not judged(value)] + [value for value in meaning.refuses if judged(value)]
        for meaning in meanings
    ]

    assert [] in misunderstood, misunderstood


def test_each_word_has_a_meaning_and_each_meaning_a_word():
    assert WORDS.keys() == VALIDATORS_BY_USE.keys() - FIELDS_WITHOUT_MEANING


@pytest.mark.parametrize("name", ["PlacedOrder", "Order"])
def test_an_order_has_a_line(name):
    orders = list(fields_named(CONTRACTS["order"]["paths"], name))

    assert orders
    assert {order["properties"]["items"]["minItems"] for order in orders} == {1}


def fields_named(node, name):
    """Each place where a schema of that name stands."""
    if isinstance(node, dict):
        if node.get("x-name") == name:
            yield node
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from fields_named(child, name)
