"""Every edit of a contract is seen for what it means to those who rely on it."""

import json
import re
from importlib.resources import files

import pytest
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

from chassis.contracts.references import Document
from tests.contracts.compatibility.edits import EDITS, HERE, apply_edit
from tooling import npm
from tooling.compatibility import asyncapi, compatibility
from tooling.compatibility.changes import contract_changes
from tooling.compatibility.event_changes import event_changes
from tooling.compatibility.field_rules import (
    _APART,
    _NOTE,
    ASYNCAPI_FIELD_RULES,
    FIELD_RULES,
    JSON_SCHEMA_FIELDS,
    OPENAPI_FIELD_RULES,
)

CHANGES = {"openapi": contract_changes, "asyncapi": event_changes}
BEFORE = {kind: Document(HERE / f"{kind}.yaml").inlined for kind in CHANGES}
ROWS = [pytest.param(kind, row, id=row["edit"]) for kind, rows in EDITS.items() for row in rows]


def compare_edit(kind, document, folder):
    path = folder / f"{kind}.yaml"
    path.write_text(json.dumps(document), "utf-8")
    return list(CHANGES[kind](BEFORE[kind], Document(path).inlined))


def expected_impact(changes):
    return max(changes, key=lambda change: change.impact).impact.label if changes else "unseen"


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_an_edit_is_what_it_means_to_those_who_rely_on_the_contract(kind, row, tmp_path):
    changes = compare_edit(kind, apply_edit(kind, row), tmp_path)

    assert expected_impact(changes) == row["verdict"], changes


DOCUMENTATION_FIELDS = {"description", "summary", "externalDocs", "example", "examples", "contact", "$comment"}
UNCOMPARED_FIELDS = {  # besides: what is for people, and what is seen where it stands and not where it is referred to
    "openapi": "info/(title|version)|tags/[0-9]+/name|.*/scopes/[a-z]+",
    "asyncapi": "info/(title|version)|components/.*|(.*/)?tags/[0-9]+/name|.*Scopes/[a-z]+|"
    "(servers|channels|operations|.*messages)/[^/]*/(traits/0/)?title|operations/[^/]*/(channel|messages)/.*|channels/[^/]*/servers/.*",
}


def iterate_leaves(node, steps=()):
    """The steps to every value that a document gives, but for what is for people."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        elsewhere = steps == ("components",) and key != "securitySchemes"  # where it is referred to
        if key not in DOCUMENTATION_FIELDS and not elsewhere:
            yield from iterate_leaves(child, (*steps, key))
    if not isinstance(node, dict | list) or not node:
        yield steps


def different_value(value, name):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return {"x-other": 1} if value == {} else [{"shopper": []}] if (name, value) == ("security", []) else f"{value}x"


def change_leaf(document, steps):
    """A copy with another value in one place of it."""
    copy = node = json.loads(json.dumps(document))
    for step in steps[:-1]:
        node = node[step]
    node[steps[-1]] = different_value(node[steps[-1]], steps[-1])
    return copy


class RecordingFieldTable(dict):
    """A table of fields that knows which of them were asked for."""

    def __init__(self, fields):
        super().__init__(fields)
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


@pytest.mark.parametrize("kind", CHANGES)
def test_no_value_of_a_contract_changes_unseen(kind, monkeypatch):
    document = BEFORE[kind]
    consulted = {name: RecordingFieldTable(fields) for name, fields in FIELD_RULES.items()}
    monkeypatch.setattr(compatibility, "FIELD_RULES", consulted)

    unseen = [
        place
        for steps in iterate_leaves(document)
        if not [*CHANGES[kind](document, change_leaf(document, steps))]
        and not re.fullmatch(UNCOMPARED_FIELDS[kind], place := "/".join(map(str, steps)))
    ]

    assert unseen == []
    assert missing_fields(SPECIFICATION_SCHEMAS[kind], consulted) == []


SPECIFICATION_SCHEMAS = {
    "openapi": OPENAPI_FIELD_RULES,
    "asyncapi": {**ASYNCAPI_FIELD_RULES, "Schema": JSON_SCHEMA_FIELDS},
}


def missing_fields(table, consulted):
    """The fields with a meaning that stand in no document here, so that nothing is known about their rules."""
    meant = {
        (kind, name) for kind, fields in table.items() for name, rule in fields.items() if rule not in (_NOTE, _APART)
    }
    return sorted((kind, name) for kind, name in meant if name not in consulted[kind].names)


# The objects of the official schemas whose fields an object of the table has under another name.
RENAMED_KINDS = {
    "APIKeySecurityScheme": "SecurityScheme", "HTTPSecurityScheme": "SecurityScheme",
    "OAuth2SecurityScheme": "SecurityScheme", "OpenIdConnectSecurityScheme": "SecurityScheme",
    "ImplicitOAuthFlow": "OAuthFlow", "PasswordOAuthFlow": "OAuthFlow", "ClientCredentialsFlow": "OAuthFlow",
    "AuthorizationCodeOAuthFlow": "OAuthFlow", "asyncapi": "AsyncAPI", "info": "AsyncInfo", "server": "AsyncServer",
    "serverVariable": "AsyncServerVariable", "components": "AsyncComponents", "channel": "Channel",
    "parameter": "ChannelParameter", "operation": "AsyncOperation", "operationTrait": "AsyncOperation",
    "operationReply": "Reply", "operationReplyAddress": "ReplyAddress", "messageObject": "Message",
    "messageTrait": "Message", "correlationId": "CorrelationId", "schema": "Schema",
    "bindings/kafka/0.5.0/server": "ServerBinding", "bindings/kafka/0.5.0/channel": "ChannelBinding",
    "bindings/kafka/0.5.0/operation": "OperationBinding", "bindings/kafka/0.5.0/message": "MessageBinding",
}  # fmt: skip
# Those that are for people, or have names instead of fields.
KINDS_WITHOUT_FIELDS = {
    "Contact", "License", "Tag", "ExternalDocumentation", "Example", "XML", "Reference", "Responses",
}  # fmt: skip


def official_fields(kind):
    """The objects of a specification and their fields, as its official schema has them."""
    if kind == "openapi":
        path = files("openapi_spec_validator") / "resources" / "schemas" / "v3.0" / "schema.json"
        schema = json.loads(path.read_text("utf-8"))
        objects = {"OpenAPI": schema, **schema["definitions"]}
        return {
            name: described.get("properties", ())
            for name, described in objects.items()
            if name not in KINDS_WITHOUT_FIELDS
        }
    path = (
        npm.install_locked(asyncapi.PARSER_FOLDER) / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
    )
    schema = json.loads(path.read_text("utf-8"))
    objects = {"asyncapi": set(schema["properties"])}
    for address, described in schema["definitions"].items():
        name = re.sub(r".*/(?=bindings/)|.*/definitions/3.0.0/|.*draft-07/|[.]json$", "", address)
        objects.setdefault(name, set()).update(described.get("properties", ()))
    return {name: objects[name] for name in objects.keys() & RENAMED_KINDS.keys()}


@pytest.mark.parametrize("kind", CHANGES)
def test_the_table_has_every_field_of_the_specification(kind):
    objects = official_fields(kind)

    unknown = [
        f"{name}.{field}"
        for name, fields in objects.items()
        for field in fields
        if field not in FIELD_RULES.get(RENAMED_KINDS.get(name, name), ()) and field != "$ref"
    ]

    assert len(objects) > 15
    assert unknown == []


def test_the_contract_is_one_of_openapi():
    contract = yaml.load((HERE / "openapi.yaml").read_bytes(), yaml.CSafeLoader)

    assert [*OpenAPIV30SpecValidator(contract).iter_errors()] == []
