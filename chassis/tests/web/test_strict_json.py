"""parse_strict_json against a slow and exact reading of the same rules, on documents made at random."""

import json
import random

import pytest

from chassis.web.problems import InvalidRequest
from chassis.web.request_parsing import parse_strict_json

SCALARS = ["1", "-0", "1.50", "1e5", "true", "null", '""', '"a:b"', r'"\u003a"', r'"\u003A:"', r'"\\u003a"', r'"\n\""',
           r'"\u00e9"', r'"\u0000"', r'"\\u0000"', r'"\\\u0000"', '"{[:"', '"é"', r'"\/"']  # fmt: skip
NAMES = [
    '"a"',
    r'"\u0061"',
    '"b"',
    '"a:b"',
    r'"a\u003ab"',
    '"c"',
    '"d"',
    r'"\u003a"',
    '":"',
    r'"e\n"',
    '"f"',
    r'"\u0000"',
]


def document(chance, depth=0):
    kind = chance.random()
    if depth > 3 or kind < 0.4:
        return chance.choice(SCALARS)
    gap = chance.choice(["", " ", "\n"])
    parts = [document(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind < 0.75:
        return "{" + gap + ",".join(f"{chance.choice(NAMES)}{gap}:{gap}{part}" for part in parts) + gap + "}"
    return "[" + ",".join(parts) + "]"


def is_strict(raw):
    """By the letter: every name once, no NUL anywhere."""

    def once(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("repeated name")
        return dict(pairs)

    def nul(value):
        if isinstance(value, dict):
            return any(nul(name) or nul(one) for name, one in value.items())
        return any(map(nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value

    try:
        return not nul(json.loads(raw, object_pairs_hook=once))
    except ValueError:
        return False


@pytest.mark.parametrize("seed", range(4))
def test_random_documents_are_accepted_exactly_when_they_are_unambiguous(seed):
    chance, let_in = random.Random(seed), 0  # noqa: S311 (made up documents)

    for _ in range(5_000):
        raw = document(chance).encode()
        try:
            value = parse_strict_json(raw)
        except InvalidRequest:
            assert not is_strict(raw), raw
        else:
            assert is_strict(raw), raw
            assert value == json.loads(raw)
            let_in += 1

    assert 1_000 < let_in < 4_900
