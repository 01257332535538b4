"""Every constraint is found and weakened, and what is weakened is noticed."""

import re

import pytest
import yaml

from tooling.mutation.command import ROOT, main, run_mutants, sample_mutants
from tooling.mutation.mutants import generate_mutants, iterate_mutations, parse_yaml
from tooling.mutation.report import read_equivalent_mutants

ALL_MUTANTS = list(generate_mutants(ROOT))
CALLERS = {"roles": ["admin", "customer"], "internal": ["billing", "reports"]}
OPERATION = """
get:
  operationId: get_order
  x-access: {roles: [customer], owner: true}
  x-idempotent: true
  x-body-limit: 10
  responses: {'200': {description: Here.}, '404': {description: None.}}
"""


def weakened_files(text, *, of_events=False):
    """What each mutant of a document says, by what was done to it."""
    found = {}
    for place, _, what, edit in iterate_mutations(parse_yaml(text), CALLERS, of_events=of_events):
        document = node = parse_yaml(text)
        for step in place:
            node = node[step]
        edit(node)
        found[what] = document
    return found


@pytest.mark.parametrize(
    ("said", "what", "weaker"),
    [
        ("{required: [a, b]}", "a is not required", "{required: [b]}"),
        ("{required: true}", "may be left out", "{}"),
        ("{maxLength: 5}", "maxLength 6", "{maxLength: 6}"),
        ("{minimum: 0}", "minimum -1", "{minimum: -1}"),
        ("{minLength: 1}", "minLength 0", "{minLength: 0}"),
        ("{enum: [A, B]}", "B is unknown", "{enum: [A]}"),
        ("{enum: [A, B]}", "ANOTHER is known", "{enum: [A, B, ANOTHER]}"),
        ("{type: integer}", "integer is number", "{type: number}"),
        ("{type: string}", "string or null", "{type: string, nullable: true}"),
        ("{pattern: x}", "any pattern, not x", "{}"),
        ("{format: uuid}", "any format, not uuid", "{}"),
        ("{const: A}", "any const, not A", "{}"),
        ("{additionalProperties: false}", "takes any property", "{}"),
        ("{x-transitions: {A: [B], B: []}}", "B to A", "{x-transitions: {A: [B], B: [A]}}"),
        ("{kafka: {key: {}, bindingVersion: 1}}", "a message without a key", "{kafka: {bindingVersion: 1}}"),
    ],
)
def test_a_constraint_is_weakened(said, what, weaker):
    assert weakened_files(said)[what] == parse_yaml(weaker)


def test_an_operation_is_weakened_in_its_statuses_its_access_and_its_promises():
    found = {what: document["get"] for what, document in weakened_files(OPERATION).items()}

    assert found["no 404"]["responses"].keys() == {"200"}
    assert found["admin may too"]["x-access"]["roles"] == ["customer", "admin"]
    assert found["not only the owner"]["x-access"] == {"roles": ["customer"]}
    assert (found["public"]["x-access"], found["public"]["security"]) == ("public", [])
    assert "x-idempotent" not in found["a repeat may do more"]
    assert found["x-body-limit doubled"]["x-body-limit"] == 20


def test_an_event_may_be_null_in_the_words_of_asyncapi():
    assert weakened_files("{type: string}", of_events=True) == {"string or null": {"type": ["string", "null"]}}


def test_names_are_no_constraints_and_examples_are_left_alone():
    assert weakened_files("{properties: {required: {}, maxLength: {}}, example: {maxLength: 3}}") == {}


def test_every_kind_of_constraint_of_the_contracts_is_weakened_once():
    assert len(ALL_MUTANTS) > 1000
    assert len({mutant.name for mutant in ALL_MUTANTS}) == len(ALL_MUTANTS)
    for mutant in ALL_MUTANTS[:: len(ALL_MUTANTS) // 20]:
        whole = (ROOT / mutant.file).read_text("utf-8")
        assert yaml.safe_load(mutant.text(whole)) != yaml.safe_load(whole)


def test_a_reason_is_for_mutants_that_there_are():
    unused = [
        reason.pattern
        for reason in read_equivalent_mutants()
        if not any(re.search(reason.pattern, one.name) for one in ALL_MUTANTS)
    ]

    assert unused == []


def test_a_sample_is_the_same_every_time_and_has_each_kind():
    kinds = {mutant.kind for mutant in ALL_MUTANTS}

    picked = sample_mutants(ALL_MUTANTS, list(range(len(ALL_MUTANTS))), len(kinds), seed=3)

    assert picked == sample_mutants(ALL_MUTANTS, list(range(len(ALL_MUTANTS))), len(kinds), seed=3)
    assert {ALL_MUTANTS[number].kind for number in picked} == kinds


def test_what_is_weakened_is_noticed():
    """A sample, and one that a start alone notices; `scripts/mutate_contracts.py` judges all."""
    oracles = ["generated", "start", "contract tests"]
    undeclared = next(
        number for number, mutant in enumerate(ALL_MUTANTS) if mutant.name.endswith("/v1/orders/get: no 401")
    )
    picked = [undeclared, *sample_mutants(ALL_MUTANTS, list(range(len(ALL_MUTANTS))), 15, seed=20)]

    verdicts = list(run_mutants(ALL_MUTANTS, picked, oracles, workers=2))

    reasons = read_equivalent_mutants()
    assert [verdict.mutant.name for verdict in verdicts if not verdict.by and not reasons.of(verdict.mutant)] == []
    assert {verdict.by for verdict in verdicts} >= set(oracles)


def test_what_nobody_notices_is_shown_and_makes_it_fail(capsys):
    status = main(["--only", "Quantity: maximum 100", "--oracles", "generated", "--workers", "1"])

    assert status == 1
    said = capsys.readouterr().out
    assert "contracts/common.yaml components/schemas/Quantity: maximum 100: NO REASON IS KNOWN" in said
    assert "Noticed: 0 of 1" in said
