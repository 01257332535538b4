"""What was seen of the contracts, counted; each process leaves its counts in the folder that SHOP_REPORTS names."""

import atexit
import json
import os
import secrets
from collections import Counter
from pathlib import Path


class CoverageViolation(Exception):
    """An exchange or an event is not as its contract says."""


class CoverageLog:
    """The counts of this process: answers and events by what they were and who saw them, and whatever was wrong."""

    def __init__(self) -> None:
        self.answers = Counter[tuple[str, str, str, str, str, str]]()
        self.events = Counter[tuple[str, str, str]]()
        self.breaches: list[str] = []

    def answer(self, service: str, operation: str, status: int, kind: str, *, problem: str = "", by: str) -> None:
        """Count an answer with that status, media type and, if it is one, type of problem."""
        self.answers[service, operation, str(status), kind, problem, by] += 1

    def event(self, message: str, direction: str, by: str) -> None:
        """Count an event that was `sent` or `received by` a service."""
        self.events[message, direction, by] += 1

    def violation(self, message: str) -> None:
        """Keep what is wrong, for whoever catches the exception.

        Raises:
            CoverageViolation: Always.
        """
        self.breaches.append(message)
        raise CoverageViolation(message)

    def keep(self) -> None:
        """Write everything down, if somebody wants to have it."""
        folder = os.environ.get("SHOP_REPORTS")
        if folder and (self.answers or self.events or self.breaches):
            seen = Path(folder) / "seen"
            seen.mkdir(parents=True, exist_ok=True)
            counts = {
                "answers": [[*key, times] for key, times in sorted(self.answers.items())],
                "events": [[*key, times] for key, times in sorted(self.events.items())],
                "breaches": self.breaches,
            }
            (seen / f"{os.getpid()}-{secrets.token_hex(4)}.json").write_text(json.dumps(counts, indent=1), "utf-8")


COVERAGE_LOG = CoverageLog()
atexit.register(COVERAGE_LOG.keep)
