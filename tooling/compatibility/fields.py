"""What a change of each field of OpenAPI 3.0 and AsyncAPI 3 means for whoever relies on a contract.

One table for all: an object of the specifications, a field of it, its rule. A field that is not here is breaking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from chassis.contracts.openapi import METHODS


class Rule(Enum):
    """What a change of a field means; of the later ones, whether less is allowed than before, or more."""

    ANNOTATION = "is for people: not seen"
    SEPARATE = "is compared by code of its own in changes.py"
    COMPATIBLE = "tells something and breaks nobody"
    SOURCE = "breaks generated code and nothing on the wire"
    BREAKING = "has another meaning"
    UNKNOWN = "is not in the table"
    UPPER_BOUND = "more is wider"
    LOWER_BOUND = "more is narrower"
    RESTRICTION = "true is narrower, and so is a value where there was none"
    PERMISSION = "true is wider"
    REQUIRED = "each name more is narrower, and so is true"
    VALUES = "each value less is narrower, and has no name in generated code"
    TYPE = "each type less is narrower, and generated code has another one"
    FORMAT = (
        "as RESTRICTION, and generated code has another type; a width of integers that fits their bounds is only that"
    )
    MULTIPLE = "a multiple of what it was is narrower"
    ADDITIONAL = "false is narrower than a schema, which is narrower than true"
    ALL_OF = "each schema more is narrower"
    ANY_OF = "each schema more is wider"
    MAPPING = "each value more is wider"
    PROMISE = "true is kept or breaks"
    TRANSITIONS = "each move less breaks, and each from what was final"
    HIDDEN_FROM_REQUESTS = "true is narrower for requests alone"
    HIDDEN_FROM_ANSWERS = "true takes it from answers"


@dataclass(frozen=True)
class One:
    """An object of that kind; a missing one is like one that says nothing."""

    kind: str
    flipped: bool = False  # what callers get where the rest is what they send, or the other way round


@dataclass(frozen=True)
class Each:
    """Objects of that kind by name: one less breaks, one more does not, unless said otherwise."""

    kind: str
    flipped: bool = False
    new_breaks: bool = False
    any_case: bool = False  # names that differ only by case are one


Field = Rule | One | Each
NOTE, APART, TELLS, SOURCE, BREAKS = Rule.ANNOTATION, Rule.SEPARATE, Rule.COMPATIBLE, Rule.SOURCE, Rule.BREAKING

_TEXTS: Mapping[str, Field] = {"title": NOTE, "summary": NOTE, "description": NOTE, "externalDocs": NOTE}
_SERIALIZATION: Mapping[str, Field] = {
    "style": BREAKS, "explode": BREAKS, "allowReserved": Rule.PERMISSION, "schema": One("Schema"),
    "content": Each("MediaType", new_breaks=True), "example": NOTE, "examples": NOTE,
}  # fmt: skip
_SECURITY_SCHEME: Mapping[str, Field] = {
    "type": BREAKS, "description": NOTE, "name": BREAKS, "in": BREAKS, "scheme": BREAKS, "bearerFormat": TELLS,
    "flows": One("OAuthFlows"), "openIdConnectUrl": BREAKS,
}  # fmt: skip
_SCHEMA: Mapping[str, Field] = {
    "title": SOURCE,  # some generators name a class by it
    "description": NOTE, "externalDocs": NOTE, "example": NOTE, "examples": NOTE, "deprecated": TELLS,
    "type": Rule.TYPE, "nullable": Rule.PERMISSION, "enum": Rule.VALUES, "format": Rule.FORMAT,
    "pattern": Rule.RESTRICTION, "multipleOf": Rule.MULTIPLE,
    "maximum": Rule.UPPER_BOUND, "maxLength": Rule.UPPER_BOUND, "maxItems": Rule.UPPER_BOUND,
    "maxProperties": Rule.UPPER_BOUND, "minimum": Rule.LOWER_BOUND, "minLength": Rule.LOWER_BOUND,
    "minItems": Rule.LOWER_BOUND, "minProperties": Rule.LOWER_BOUND, "exclusiveMaximum": Rule.RESTRICTION,
    "exclusiveMinimum": Rule.RESTRICTION, "uniqueItems": Rule.RESTRICTION,
    "required": Rule.REQUIRED, "properties": APART, "additionalProperties": Rule.ADDITIONAL, "items": One("Schema"),
    "allOf": Rule.ALL_OF, "anyOf": Rule.ANY_OF, "oneOf": Rule.ANY_OF, "not": BREAKS,
    "default": BREAKS,  # whoever leaves it out means something else
    "readOnly": Rule.HIDDEN_FROM_REQUESTS, "writeOnly": Rule.HIDDEN_FROM_ANSWERS,
    "discriminator": One("Discriminator"), "xml": BREAKS,
    "x-name": SOURCE, "x-enum-varnames": SOURCE, "x-normalize": BREAKS, "x-transitions": Rule.TRANSITIONS,
}  # fmt: skip

OPENAPI: Mapping[str, Mapping[str, Field]] = {
    "OpenAPI": {
        "openapi": SOURCE, "info": One("Info"), "servers": APART, "paths": APART, "components": APART,
        "security": APART,  # by each operation that does not say its own
        "tags": NOTE, "externalDocs": NOTE,
    },
    "Info": {
        "title": NOTE, "description": NOTE, "version": NOTE,  # what version must follow is what all this is for
        "contact": NOTE, "termsOfService": TELLS, "license": TELLS,
    },
    "Server": {"url": APART, "description": NOTE, "variables": Each("ServerVariable", new_breaks=True)},
    "ServerVariable": {"enum": Rule.VALUES, "default": BREAKS, "description": NOTE},
    "Components": {
        "schemas": APART, "responses": APART, "parameters": APART, "examples": NOTE, "requestBodies": APART,
        "headers": APART, "securitySchemes": APART, "links": APART, "callbacks": APART,
    },
    "PathItem": {
        "$ref": APART, "summary": NOTE, "description": NOTE, "servers": APART, "parameters": APART,
        **dict.fromkeys(METHODS, APART),
    },
    "Operation": {
        "tags": SOURCE,  # generators make a class of each
        "summary": NOTE, "description": NOTE, "externalDocs": NOTE, "operationId": SOURCE, "parameters": APART,
        "requestBody": APART, "responses": Each("Response", flipped=True), "callbacks": APART,
        "deprecated": TELLS, "security": APART, "servers": APART,
        "x-access": APART, "x-idempotent": Rule.PROMISE, "x-body-limit": Rule.UPPER_BOUND,
    },
    "Parameter": {
        "name": APART, "in": APART, "description": NOTE, "required": Rule.REQUIRED, "deprecated": TELLS,
        "allowEmptyValue": Rule.PERMISSION, **_SERIALIZATION,
    },
    "RequestBody": {"description": NOTE, "content": Each("MediaType"), "required": Rule.REQUIRED},
    "MediaType": {
        "schema": One("Schema"), "example": APART, "examples": APART,  # those of problems: callers know their types
        "encoding": Each("Encoding", new_breaks=True),
    },
    "Encoding": {
        "contentType": BREAKS, "headers": Each("Header", any_case=True), "style": BREAKS, "explode": BREAKS,
        "allowReserved": Rule.PERMISSION,
    },
    "Response": {
        "description": NOTE, "headers": Each("Header", any_case=True), "content": Each("MediaType"),
        "links": Each("Link"),
    },
    "Link": dict.fromkeys(("operationRef", "operationId", "parameters", "requestBody", "server"), BREAKS)
    | {"description": NOTE},
    "Header": {
        "description": NOTE, "required": Rule.REQUIRED, "deprecated": TELLS, "allowEmptyValue": Rule.PERMISSION,
        **_SERIALIZATION,
    },
    "Schema": _SCHEMA,
    "Discriminator": {"propertyName": BREAKS, "mapping": Rule.MAPPING},
    "SecurityScheme": _SECURITY_SCHEME,
    "OAuthFlows": dict.fromkeys(
        ("implicit", "password", "clientCredentials", "authorizationCode"), One("OAuthFlow")
    ),
    "OAuthFlow": {
        "authorizationUrl": BREAKS, "tokenUrl": BREAKS, "refreshUrl": BREAKS, "scopes": Rule.VALUES,
    },
}  # fmt: skip

ASYNCAPI: Mapping[str, Mapping[str, Field]] = {
    "AsyncAPI": {
        "asyncapi": SOURCE, "id": TELLS, "info": One("AsyncInfo"), "servers": APART,
        "defaultContentType": APART,  # by each message that does not say its own
        "channels": APART, "operations": APART, "components": APART,
    },
    "AsyncInfo": {**OPENAPI["Info"], "tags": NOTE, "externalDocs": NOTE},
    "AsyncServer": {
        **_TEXTS, "tags": NOTE, "host": APART, "protocol": APART, "pathname": APART, "protocolVersion": BREAKS,
        "variables": Each("AsyncServerVariable", new_breaks=True), "security": APART,
        "bindings": Each("ServerBinding", new_breaks=True),
    },
    "AsyncServerVariable": {"enum": Rule.VALUES, "default": BREAKS, "description": NOTE, "examples": NOTE},
    "ServerBinding": {"schemaRegistryUrl": BREAKS, "schemaRegistryVendor": BREAKS, "bindingVersion": TELLS},
    "AsyncComponents": dict.fromkeys(
        (
            "schemas", "servers", "serverVariables", "channels", "operations", "replies", "replyAddresses", "messages",
            "securitySchemes", "parameters", "correlationIds", "operationTraits", "messageTraits", "serverBindings",
            "channelBindings", "operationBindings", "messageBindings",
        ),
        APART,
    )
    | {"tags": NOTE, "externalDocs": NOTE},
    "Channel": {
        **_TEXTS, "tags": NOTE, "address": APART, "messages": APART, "servers": APART,
        "parameters": Each("ChannelParameter", new_breaks=True), "bindings": Each("ChannelBinding", new_breaks=True),
    },
    "ChannelParameter": {
        "enum": Rule.VALUES, "default": BREAKS, "description": NOTE, "examples": NOTE, "location": BREAKS,
    },
    "ChannelBinding": {
        "topic": BREAKS, "partitions": BREAKS,  # a key is in another partition, and no longer after its older events
        "replicas": TELLS, "topicConfiguration": BREAKS, "bindingVersion": TELLS,
    },
    "AsyncOperation": {
        **_TEXTS, "tags": NOTE, "action": APART, "channel": APART, "messages": APART, "security": APART,
        "bindings": Each("OperationBinding", new_breaks=True), "traits": APART, "reply": One("Reply"),
    },
    "OperationBinding": {"groupId": BREAKS, "clientId": BREAKS, "bindingVersion": TELLS},
    "Reply": {"address": One("ReplyAddress"), "channel": BREAKS, "messages": BREAKS},
    "ReplyAddress": {"location": BREAKS, "description": NOTE},
    "Message": {
        **_TEXTS, "tags": NOTE, "examples": NOTE, "name": APART, "contentType": BREAKS, "deprecated": TELLS,
        "headers": One("Schema"), "payload": One("Schema"), "correlationId": One("CorrelationId"),
        "bindings": Each("MessageBinding", new_breaks=True), "traits": APART,
    },
    "MessageBinding": {
        "key": One("Schema"), "schemaIdLocation": BREAKS, "schemaIdPayloadEncoding": BREAKS,
        "schemaLookupStrategy": BREAKS, "bindingVersion": TELLS,
    },
    "CorrelationId": {"description": NOTE, "location": BREAKS},
    # whoever is let in by a scheme that says anything else is let in another way
    "AsyncSecurityScheme": dict.fromkeys((*_SECURITY_SCHEME, "scopes"), APART),
}  # fmt: skip

# JSON Schema has these besides in AsyncAPI, where a payload may also be in another language of schemas.
OF_EVENTS_ALONE: Mapping[str, Field] = {
    "const": BREAKS, "if": BREAKS, "then": BREAKS, "else": BREAKS, "dependencies": BREAKS, "propertyNames": BREAKS,
    "contains": BREAKS, "patternProperties": BREAKS, "additionalItems": BREAKS, "contentEncoding": BREAKS,
    "contentMediaType": BREAKS, "definitions": APART, "$schema": BREAKS, "$id": SOURCE, "$comment": NOTE,
    "schemaFormat": BREAKS, "schema": One("Schema"),
}  # fmt: skip

FIELDS: Mapping[str, Mapping[str, Field]] = {**OPENAPI, **ASYNCAPI, "Schema": {**_SCHEMA, **OF_EVENTS_ALONE}}

# What a field means where it is not said.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "Operation": {"deprecated": False, "x-idempotent": False},
    "Parameter": {"required": False, "deprecated": False, "allowEmptyValue": False, "allowReserved": False},
    "Header": {
        "required": False, "deprecated": False, "allowEmptyValue": False, "allowReserved": False,
        "style": "simple", "explode": False,
    },
    "RequestBody": {"required": False},
    "Encoding": {"allowReserved": False},
    "Message": {"deprecated": False},
    "Schema": {
        "nullable": False, "deprecated": False, "readOnly": False, "writeOnly": False, "uniqueItems": False,
        "exclusiveMaximum": False, "exclusiveMinimum": False, "additionalProperties": True,
    },
}  # fmt: skip
