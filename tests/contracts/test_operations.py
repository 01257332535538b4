"""What is true of every operation of every contract."""

import re
from collections import Counter

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from chassis.contracts.media_types import HTML, PROBLEM_JSON
from chassis.contracts.schemas import Schema
from generated.access import OPERATIONS as ACCESS
from tests.contracts.loaded_contracts import APIS, CONTRACTS, OPERATIONS, declared_problems

every_contract = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
SAFE_REPEAT_PATTERN = re.compile(r"safe to repeat|repeat(?: of [\w\s]+)?\s(?:is\ssafe|changes\snothing)", re.IGNORECASE)
every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)

LARGEST_PICTURE = 5 * 1024 * 1024  # bytes
FORM_MEDIA_TYPE = 256 * 1024  # what a form says besides, at most
BOUNDS = {
    "string": {"maxLength"},
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum"},
    "array": {"maxItems"},
}


@every_contract
def test_a_contract_is_openapi_3_0(contract):
    assert contract["openapi"] == "3.0.3"
    assert [str(error.message) for error in OpenAPIV30SpecValidator(contract).iter_errors()] == []


@pytest.mark.parametrize("service", ACCESS)
def test_a_contract_says_that_a_slash_at_the_end_changes_nothing(service):
    assert "A path may end with a slash or without one" in CONTRACTS[service]["info"]["description"]


@pytest.mark.parametrize("service", ACCESS)
def test_each_operation_of_a_service_has_a_name_of_its_own(service):
    names = [operation.id for operation in APIS[service].operations]

    assert len(names) == len(set(names)) == len(ACCESS[service])
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in names), names


def test_no_two_operations_of_the_shop_have_one_name():
    times = Counter(operation.id for operation in OPERATIONS.values())

    assert [name for name, number in times.items() if number > 1] == []


@every_operation
def test_an_operation_says_what_it_does(operation):
    assert len(operation.summary.split()) < 12
    assert not operation.summary.endswith(".")
    assert operation.description.strip().endswith(".")


@every_operation
def test_security_says_the_same_as_access(operation):
    access = operation.access
    shopper = "session" if operation.is_page else "shopper"
    wanted = {scheme: [] for scheme, why in ((shopper, access.roles), ("internal", access.internal)) if why}
    optional = [{}, {shopper: []}] if access.optional_token or operation.is_page else []

    assert operation.node.value["security"] == ([wanted] if wanted else optional)


@every_operation
def test_an_operation_names_every_refusal_with_an_example(operation):
    for status, response in operation.responses.items():
        if status >= 400:
            kind = HTML if operation.is_page else PROBLEM_JSON
            assert list(response.content) == [kind], status
            assert response.content[kind].examples, status


@every_operation
def test_whoever_is_not_let_in_is_told_so_by_the_contract(operation):
    if operation.access.optional_token:
        assert 401 in operation.responses
    elif not operation.access.public:
        assert {401, 403} <= operation.responses.keys()


@every_operation
def test_a_body_is_closed_and_its_refusals_are_named(operation):
    for kind, content in operation.request_content.items():
        assert list(find_open_objects(content.schema.inlined, "")) == [], kind
        assert {400, 413, 415} <= operation.responses.keys()


@every_operation
def test_a_request_body_requires_at_least_one_property(operation):
    for kind, content in operation.request_content.items():
        assert content.schema.get("required") or content.schema.get("minProperties", 0) > 0, kind


def find_open_objects(node, at):
    """The places of a body in which a word that nobody knows would be taken for nothing."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from find_open_objects(item, f"{at}/{index}")
    elif isinstance(node, dict):
        if "properties" in node and node.get("additionalProperties") is not False:
            yield at
        for key, child in node.items():
            if key != "not":  # what an object that is closed itself may not be
                yield from find_open_objects(child, f"{at}/{key}")


def test_only_a_picture_may_be_larger_than_what_people_write():
    limits = {name: operation.body_limit for name, operation in OPERATIONS.items() if operation.body_limit}

    assert limits == dict.fromkeys(
        ("catalog: post /v1/products/{product_id}/images", "storefront: post /admin/products/{product_id}/pictures"),
        LARGEST_PICTURE + FORM_MEDIA_TYPE,
    )


@every_operation
def test_every_operation_declares_503_but_for_information_and_files(operation):
    assert 503 in operation.responses or operation.id.endswith(("_info", "_static_file"))


@every_operation
def test_a_change_that_may_have_been_made_is_not_said_to_be_safe_to_repeat(operation):
    safe = operation.idempotent or operation.method in ("put", "delete")
    types = {problem["type"] for problem in (operation.responses[503].problems if 503 in operation.responses else ())}

    assert ("/problems/outcome-unknown" in types) == (not safe and not operation.is_page)


@every_operation
def test_a_repeat_is_promised_to_be_safe_where_the_description_says_so(operation):
    said = SAFE_REPEAT_PATTERN.search(operation.description) is not None

    assert operation.method == "get" or said == operation.idempotent


@every_operation
def test_a_header_of_an_answer_is_promised(operation):
    promised = {
        (status, name): header.required
        for status, response in operation.responses.items()
        for name, header in response.headers.items()
    }

    # a challenge is for tokens only, not for keys
    assert all(said or name == "WWW-Authenticate" for (_, name), said in promised.items()), promised
    assert all((status, "Retry-After") in promised for status in (429, 503) if status in operation.responses)


@every_operation
def test_a_request_that_says_more_than_the_contract_knows_has_a_refusal(operation):
    # but that of a page that reads nothing, as what others append to its address is not read (decision 0046)
    reads_nothing = operation.is_page and operation.method == "get" and not operation.parameters

    assert (400 in operation.responses) is not reads_nothing


def test_a_problem_has_one_title_and_one_status_in_the_whole_shop():
    said = {}
    for name, status, problem in declared_problems():
        said.setdefault(problem["type"], {}).setdefault((problem["title"], problem["status"]), []).append(name)
        assert problem["status"] == status, name

    assert {kind: ways for kind, ways in said.items() if len(ways) > 1} == {}


@every_operation
def test_a_problem_has_the_members_that_its_own_schema_requires_and_no_others(operation):
    for response in operation.responses.values():
        for problem in response.problems:
            schema = response.problem_schema(problem["type"])
            members = {name for part in (schema, *schema.items("allOf")) for name in part.get("properties", {})}
            assert Schema(schema.inlined).faults(problem, "") == []
            assert problem.keys() <= members, problem["type"]


@every_contract
def test_every_string_and_number_has_bounds(contract):
    assert list(find_unbounded_schemas(contract["paths"], "")) == []


@every_contract
def test_a_pattern_is_read_alike_by_tools_with_an_idea_of_their_own(contract):
    """Some take one that begins with a slash for JavaScript's between two, and what is in quotes for a literal."""
    patterns = set(patterns_in(contract))

    assert [one for one in patterns if one.lstrip("^").startswith("/") or re.search(r'(?<!\[)"', one)] == []


def patterns_in(node):
    """All regular expressions below a node."""
    if isinstance(node, list):
        for item in node:
            yield from patterns_in(item)
    elif isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "pattern" and isinstance(value, str))
        for value in node.values():
            yield from patterns_in(value)


def find_unbounded_schemas(node, at):
    """The places of strings, numbers and lists that may be as long or as large as they like."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from find_unbounded_schemas(item, f"{at}/{index}")
    elif isinstance(node, dict):
        if not is_bounded(node):
            yield at
        for key, value in node.items():
            if key not in {"example", "examples"}:
                yield from find_unbounded_schemas(value, f"{at}/{key}")


def is_bounded(node):
    kind = node["type"] if isinstance(node.get("type"), str) else ""  # it may be the name of a property
    by_pattern = re.search(r"\{\d+(,\d+)?\}\$$", str(node.get("pattern", "")))
    return BOUNDS.get(kind, set()) <= node.keys() or "enum" in node or by_pattern or node.get("format") == "binary"
