"""Visits every state of a model that can be reached, breadth first, and keeps the shortest path to each violation.

A model gives `steps(state)`, which yields (kind, event, next state):
    OWN    happens by itself in the end: a running process goes on, an event is received, the recovery runs
    FREE   may happen or not: somebody begins something, a clock runs out early
    CRASH  a process dies
A state is quiet when it has no OWN step; `at_rest` judges it then, `never` judges every state. A state that violates
something is not followed further. With `progress`, every state must reach a quiet one by OWN steps alone.
"""

from array import array
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple

OWN_STEP, FREE_STEP, CRASH = "own", "free", "crash"
Step = tuple[str, str, Any]
Judge = Callable[[Any], str | None]


class Result(NamedTuple):
    """What a search visited: each kind of violation with the shortest path to it."""

    states: int
    quiet: int
    violations: dict[str, list[str]]


def search(
    start: Hashable,
    steps: Callable[[Any], Iterable[Step]],
    never: Judge,
    at_rest: Judge,
    *,
    progress: bool = True,
    first_only: bool = False,
) -> Result:
    """Visit every state, or stop at the first violation."""
    number = {start: 0}
    parents: list[tuple[int, str]] = [(-1, "")]
    queue = deque([start])
    quiet, final = 0, array("I")
    predecessors: list[array[int]] = [array("I")]  # by state: those from which an OWN step leads to it
    violations: dict[str, list[str]] = {}
    while queue:
        state = queue.popleft()
        index = number[state]
        violation = never(state)
        following = [] if violation else list(steps(state))
        if not violation and not any(kind == OWN_STEP for kind, _, _ in following):
            quiet += 1
            violation = at_rest(state)
            final.append(index)
        if violation:
            final.append(index)
            violations.setdefault(violation, _path(index, parents))
            if first_only:
                return Result(len(parents), quiet, violations)
            continue
        for kind, event, successor in following:
            target = number.get(successor)
            if target is None:
                target = number[successor] = len(parents)
                parents.append((index, event))
                predecessors.append(array("I"))
                queue.append(successor)
            if progress and kind == OWN_STEP:
                predecessors[target].append(index)
    if progress and (stuck := _never_final(final, predecessors)) is not None:
        violations["can never come to rest"] = _path(stuck, parents)
    return Result(len(parents), quiet, violations)


def _never_final(final: Iterable[int], predecessors: "list[array[int]]") -> int | None:
    """A state from which OWN steps alone lead to no final one."""
    reached = bytearray(len(predecessors))
    queue = deque(final)
    for index in queue:
        reached[index] = 1
    while queue:
        for index in predecessors[queue.popleft()]:
            if not reached[index]:
                reached[index] = 1
                queue.append(index)
    stuck = reached.find(0)
    return None if stuck < 0 else stuck


def _path(index: int, parents: list[tuple[int, str]]) -> list[str]:
    path = []
    while parents[index][0] >= 0:
        index, event = parents[index]
        path.append(event)
    return path[::-1]
