"""Cursors: what comes back is what went in, and nothing else is taken for one."""

import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

import pytest

from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.problems import InvalidRequest

LAMP = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001")
NOON = datetime(2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC)


def encode_raw_cursor(text: bytes) -> str:
    return urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "key",
    [(LAMP,), (NOON, LAMP), ("Lamps", LAMP), ("Löwenzahn 🌼", 7), (-(2**63), 2**63 - 1)],
    ids=["an id", "a time and an id", "a name and an id", "not ASCII", "the smallest and largest number"],
)
def test_a_cursor_decodes_to_its_key(key):
    cursor = encode_cursor(*key)

    assert decode_cursor(cursor, *map(type, key)) == key
    assert re.fullmatch("[A-Za-z0-9_-]{1,200}", cursor)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "-",
        "0" * 200,
        encode_raw_cursor(b"\xff\xfe"),
        encode_raw_cursor(b"{}"),
        encode_raw_cursor(b"[]"),
        encode_raw_cursor(b"[7]"),
        encode_raw_cursor(b'["lamp"]'),
        encode_cursor(NOON),
        encode_cursor(LAMP, LAMP),
        encode_raw_cursor(b'[ "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"]'),
        encode_raw_cursor(b'["0198C3C5-0A4E-7C6E-9D26-3F1F4BE2B001"]'),
        encode_cursor(LAMP) + "==",
        encode_cursor(LAMP)[:-1] + chr(ord(encode_cursor(LAMP)[-1]) + 1),
    ],
    ids=[
        "one character",
        "a dash",
        "zeros",
        "not UTF-8",
        "an object",
        "no values",
        "a number",
        "not an id",
        "a time",
        "two ids",
        "a space more",
        "in capitals",
        "with padding",
        "a bit more in the last character",
    ],
)
def test_an_undecodable_cursor_is_an_invalid_request(cursor):
    with pytest.raises(InvalidRequest) as refused:
        decode_cursor(cursor, UUID)

    assert refused.value.errors == [{"pointer": "/query/cursor", "rule": "cursor"}]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b'["a\\u0000b"]', str),
        (b'["\\ud800"]', str),
        (b"[9223372036854775808]", int),
        (b"[1e300]", int),
        (b'["2026-01-05T12:00:00"]', datetime),
    ],
    ids=["a NUL", "half a character", "over 64 bits", "a float", "a time without a zone"],
)
def test_a_cursor_with_values_that_no_database_takes_is_an_invalid_request(text, kind):
    with pytest.raises(InvalidRequest):
        decode_cursor(encode_raw_cursor(text), kind)
