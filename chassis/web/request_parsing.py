"""The gate every body passes: exact content type, bounded size, strict JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive

from chassis.contracts.media_types import JSON, MULTIPART
from chassis.web.parameters import PARSERS_BY_TYPE
from chassis.web.problems import InvalidRequest, TooLarge, UnsupportedMediaType

MAX_DEPTH = 32
SINGLE_VALUE_HEADERS = frozenset(
    {b"authorization", b"content-length", b"content-type", b"host", b"idempotency-key", b"x-internal-key"}
)
# RFC 9110, 5.6.6: a name and a token or quoted string; those that mean nothing here change nothing.
MEDIA_TYPE_PARAMETER_PATTERN = re.compile(
    r'\s*;\s*(?:([!#$%&\'*+.^_`|~\w-]+)=([!#$%&\'*+.^_`|~\w-]+|"(?:[^"\\]|\\.)*"))?\s*', re.ASCII
)
BOUNDARY_PATTERN = re.compile(r"[\w'()+,./:=?-]{1,70}", re.ASCII)
ESCAPED_NUL_PATTERN = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class ClientDisconnected(Exception):
    """The client left before it had said everything."""


def reject_duplicate_headers(headers: Mapping[bytes, bytes], raw: list[tuple[bytes, bytes]]) -> None:
    """Refuse a request that says twice what may decide only one way."""
    if len(headers) != len(raw):
        names = [name for name, _ in raw]
        if any(names.count(name) > 1 for name in SINGLE_VALUE_HEADERS):
            raise InvalidRequest(errors=[{"pointer": "/header", "rule": "once"}])


def accepted_media_type(headers: Mapping[bytes, bytes], allowed: frozenset[str]) -> str:
    """The body's media type, lower-cased and without parameters, if the operation reads it.

    Of the parameters two matter: a charset other than UTF-8 would mean other text, and a form needs its boundary.
    """
    said = headers.get(b"content-type")
    if said == b"application/json" and JSON in allowed:
        return JSON
    name, separator, rest = (said or b"").decode("latin-1").partition(";")
    name = name.strip().lower()
    parameters = _parameters(separator + rest)
    if name not in allowed or parameters is None or parameters.get("charset", "utf-8").lower() != "utf-8":
        raise UnsupportedMediaType
    if name == MULTIPART and not BOUNDARY_PATTERN.fullmatch(parameters.get("boundary", "")):
        raise UnsupportedMediaType
    return name


def _parameters(text: str) -> dict[str, str] | None:
    """The parameters of a media type by lower-case name; None if they are malformed or one is given twice."""
    parameters: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = MEDIA_TYPE_PARAMETER_PATTERN.match(text, at)
        if match is None or (match[1] or "").lower() in parameters:
            return None
        if match[1]:
            parameters[match[1].lower()] = re.sub(r"\\(.)", r"\1", match[2][1:-1]) if match[2][0] == '"' else match[2]
        at = match.end()
    return parameters


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """The whole body, refused as soon as it is known to be too large."""
    if (said := headers.get(b"content-length")) and (not said.isdigit() or len(said) > 15 or int(said) > limit):
        raise TooLarge
    message = await receive()
    raw: bytes = message.get("body", b"")
    while message.get("more_body") and len(raw) <= limit:
        message = await receive()
        raw += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise ClientDisconnected
    if len(raw) > limit:
        raise TooLarge
    return raw


def parse_strict_json(raw: bytes) -> Any:
    """The value, if it is JSON that can mean only one thing.

    orjson itself refuses bad UTF-8, a byte order mark, NaN, Infinity, 1e400 and lone surrogates, and makes a float
    of what does not fit 64 bits, which no integer schema takes. What it lets through is looked for here: depth,
    NUL, and repeated names (each loses a colon when the value is written again).
    """
    try:
        value = orjson.loads(raw)
        if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
            _not_deep(value)
        escaped = 92 in raw and b"\\u00" in raw  # only these can spell a NUL or a colon
        if escaped and b"\\u0000" in raw and ESCAPED_NUL_PATTERN.search(raw):
            raise ValueError("NUL")
        if escaped and b"\\u003" in raw:
            json.loads(raw, object_pairs_hook=_distinct)
        elif (again := orjson.dumps(value)) != raw and again.count(b":") != raw.count(b":"):
            raise ValueError("repeated name")
    except ValueError:
        raise InvalidRequest(errors=[{"pointer": "/body", "rule": "json"}]) from None
    return value


def _not_deep(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [x for v in level for x in (v.values() if type(v) is dict else v) if type(x) in (dict, list)]
        if not level:
            return
    raise ValueError("too deep")


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("repeated name")


def form_values(raw: bytes, properties: Mapping[str, Any]) -> dict[str, Any]:
    """A form (application/x-www-form-urlencoded) as the schemas of its fields read it: numbers, booleans and lists too.

    What is no number stays text, and what came twice is a list, so that the schema refuses it at its field.
    """
    values: dict[str, Any] = {}
    for name, text in parse_query(raw, "/body"):
        values.setdefault(name, []).append(_cast(text, properties.get(name, {})))
    several = {name for name, schema in properties.items() if schema.get("type") == "array"}
    return {name: all_ if name in several or len(all_) > 1 else all_[0] for name, all_ in values.items()}


def _cast(text: str, schema: Mapping[str, Any]) -> Any:
    try:
        return PARSERS_BY_TYPE[schema.get("items", schema).get("type", "string")](text)
    except (ValueError, KeyError):
        return text


def parse_query(raw: bytes, pointer: str = "/query") -> list[tuple[str, str]]:
    """The query's names and values; what is not UTF-8, or holds a NUL, is refused."""
    try:
        text = raw.decode("ascii")
        if "%" not in text and "+" not in text:
            return [(name, value) for name, _, value in (part.partition("=") for part in text.split("&") if part)]
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        raise InvalidRequest(errors=[{"pointer": pointer, "rule": "encoding"}]) from None
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise InvalidRequest(errors=[{"pointer": pointer, "rule": "encoding"}])
    return pairs
