"""What tests and scripts do to a running stack: look at its parts, kill them, hold them down, let them go."""

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

from infra.local.part import Trouble
from infra.local.place import ROOT
from infra.local.records import HOLDS_CHANGED, down, recorded

_started: dict[Path, subprocess.Popen[str]] = {}


def start(run_dir: Path, *options: str, within: float = 240.0) -> dict[str, Any]:
    """Start a shop on free ports that ends with this process at the latest, and return its shop.json when it is ready.

    The options are those of scripts/up.py, such as `"--set", "PAYMENT_DEADLINE_SECONDS=3"`.

    Raises:
        Trouble: It cannot start; nothing of it runs any more.
    """
    run_dir = run_dir.absolute()
    words = [sys.executable, "-m", "infra.local.stack", "--ports", "free", "--run-dir", str(run_dir), "--background"]
    boss = subprocess.Popen([*words, "--until-input-ends", *options], cwd=ROOT, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            start_new_session=True)  # fmt: skip
    _started[run_dir] = boss
    late = threading.Timer(within, boss.terminate)
    late.start()
    said = boss.stdout.read() if boss.stdout else ""  # to its end, which is when the shop is ready, or is not
    late.cancel()
    if boss.poll() is not None or not (run_dir / "shop.json").exists():
        stop(run_dir)
        raise Trouble((said.strip().splitlines() or ["the shop said nothing and ended."])[-1])
    return shop(run_dir)


def stop(run_dir: Path) -> None:
    """Stop the shop in a run folder, whoever started it."""
    run_dir = run_dir.absolute()
    down(run_dir)
    boss = _started.pop(run_dir, None)
    if boss is not None:
        boss.communicate()


def kill(run_dir: Path, part: str, number: signal.Signals = signal.SIGKILL) -> int:
    """Signal one process of a part and return its number; the supervisor starts the part again once it is dead."""
    pid = int(_running(run_dir, part)["pid"])
    os.kill(pid, number)
    return pid


def hold(run_dir: Path, part: str, number: signal.Signals = signal.SIGTERM, within: float = 15.0) -> None:
    """End a part, politely or by another signal, and keep it down until it is released; return when it is down."""
    _running(run_dir, "supervisor")
    (run_dir / "held" / part).write_text(number.name)
    _tell(run_dir)
    _until(lambda: part in recorded(run_dir).held, within, f"{part} does not end")


def release(run_dir: Path, part: str, within: float = 60.0) -> None:
    """Let a held part come back; return when it is ready again (at once with `within=0`)."""
    (run_dir / "held" / part).unlink(missing_ok=True)
    _tell(run_dir)
    if within:
        wait_ready(run_dir, part, within)


def wait_ready(run_dir: Path, part: str, within: float = 60.0, other_than: int | None = None) -> int:
    """Wait until a part is ready, in another process than the given one, and return its process."""

    def is_ready() -> bool:
        record = recorded(run_dir).running.get(part, {})
        return bool(record.get("ready")) and record["pid"] != other_than

    _until(is_ready, within, f"{part} is not ready")
    return int(_running(run_dir, part)["pid"])


def restart(run_dir: Path, part: str, number: signal.Signals = signal.SIGKILL, within: float = 60.0) -> int:
    """Kill a part and wait until the supervisor has it ready again."""
    return wait_ready(run_dir, part, within, other_than=kill(run_dir, part, number))


def shop(run_dir: Path) -> dict[str, Any]:
    """Read shop.json: where everything is."""
    try:
        return dict(json.loads((run_dir / "shop.json").read_text("utf-8")))
    except FileNotFoundError:
        raise Trouble(f"no shop is ready in {run_dir}.") from None


def _running(run_dir: Path, part: str) -> dict[str, Any]:
    known = recorded(run_dir).running
    if part not in known:
        raise Trouble(f"{part} does not run in {run_dir}; these do: {', '.join(known) or 'none'}.")
    return known[part]


def _tell(run_dir: Path) -> None:
    with suppress(ProcessLookupError):
        os.kill(_running(run_dir, "supervisor")["pid"], HOLDS_CHANGED)


def _until(true: Callable[[], bool], within: float, otherwise: str) -> None:
    until = time.monotonic() + within
    while not true():
        if time.monotonic() > until:
            raise Trouble(f"{otherwise} in {within:.0f} s.")
        time.sleep(0.02)
