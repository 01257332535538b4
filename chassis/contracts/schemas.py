"""The contract's schemas, compiled to check values on the wire."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from jsonschema_rs import Draft4Validator

from chassis.contracts.texts import is_blank

SchemaError = dict[str, str]
UUID_PATTERN = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
DATE_PATTERN = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def json_schema(openapi: Any) -> Any:
    """OpenAPI 3.0's dialect as JSON Schema draft 4: `nullable`, and the formats draft 4 does not know."""
    if isinstance(openapi, list):
        return [json_schema(x) for x in openapi]
    if not isinstance(openapi, dict):
        return openapi
    schema = {k: json_schema(v) for k, v in openapi.items() if k not in ("components", "example")}
    if schema.pop("nullable", False) is True:
        if "type" in schema:
            schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    pattern = {"uuid": UUID_PATTERN, "date": DATE_PATTERN}.get(str(schema.get("format")))
    return {"pattern": pattern, **schema} if pattern else schema


def property_names(schema: Any) -> set[str]:
    """Every property name a schema declares."""
    if isinstance(schema, list):
        return set().union(*map(property_names, schema))
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return own.union(*map(property_names, schema.values()))


class Schema:
    """A schema of the contract, ready to check values; its faults name places and rules, never what was sent."""

    def __init__(self, openapi: Mapping[str, Any]) -> None:
        self._validator = Draft4Validator(json_schema(openapi), validate_formats=True)
        self._names = property_names(openapi)
        self.is_valid: Callable[[Any], bool] = self._validator.is_valid

    def faults(self, value: Any, at: str) -> list[SchemaError]:
        """What is wrong with a value, at most twenty things."""
        found = []
        for error in islice(self._validator.iter_errors(value), 20):
            steps = [step if isinstance(step, int) or step in self._names else "*" for step in error.instance_path]
            rule = error.kind.name
            if rule == "required":
                steps.append(getattr(error.kind, "property"))  # noqa: B009 (not in the stubs)
            elif rule == "pattern" and is_blank(str(error.instance)):
                rule = "required"  # a blank text is a missing one
            elif rule == "not":  # what is refused only together is put right by what it may lack
                refused = getattr(error.kind, "schema")  # noqa: B009 (not in the stubs)
                steps.append(min(refused["properties"].keys() - set(refused["required"])))
                rule = "required"
            found.append({"pointer": "/".join([at, *map(str, steps)]), "rule": rule})
        return found
