"""How much memory a running shop takes: the proportional share of every process and all that it started."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def memory_of(where: Mapping[str, Any]) -> dict[str, float]:
    """Tell the MiB of each part of a shop; of none where the system does not say (it is Linux that does)."""
    parts = {**where["services"], **where["infrastructure"], "supervisor": where["supervisor"]}
    roots = {name: part["pid"] for name, part in parts.items() if part["pid"] is not None}
    children = children_by_parent()
    shares: dict[str, float] = {}
    for name, root in roots.items():
        others = set(roots.values()) - {root}  # all parts are the supervisor's children
        known = [_share(pid) for pid in process_tree(root, children, others)]
        if known and None not in known:
            shares[name] = sum(share for share in known if share) / 1024
    return shares


def children_by_parent() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    return children


def process_tree(root: int, children: Mapping[int, list[int]], others: set[int]) -> Iterator[int]:
    yield root
    for child in children.get(root, []):
        if child not in others:
            yield from process_tree(child, children, others)


def _share(pid: int) -> int | None:
    """The kB of one process; 0 if it has ended, None if we may not know."""
    try:
        found = PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8"))
    except (FileNotFoundError, ProcessLookupError):
        return 0 if Path("/proc/self/smaps_rollup").exists() else None
    except OSError:
        return None
    return int(found[1]) if found else 0
