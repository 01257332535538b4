"""Every example of a contract is what the contract says."""

import pytest
from jsonschema import FormatChecker
from openapi_schema_validator import OAS30Validator

from chassis.contracts.schemas import Schema
from chassis.events.messages import MessageContract
from tests.contracts.loaded_contracts import OPERATIONS, ROOT, SHOP


def iterate_examples():
    """Each example of an operation, the schema it stands beside, and where it stands."""
    for name, operation in OPERATIONS.items():
        for place, part in iterate_contract_parts(operation):
            for example in part.examples:
                yield pytest.param(part.schema.inlined, example, id=f"{name} {place}")


def iterate_contract_parts(operation):
    """Whatever is sent or answered: parameters, bodies and headers, and where they stand."""
    yield from ((parameter.name, parameter) for parameter in operation.parameters)
    yield from (("body", content) for content in operation.request_content.values())
    for status, response in operation.responses.items():
        yield from ((f"{status} {name}", header) for name, header in response.headers.items())
        yield from ((str(status), content) for content in response.content.values())


@pytest.mark.parametrize(("schema", "example"), list(iterate_examples()))
def test_an_example_is_valid(schema, example):
    assert Schema(schema).faults(example, "") == []
    # and for whoever reads nullable and enum as OpenAPI 3.0.3 does
    assert list(OAS30Validator(schema, format_checker=FormatChecker()).iter_errors(example)) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_is_sent_or_answered_has_an_example(name):
    assert [place for place, part in iterate_contract_parts(OPERATIONS[name]) if not part.examples] == []


def messages():
    """Each message of the shop, by name, as the service that sends it reads it."""
    return {
        message.name: message
        for path in sorted((ROOT / "asyncapi").glob("*.yaml"))
        if path.stem != "shop"
        for message in MessageContract.load(path).sends.values()
    }


@pytest.mark.parametrize("message", SHOP["components"]["messages"].values(), ids=lambda message: message["name"])
def test_a_message_has_an_example_that_is_valid(message):
    judge = messages()[message["name"]]

    assert message["examples"]
    for example in message["examples"]:
        assert judge.violation(example["payload"]) is None
        assert example["headers"]["traceparent"]
