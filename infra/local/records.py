"""Who runs in a run folder, as its supervisor wrote it down; and what another process may do about it."""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

STOP_WITHIN = 9.0  # seconds
HOLDS_CHANGED = signal.SIGUSR1
Record = dict[str, Any]


def lock(folder: Path) -> IO[str] | None:
    """Take the run folder for this process, or return nothing when another has it."""
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def started(pid: int) -> str | None:
    """Say when a process was started, which tells it from a later one with the same number; None if it is gone."""
    if not Path("/proc/self/stat").exists():  # not Linux
        ps = ["ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(ps, capture_output=True, text=True, check=False).stdout or None
    try:
        words = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if words[0] in "ZX" else words[19]


def alive(record: Mapping[str, Any]) -> bool:
    """Say whether a recorded process is still that process."""
    return record["started"] is not None and started(record["pid"]) == record["started"]


@dataclass(frozen=True)
class Recorded:
    """Who ran in a run folder and still does, which files they leave elsewhere, and which parts are held down."""

    running: Mapping[str, Record] = field(default_factory=dict)
    leaves: Sequence[Path] = ()
    held: Sequence[str] = ()


def recorded(folder: Path) -> Recorded:
    """Read what the supervisor wrote down last."""
    try:
        known = json.loads((folder / "processes.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return Recorded()
    leaves, held = [Path(path) for path in known.pop("leaves")], known.pop("held")
    return Recorded({name: record for name, record in known.items() if alive(record)}, leaves, held)


def sweep(folder: Path) -> list[str]:
    """Kill what a supervisor that died left behind; only call this while holding its lock."""
    known = recorded(folder)
    left = {name: record for name, record in known.running.items() if name != "supervisor"}
    for record in left.values():
        signal_group(record["pid"], signal.SIGKILL)
    until = time.monotonic() + 5
    while any(map(alive, left.values())) and time.monotonic() < until:
        time.sleep(0.02)
    for path in [*known.leaves, *(folder / name for name in ("shop.json", "backing.json", "processes.json"))]:
        path.unlink(missing_ok=True)
    return list(left)


def down(folder: Path, say: Callable[[str], None] | None = None) -> None:
    """Stop what runs in a run folder."""
    boss, tell = recorded(folder).running.get("supervisor"), say or (lambda _: None)
    if boss is not None:
        os.kill(boss["pid"], signal.SIGTERM)
        os.kill(boss["pid"], signal.SIGCONT)
        until = time.monotonic() + STOP_WITHIN + 3
        while alive(boss) and time.monotonic() < until:
            time.sleep(0.05)
        if alive(boss):
            tell("the supervisor does not answer and is killed")
            os.kill(boss["pid"], signal.SIGKILL)
            time.sleep(0.2)
    turn = lock(folder) if folder.exists() else None
    left = []
    if turn is not None:
        with turn:
            left = sweep(folder)
    tell("stopped" if boss else f"killed what was left: {', '.join(left)}" if left else "nothing runs there")


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal a process and all it started; nothing happens when it is gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
