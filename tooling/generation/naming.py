"""Names of the contracts as they are in code."""

import re
from typing import Any


def to_pascal_case(words: str) -> str:
    return "".join(word.capitalize() for word in re.split(r"\W", words))


def to_snake_case(words: str) -> str:
    """`entry.made` and `Idempotency-Key` as Python names."""
    return re.sub(r"\W", "_", words).lower()


def problem_class_name(problem: dict[str, Any]) -> str:
    """The class a problem is in Python: `/problems/out-of-stock` is OutOfStock."""
    return to_pascal_case(problem["type"].rsplit("/", 1)[-1])
