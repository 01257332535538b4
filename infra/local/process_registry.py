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

STOP_TIMEOUT = 9.0  # seconds
HOLDS_CHANGED_SIGNAL = signal.SIGUSR1
ProcessRecord = dict[str, Any]


def lock_run_dir(folder: Path) -> IO[str] | None:
    """Take the run folder for this process, or return nothing when another has it."""
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def process_start_time(pid: int) -> str | None:
    """Say when a process was started, which tells it from a later one with the same number; None if it is gone."""
    if not Path("/proc/self/stat").exists():  # not Linux
        ps = ["ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(ps, capture_output=True, text=True, check=False).stdout or None
    try:
        fields = read_stat(pid)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def read_stat(pid: int | str) -> list[str]:
    """The fields of /proc/PID/stat from the third on: those after the name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()


def is_alive(record: Mapping[str, Any]) -> bool:
    """Say whether a recorded process is still that process."""
    return record["started"] is not None and process_start_time(record["pid"]) == record["started"]


@dataclass(frozen=True)
class RegisteredProcesses:
    """Who ran in a run folder and still does, which files they leave elsewhere, and which processes are held down."""

    running: Mapping[str, ProcessRecord] = field(default_factory=dict)
    leftover_files: Sequence[Path] = ()
    held: Sequence[str] = ()


def read_registry(folder: Path) -> RegisteredProcesses:
    """Read what the supervisor wrote down last."""
    try:
        known = json.loads((folder / "processes.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return RegisteredProcesses()
    leftover_files, held = [Path(path) for path in known.pop("leaves")], known.pop("held")
    return RegisteredProcesses(
        {name: record for name, record in known.items() if is_alive(record)}, leftover_files, held
    )


def kill_orphans(folder: Path) -> list[str]:
    """Kill what a supervisor that died left behind; only call this while holding its lock."""
    known = read_registry(folder)
    left = {name: record for name, record in known.running.items() if name != "supervisor"}
    for record in left.values():
        signal_group(record["pid"], signal.SIGKILL)
    until = time.monotonic() + 5
    while any(map(is_alive, left.values())) and time.monotonic() < until:
        time.sleep(0.02)
    for path in [*known.leftover_files, *(folder / name for name in ("shop.json", "servers.json", "processes.json"))]:
        path.unlink(missing_ok=True)
    return list(left)


def stop_supervisor(folder: Path, say: Callable[[str], None] | None = None) -> None:
    """Stop what runs in a run folder."""
    supervisor, tell = read_registry(folder).running.get("supervisor"), say or (lambda _: None)
    if supervisor is not None:
        os.kill(supervisor["pid"], signal.SIGTERM)
        os.kill(supervisor["pid"], signal.SIGCONT)
        until = time.monotonic() + STOP_TIMEOUT + 3
        while is_alive(supervisor) and time.monotonic() < until:
            time.sleep(0.05)
        if is_alive(supervisor):
            tell("the supervisor does not answer and is killed")
            os.kill(supervisor["pid"], signal.SIGKILL)
            time.sleep(0.2)
    run_dir_lock = lock_run_dir(folder) if folder.exists() else None
    left = []
    if run_dir_lock is not None:
        with run_dir_lock:
            left = kill_orphans(folder)
    tell("stopped" if supervisor else f"killed what was left: {', '.join(left)}" if left else "nothing runs there")


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal a process and all it started; nothing happens when it is gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
