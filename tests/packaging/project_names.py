"""Finds the names of this project in code that is to serve another one."""

import re
from collections.abc import Iterable
from pathlib import Path

from generated.services import SERVICES

# Two services' names are also English, or SQL: they name a service where they are quoted, or part of a path.
ENGLISH_WORDS = {"order", "notifications"}
SERVICE_NAMES = [rf"""["'`/.]{name}["'`/.]""" if name in ENGLISH_WORDS else name for name in SERVICES]


def names_pattern(names: Iterable[str]) -> str:
    """These names and the services', whatever their case, where they are words of their own."""
    return rf"(?i:(?<![a-z])({'|'.join([*names, *SERVICE_NAMES])})(?![a-z]))"


def find_lines(pattern: re.Pattern[str], path: Path) -> dict[int, str]:
    lines = path.read_text("utf-8").splitlines()
    return {number: line for number, line in enumerate(lines, 1) if pattern.search(line)}
