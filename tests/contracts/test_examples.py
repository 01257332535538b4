"""Every example of a contract is what the contract says."""

import pytest
from jsonschema import FormatChecker
from openapi_schema_validator import OAS30Validator

from chassis.contracts.schemas import Schema
from chassis.events.messages import MessageContract
from tests.contracts.declared import OPERATIONS, ROOT, SHOP, examples

CHANNELS = {name: channel["messages"] for name, channel in SHOP["channels"].items()}


def exampled():
    """Each example of an operation, the schema it stands beside, and where it stands."""
    for name, operation in OPERATIONS.items():
        for parameter in operation["parameters"]:
            for example in examples(parameter):
                yield pytest.param(parameter["schema"], example, id=f"{name} {parameter['name']}")
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for example in examples(content):
                yield pytest.param(content["schema"], example, id=f"{name} body")
        for status, answer in operation["responses"].items():
            for header, said in answer.get("headers", {}).items():
                for example in examples(said):
                    yield pytest.param(said["schema"], example, id=f"{name} {status} {header}")
            for content in answer.get("content", {}).values():
                for example in examples(content):
                    yield pytest.param(content["schema"], example, id=f"{name} {status}")


@pytest.mark.parametrize(("schema", "example"), list(exampled()))
def test_an_example_is_valid(schema, example):
    assert Schema(schema).faults(example, "") == []
    # and for whoever reads nullable and enum as OpenAPI 3.0.3 does
    assert list(OAS30Validator(schema, format_checker=FormatChecker()).iter_errors(example)) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_is_sent_or_answered_has_an_example(name):
    operation = OPERATIONS[name]
    sent = [*operation["parameters"], *operation.get("requestBody", {}).get("content", {}).values()]
    answered = [
        part
        for answer in operation["responses"].values()
        for part in (*answer.get("headers", {}).values(), *answer.get("content", {}).values())
    ]

    assert [part for part in sent + answered if not list(examples(part))] == []


def messages():
    """Each message of the shop, by name, as the service that sends it reads it."""
    return {
        message.name: message
        for path in sorted((ROOT / "asyncapi").glob("*.yaml"))
        if path.stem != "shop"
        for message in MessageContract.read(path).sends.values()
    }


@pytest.mark.parametrize("message", SHOP["components"]["messages"].values(), ids=lambda message: message["name"])
def test_a_message_has_an_example_that_is_valid(message):
    judge = messages()[message["name"]]

    assert message["examples"]
    for example in message["examples"]:
        assert judge.violation(example["payload"]) is None
        assert example["headers"]["traceparent"]
