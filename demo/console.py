"""Tell a person what happens, step by step, and how long each step took."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 78
BOLD, DIM, GREEN, RED, PLAIN = "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m"


class StepFailed(Exception):
    """A step of the flow did not do what it promises."""


class Console:
    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._colours = self._live and "NO_COLOR" not in os.environ
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")  # a terminal that knows no check mark

    def heading(self, title: str) -> None:
        print(f"\n{self._in(BOLD, title)}", flush=True)

    def line(self, text: str = "") -> None:
        print(f"  {text}".rstrip(), flush=True)

    def note(self, text: str) -> None:
        """Say something smaller about the step before."""
        print(self._in(DIM, f"      {text}"), flush=True)

    def quote(self, text: str) -> None:
        """Show a text as it is, set off from ours."""
        for line in text.rstrip().splitlines():
            print(f"  {self._in(DIM, '|')} {line}".rstrip(), flush=True)

    @contextmanager
    def step(self, what: str) -> Iterator[list[str]]:
        """Tell a step when it is done, with its time and the asides that were noted meanwhile.

        Raises:
            StepFailed: It failed; that was told, with the reason.
        """
        asides: list[str] = []
        if self._live:
            print(f"    {what} …", end="\r", flush=True)
        began = time.perf_counter()
        try:
            yield asides
        except Exception as trouble:
            self._step(self._in(RED, "✗"), what, time.perf_counter() - began)
            for line in f"{type(trouble).__name__}: {trouble}".splitlines():
                self.note(line)
            raise StepFailed(what) from trouble
        self._step(self._in(GREEN, "✓"), what, time.perf_counter() - began)
        for note in asides:
            self.note(note)

    def _step(self, mark: str, what: str, seconds: float) -> None:
        took = f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
        print(f"  {mark} {what.ljust(WIDTH - 14)} {self._in(DIM, took.rjust(8))}", flush=True)

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{PLAIN}" if self._colours else text
