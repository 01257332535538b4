"""What tests and scripts do to a running stack: look at its processes, kill them, hold them down, let them go."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.local.process import StackError
from infra.local.process_registry import HOLDS_CHANGED_SIGNAL, read_registry, stop_supervisor
from infra.local.run_dir import ROOT

_started: dict[Path, subprocess.Popen[str]] = {}


def start(run_dir: Path, *options: str, within: float = 240.0) -> dict[str, Any]:
    """Start a shop on free ports that ends with this process at the latest, and return its shop.json when it is ready.

    Its data are nobody's to keep, so that its database does not wait for the disk. The options are those of
    scripts/up.py, such as `"--set", "PAYMENT_DEADLINE_SECONDS=3"`.

    Raises:
        StackError: It cannot start; nothing of it runs any more.
    """
    run_dir = run_dir.absolute()
    words = [sys.executable, "-m", "infra.local.stack", "--ports", "free", "--run-dir", str(run_dir), "--background"]
    words += ["--until-input-ends", "--no-fsync"]
    supervisor = subprocess.Popen([*words, *options], cwd=ROOT, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  start_new_session=True)  # fmt: skip
    _started[run_dir] = supervisor
    late = threading.Timer(within, supervisor.terminate)
    late.start()
    # to its end, which is when the shop is ready, or is not
    output = supervisor.stdout.read() if supervisor.stdout else ""
    late.cancel()
    if supervisor.poll() is not None or not (run_dir / "shop.json").exists():
        stop(run_dir)
        raise StackError((output.strip().splitlines() or ["the shop said nothing and ended."])[-1])
    return read_manifest(run_dir)


def stop(run_dir: Path) -> None:
    """Stop the shop in a run folder, whoever started it."""
    run_dir = run_dir.absolute()
    stop_supervisor(run_dir)
    supervisor = _started.pop(run_dir, None)
    if supervisor is not None:
        supervisor.communicate()


def kill(run_dir: Path, name: str, number: signal.Signals = signal.SIGKILL) -> int:
    """Signal a supervised process and return its number; the supervisor starts the process again once it is dead."""
    pid = int(_running(run_dir, name)["pid"])
    os.kill(pid, number)
    return pid


def keep_down(run_dir: Path, name: str, number: signal.Signals = signal.SIGTERM, within: float = 15.0) -> None:
    """End a process, politely or by another signal, and keep it down until it is released; return when it is down."""
    _running(run_dir, "supervisor")
    (run_dir / "held" / name).write_text(number.name)
    _signal_supervisor(run_dir)
    _wait_until(lambda: name in read_registry(run_dir).held, within, f"{name} does not end")


def release(run_dir: Path, name: str, within: float = 60.0) -> None:
    """Let a held process come back; return when it is ready again (at once with `within=0`)."""
    (run_dir / "held" / name).unlink(missing_ok=True)
    _signal_supervisor(run_dir)
    if within:
        wait_ready(run_dir, name, within)


def wait_ready(run_dir: Path, name: str, within: float = 60.0, other_than: int | None = None) -> int:
    """Wait until a process is ready, in another process than the given one, and return its process."""

    def is_ready() -> bool:
        record = read_registry(run_dir).running.get(name, {})
        return bool(record.get("ready")) and record["pid"] != other_than

    _wait_until(is_ready, within, f"{name} is not ready")
    return int(_running(run_dir, name)["pid"])


def restart(run_dir: Path, name: str, number: signal.Signals = signal.SIGKILL, within: float = 60.0) -> int:
    """Kill a process and wait until the supervisor has it ready again."""
    return wait_ready(run_dir, name, within, other_than=kill(run_dir, name, number))


def read_manifest(run_dir: Path) -> dict[str, Any]:
    """Read shop.json: where everything is."""
    try:
        return dict(json.loads((run_dir / "shop.json").read_text("utf-8")))
    except FileNotFoundError:
        raise StackError(f"no shop is ready in {run_dir}.") from None


def _running(run_dir: Path, name: str) -> dict[str, Any]:
    known = read_registry(run_dir).running
    if name not in known:
        raise StackError(f"{name} does not run in {run_dir}; these do: {', '.join(known) or 'none'}.")
    return known[name]


def _signal_supervisor(run_dir: Path) -> None:
    with suppress(ProcessLookupError):
        os.kill(_running(run_dir, "supervisor")["pid"], HOLDS_CHANGED_SIGNAL)


def _wait_until(condition: Callable[[], bool], within: float, message: str) -> None:
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            raise StackError(f"{message} in {within:.0f} s.")
        time.sleep(0.02)
