"""How much memory and CPU a running shop takes: each of its processes with all that it started. Linux only."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.local.process_registry import read_stat

PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
ENDED = FileNotFoundError, ProcessLookupError


def process_trees(manifest: Mapping[str, Any]) -> dict[str, list[int]]:
    """The ids of each process of a shop and of its descendants; empty where the system does not say."""
    processes = {**manifest["services"], **manifest["infrastructure"], "supervisor": manifest["supervisor"]}
    roots = {name: process["pid"] for name, process in processes.items() if process["pid"] is not None}
    children = _children_by_parent()
    others = set(roots.values())  # all are the supervisor's children
    return {name: list(_descendants(root, children, others)) for name, root in roots.items() if children}


def memory_mib(manifest: Mapping[str, Any]) -> dict[str, float]:
    """The proportional share of memory of each process tree; of none where the system does not say."""
    shares: dict[str, float] = {}
    for name, pids in process_trees(manifest).items():
        known = [_share(pid) for pid in pids]
        if None not in known:
            shares[name] = sum(share for share in known if share) / 1024
    return shares


def cpu_seconds(pid: int) -> float:
    """What a process has used, and its children that have ended; 0 if it has ended itself."""
    try:
        fields = read_stat(pid)
    except ENDED:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _children_by_parent() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            children.setdefault(int(read_stat(folder.name)[1]), []).append(int(folder.name))
    return children


def _descendants(root: int, children: Mapping[int, list[int]], others: set[int]) -> Iterator[int]:
    yield root
    for child in children.get(root, []):
        if child not in others:
            yield from _descendants(child, children, others)


def _share(pid: int) -> int | None:
    """The kB of one process; 0 if it has ended, None if we may not know."""
    try:
        found = PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8"))
    except ENDED:
        return 0 if Path("/proc/self/smaps_rollup").exists() else None
    except OSError:
        return None
    return int(found[1]) if found else 0
