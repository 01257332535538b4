"""Bodies, ids and parameters that no contract allows, each with the statuses that may answer it."""

import json
from typing import Any, NamedTuple
from urllib.parse import quote

from chassis.contracts.media_types import JSON
from generated.access import OPERATIONS
from tests.access.requests import REQUESTS
from tests.contracts.loaded_contracts import OPERATIONS as DECLARED

CANARY = "CaNaRy-7f3a"


class MalformedInput(NamedTuple):
    """A body as it is sent, and how it may be answered."""

    body: bytes
    status: int = 400
    content_type: str | None = JSON
    query: str = ""


def bodies(good: dict[str, Any]) -> dict[str, MalformedInput]:
    """Every way in which a body that is in order can be spoiled."""
    text = json.dumps(good)
    first = next(iter(good))
    raw = text.encode()

    def with_field(value: str) -> bytes:
        return f'{text[:-1]}, "{CANARY}": {value}}}'.encode()

    def with_first(value: str) -> bytes:
        others = {name: said for name, said in good.items() if name != first}
        return f'{{"{first}": {value}, {json.dumps(others)[1:]}'.replace(", }", "}").encode()

    found = {
        "Application/Json that breaks the contract": MalformedInput(with_field("1"), content_type="Application/Json"),
        "no content type": MalformedInput(raw, 415, None),
        "another content type": MalformedInput(raw, 415, "text/plain"),
        "a form": MalformedInput(f"{first}={CANARY}".encode(), 415, "application/x-www-form-urlencoded"),
        "JSON in another charset": MalformedInput(raw, 415, f"{JSON}; charset=latin-1"),
        "invalid UTF-8": MalformedInput(with_first(f'"{CANARY}\xff"').decode().encode("latin-1")),
        "NaN": MalformedInput(with_first("NaN")),
        "Infinity": MalformedInput(with_first("-Infinity")),
        "a name said twice": MalformedInput(f'{text[:-1]}, "{first}": {json.dumps(good[first])}}}'.encode()),
        "NUL": MalformedInput(with_first(f'"{CANARY}\\u0000"')),
        "a lone surrogate": MalformedInput(with_first(f'"{CANARY}\\ud800"')),
        "30,000 levels": MalformedInput(b"[" * 30_000 + b"]" * 30_000),
        "100,000 levels": MalformedInput(b"[" * 100_000 + b"]" * 100_000, 413),
        "40 levels where a value should be": MalformedInput(with_first("[" * 40 + f'"{CANARY}"' + "]" * 40)),
        "a number of 5,000 digits": MalformedInput(with_first("9" * 5_000)),
        "2 MB": MalformedInput(with_field(f'"{CANARY * 190_000}"'), 413),
        "an unknown field": MalformedInput(with_field(f'"{CANARY}"')),
        "an inherited field": MalformedInput(with_field(f'{{"__proto__": "{CANARY}"}}')),
        "an unknown parameter": MalformedInput(raw, query=f"?{CANARY}={CANARY}"),
        "null where a value should be": MalformedInput(with_first("null")),
        "an object where a value should be": MalformedInput(with_first(f'{{"$gt": "{CANARY}"}}')),
        "a list": MalformedInput(f'["{CANARY}"]'.encode()),
        "a text": MalformedInput(f'"{CANARY}"'.encode()),
        "more behind it": MalformedInput(raw + CANARY.encode()),
        "cut off": MalformedInput(raw[:-1]),
    }
    for name in good:
        if name.endswith("_id"):
            found[f"{name} that is none"] = MalformedInput(json.dumps({**good, name: CANARY}).encode())
    return found


IDS = {
    "a word": CANARY,
    "a number": "1",
    "one letter short": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a00",
    "in braces": "{0198c3c5-0a4e-7c6e-9d26-3f1f4be2a00f}",
    "without dashes": "0198c3c50a4e7c6e9d263f1f4be2a00f",
    "a NUL": f"{CANARY}\0",
    "SQL": f"' OR '1'='1' --{CANARY}",
    "a template": f"{{{{{CANARY}}}}}",
    "a line break": f"{CANARY}\r\nX-Canary: {CANARY}",
    "another script's digits": "\u0660\u0661\u0669\u0668c3c5-0a4e-7c6e-9d26-3f1f4be2a00f",
    "very long": CANARY * 500,
}


def path_with(path: str, hostile: str) -> str:
    """The path with this in the place of every parameter."""
    return "/".join(quote(hostile, safe="") if part.startswith("{") else part for part in path.split("/"))


def _with_body() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Each operation that reads JSON, with a body that is in order."""
    found = {}
    for operation in DECLARED.values():
        service, name = operation.service, operation.id
        if JSON in operation.request_content:
            (example,) = operation.request_content[JSON].examples
            found[f"{service} {name}"] = service, name, REQUESTS[service][name].body or example
    return found


WITH_BODY = _with_body()
WITH_IDS = {
    f"{service} {name}": (service, name)
    for service, operations in OPERATIONS.items()
    for name, operation in operations.items()
    if "{" in operation.path
}
QUERIES = {(one.service, one.id): [p for p in one.parameters if p.location == "query"] for one in DECLARED.values()}
REQUIRED_PARAMETERS = {key: {p.name for p in parameters if p.required} for key, parameters in QUERIES.items()}
# those that may be any text, as an id that is none is one
TEXT_PARAMETERS = {
    key: {
        p.name
        for p in parameters
        if p.schema.get("type") == "string" and not {"enum", "format"} & p.schema.value.keys()
    }
    for key, parameters in QUERIES.items()
}
