"""What a pact says is what the contract it refers to allows."""

from base64 import b64decode
from email import message_from_bytes

import pytest

from chassis.contracts.media_types import MULTIPART
from chassis.contracts.schemas import Schema
from chassis.events.messages import MessageContract
from tests.contracts.loaded_contracts import EVENT_APIS, OPERATIONS, ROOT
from tooling.pacts.files import PACTS_FOLDER, read_pacts

OPERATIONS_BY_ID = {(operation.service, operation.id): operation for operation in OPERATIONS.values()}


def interactions(kind):
    for pact in read_pacts(PACTS_FOLDER).values():
        for one in pact["interactions"]:
            references = one["comments"]["references"]
            if kind in references:
                between = pact["consumer"]["name"], pact["provider"]["name"]
                yield pytest.param(
                    *between, references[kind]["operationId"], one, id=f"{' of '.join(between)}: {one['description']}"
                )


def validation_errors(content, body):
    """What of the body is not as declared; a problem's consumer need not read all that every problem has."""
    if isinstance(body, dict) and body.get("type", "").startswith("/problems/"):
        body = {"title": "-", "status": 409, **body}
    return Schema(content.schema.inlined).faults(body, "")


def asked_for(request):
    """The body of a request; of a form with a file, what its parts are, by their names."""
    body = request["body"]
    if body["contentType"] != MULTIPART:
        return body["content"]
    [kind] = request["headers"]["Content-Type"]
    form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + b64decode(body["content"]))
    return {part.get_param("name", header="Content-Disposition"): str(part) for part in form.get_payload()}


@pytest.mark.parametrize(("consumer", "provider", "operation", "one"), list(interactions("OpenAPI")))
def test_an_exchange_is_declared_as_the_pact_has_it(consumer, provider, operation, one):
    declared = OPERATIONS_BY_ID[provider, operation]

    response = declared.responses[one["response"]["status"]]
    said = one["response"].get("body")
    assert bool(said) == bool(response.content)
    if said:
        assert validation_errors(response.content[said["contentType"]], said["content"]) == []
    if "body" in one["request"]:
        kind = one["request"]["body"]["contentType"]
        assert validation_errors(declared.request_content[kind], asked_for(one["request"])) == []
    else:
        assert declared.request_body is None or not declared.request_body.required


@pytest.mark.parametrize(("consumer", "provider", "operation", "one"), list(interactions("AsyncAPI")))
def test_a_message_is_declared_as_the_pact_has_it(consumer, provider, operation, one):
    message = MessageContract.load(ROOT / "asyncapi" / f"{consumer}.yaml").receives[operation]
    key_field = EVENT_APIS[consumer].receives[operation].key_field

    assert one["metadata"]["kafka_topic"] == message.topic
    assert one["metadata"]["kafka_key"] == one["contents"]["content"][key_field]
    assert message.violation(one["contents"]["content"]) is None


def test_every_interaction_refers_to_an_operation():
    said = sum(len(pact["interactions"]) for pact in read_pacts(PACTS_FOLDER).values())

    assert len([*interactions("OpenAPI"), *interactions("AsyncAPI")]) == said > 0
