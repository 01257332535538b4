"""What a change of each field of OpenAPI 3.0 and AsyncAPI 3 means for whoever relies on a contract.

One table for all: an object of the specifications, a field of it, its rule. A field that is not here is breaking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from chassis.contracts.openapi import HTTP_METHODS


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
class Child:
    """An object of that kind; a missing one is like one that says nothing."""

    kind: str
    flipped: bool = False  # what callers get where the rest is what they send, or the other way round


@dataclass(frozen=True)
class Children:
    """Objects of that kind by name: one less breaks, one more does not, unless said otherwise."""

    kind: str
    flipped: bool = False
    new_breaks: bool = False
    any_case: bool = False  # names that differ only by case are one


FieldRule = Rule | Child | Children
_NOTE, _APART, _TELLS, _SOURCE, _BREAKS = Rule.ANNOTATION, Rule.SEPARATE, Rule.COMPATIBLE, Rule.SOURCE, Rule.BREAKING

_TEXTS: Mapping[str, FieldRule] = {"title": _NOTE, "summary": _NOTE, "description": _NOTE, "externalDocs": _NOTE}
_SERIALIZATION: Mapping[str, FieldRule] = {
    "style": _BREAKS, "explode": _BREAKS, "allowReserved": Rule.PERMISSION, "schema": Child("Schema"),
    "content": Children("MediaType", new_breaks=True), "example": _NOTE, "examples": _NOTE,
}  # fmt: skip
_SECURITY_SCHEME: Mapping[str, FieldRule] = {
    "type": _BREAKS, "description": _NOTE, "name": _BREAKS, "in": _BREAKS, "scheme": _BREAKS, "bearerFormat": _TELLS,
    "flows": Child("OAuthFlows"), "openIdConnectUrl": _BREAKS,
}  # fmt: skip
_SCHEMA: Mapping[str, FieldRule] = {
    "title": _SOURCE,  # some generators name a class by it
    "description": _NOTE, "externalDocs": _NOTE, "example": _NOTE, "examples": _NOTE, "deprecated": _TELLS,
    "type": Rule.TYPE, "nullable": Rule.PERMISSION, "enum": Rule.VALUES, "format": Rule.FORMAT,
    "pattern": Rule.RESTRICTION, "multipleOf": Rule.MULTIPLE,
    "maximum": Rule.UPPER_BOUND, "maxLength": Rule.UPPER_BOUND, "maxItems": Rule.UPPER_BOUND,
    "maxProperties": Rule.UPPER_BOUND, "minimum": Rule.LOWER_BOUND, "minLength": Rule.LOWER_BOUND,
    "minItems": Rule.LOWER_BOUND, "minProperties": Rule.LOWER_BOUND, "exclusiveMaximum": Rule.RESTRICTION,
    "exclusiveMinimum": Rule.RESTRICTION, "uniqueItems": Rule.RESTRICTION,
    "required": Rule.REQUIRED, "properties": _APART, "additionalProperties": Rule.ADDITIONAL, "items": Child("Schema"),
    "allOf": Rule.ALL_OF, "anyOf": Rule.ANY_OF, "oneOf": Rule.ANY_OF, "not": _BREAKS,
    "default": _BREAKS,  # whoever leaves it out means something else
    "readOnly": Rule.HIDDEN_FROM_REQUESTS, "writeOnly": Rule.HIDDEN_FROM_ANSWERS,
    "discriminator": Child("Discriminator"), "xml": _BREAKS,
    "x-name": _SOURCE, "x-enum-varnames": _SOURCE, "x-normalize": _BREAKS, "x-transitions": Rule.TRANSITIONS,
}  # fmt: skip

OPENAPI_FIELD_RULES: Mapping[str, Mapping[str, FieldRule]] = {
    "OpenAPI": {
        "openapi": _SOURCE, "info": Child("Info"), "servers": _APART, "paths": _APART, "components": _APART,
        "security": _APART,  # by each operation that does not say its own
        "tags": _NOTE, "externalDocs": _NOTE,
    },
    "Info": {
        "title": _NOTE, "description": _NOTE, "version": _NOTE,  # what version must follow is what all this is for
        "contact": _NOTE, "termsOfService": _TELLS, "license": _TELLS,
    },
    "Server": {"url": _APART, "description": _NOTE, "variables": Children("ServerVariable", new_breaks=True)},
    "ServerVariable": {"enum": Rule.VALUES, "default": _BREAKS, "description": _NOTE},
    "Components": {
        "schemas": _APART, "responses": _APART, "parameters": _APART, "examples": _NOTE, "requestBodies": _APART,
        "headers": _APART, "securitySchemes": _APART, "links": _APART, "callbacks": _APART,
    },
    "PathItem": {
        "$ref": _APART, "summary": _NOTE, "description": _NOTE, "servers": _APART, "parameters": _APART,
        **dict.fromkeys(HTTP_METHODS, _APART),
    },
    "Operation": {
        "tags": _SOURCE,  # generators make a class of each
        "summary": _NOTE, "description": _NOTE, "externalDocs": _NOTE, "operationId": _SOURCE, "parameters": _APART,
        "requestBody": _APART, "responses": Children("Response", flipped=True), "callbacks": _APART,
        "deprecated": _TELLS, "security": _APART, "servers": _APART,
        "x-access": _APART, "x-idempotent": Rule.PROMISE, "x-body-limit": Rule.UPPER_BOUND,
        "x-max-concurrent": _NOTE,  # what is too much now is taken a little later
    },
    "Parameter": {
        "name": _APART, "in": _APART, "description": _NOTE, "required": Rule.REQUIRED, "deprecated": _TELLS,
        "allowEmptyValue": Rule.PERMISSION, **_SERIALIZATION,
    },
    "RequestBody": {"description": _NOTE, "content": Children("MediaType"), "required": Rule.REQUIRED},
    "MediaType": {
        "schema": Child("Schema"), "example": _APART, "examples": _APART,  # those of problems: callers know their types
        "encoding": Children("Encoding", new_breaks=True),
    },
    "Encoding": {
        "contentType": _BREAKS, "headers": Children("Header", any_case=True), "style": _BREAKS, "explode": _BREAKS,
        "allowReserved": Rule.PERMISSION,
    },
    "Response": {
        "description": _NOTE, "headers": Children("Header", any_case=True), "content": Children("MediaType"),
        "links": Children("Link"),
    },
    "Link": dict.fromkeys(("operationRef", "operationId", "parameters", "requestBody", "server"), _BREAKS)
    | {"description": _NOTE},
    "Header": {
        "description": _NOTE, "required": Rule.REQUIRED, "deprecated": _TELLS, "allowEmptyValue": Rule.PERMISSION,
        **_SERIALIZATION,
    },
    "Schema": _SCHEMA,
    "Discriminator": {"propertyName": _BREAKS, "mapping": Rule.MAPPING},
    "SecurityScheme": _SECURITY_SCHEME,
    "OAuthFlows": dict.fromkeys(
        ("implicit", "password", "clientCredentials", "authorizationCode"), Child("OAuthFlow")
    ),
    "OAuthFlow": {
        "authorizationUrl": _BREAKS, "tokenUrl": _BREAKS, "refreshUrl": _BREAKS, "scopes": Rule.VALUES,
    },
}  # fmt: skip

ASYNCAPI_FIELD_RULES: Mapping[str, Mapping[str, FieldRule]] = {
    "AsyncAPI": {
        "asyncapi": _SOURCE, "id": _TELLS, "info": Child("AsyncInfo"), "servers": _APART,
        "defaultContentType": _APART,  # by each message that does not say its own
        "channels": _APART, "operations": _APART, "components": _APART,
    },
    "AsyncInfo": {**OPENAPI_FIELD_RULES["Info"], "tags": _NOTE, "externalDocs": _NOTE},
    "AsyncServer": {
        **_TEXTS, "tags": _NOTE, "host": _APART, "protocol": _APART, "pathname": _APART, "protocolVersion": _BREAKS,
        "variables": Children("AsyncServerVariable", new_breaks=True), "security": _APART,
        "bindings": Children("ServerBinding", new_breaks=True),
    },
    "AsyncServerVariable": {"enum": Rule.VALUES, "default": _BREAKS, "description": _NOTE, "examples": _NOTE},
    "ServerBinding": {"schemaRegistryUrl": _BREAKS, "schemaRegistryVendor": _BREAKS, "bindingVersion": _TELLS},
    "AsyncComponents": dict.fromkeys(
        (
            "schemas", "servers", "serverVariables", "channels", "operations", "replies", "replyAddresses", "messages",
            "securitySchemes", "parameters", "correlationIds", "operationTraits", "messageTraits", "serverBindings",
            "channelBindings", "operationBindings", "messageBindings",
        ),
        _APART,
    )
    | {"tags": _NOTE, "externalDocs": _NOTE},
    "Channel": {
        **_TEXTS, "tags": _NOTE, "address": _APART, "messages": _APART, "servers": _APART,
        "parameters": Children("ChannelParameter", new_breaks=True),
        "bindings": Children("ChannelBinding", new_breaks=True),
    },
    "ChannelParameter": {
        "enum": Rule.VALUES, "default": _BREAKS, "description": _NOTE, "examples": _NOTE, "location": _BREAKS,
    },
    "ChannelBinding": {
        "topic": _BREAKS, "partitions": _BREAKS,  # a key is in another partition, and no longer after its older events
        "replicas": _TELLS, "topicConfiguration": _BREAKS, "bindingVersion": _TELLS,
    },
    "AsyncOperation": {
        **_TEXTS, "tags": _NOTE, "action": _APART, "channel": _APART, "messages": _APART, "security": _APART,
        "bindings": Children("OperationBinding", new_breaks=True), "traits": _APART, "reply": Child("Reply"),
    },
    "OperationBinding": {"groupId": _BREAKS, "clientId": _BREAKS, "bindingVersion": _TELLS},
    "Reply": {"address": Child("ReplyAddress"), "channel": _BREAKS, "messages": _BREAKS},
    "ReplyAddress": {"location": _BREAKS, "description": _NOTE},
    "Message": {
        **_TEXTS, "tags": _NOTE, "examples": _NOTE, "name": _APART, "contentType": _BREAKS, "deprecated": _TELLS,
        "headers": Child("Schema"), "payload": Child("Schema"), "correlationId": Child("CorrelationId"),
        "bindings": Children("MessageBinding", new_breaks=True), "traits": _APART,
    },
    "MessageBinding": {
        "key": Child("Schema"), "schemaIdLocation": _BREAKS, "schemaIdPayloadEncoding": _BREAKS,
        "schemaLookupStrategy": _BREAKS, "bindingVersion": _TELLS,
    },
    "CorrelationId": {"description": _NOTE, "location": _BREAKS},
    # whoever is let in by a scheme that says anything else is let in another way
    "AsyncSecurityScheme": dict.fromkeys((*_SECURITY_SCHEME, "scopes"), _APART),
}  # fmt: skip

# JSON Schema has these besides in AsyncAPI, where a payload may also be in another language of schemas.
JSON_SCHEMA_FIELDS: Mapping[str, FieldRule] = {
    "const": _BREAKS, "if": _BREAKS, "then": _BREAKS, "else": _BREAKS, "dependencies": _BREAKS,
    "propertyNames": _BREAKS,
    "contains": _BREAKS, "patternProperties": _BREAKS, "additionalItems": _BREAKS, "contentEncoding": _BREAKS,
    "contentMediaType": _BREAKS, "definitions": _APART, "$schema": _BREAKS, "$id": _SOURCE, "$comment": _NOTE,
    "schemaFormat": _BREAKS, "schema": Child("Schema"),
}  # fmt: skip

FIELD_RULES: Mapping[str, Mapping[str, FieldRule]] = {
    **OPENAPI_FIELD_RULES,
    **ASYNCAPI_FIELD_RULES,
    "Schema": {**_SCHEMA, **JSON_SCHEMA_FIELDS},
}

# What a field means where it is not said.
FIELD_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
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
