"""What a process of the stack is, how it is spawned, and how it is asked whether it is ready."""

import asyncio
import ctypes
import os
import shutil
import signal
import sysconfig
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

NEW_USER_NAMESPACE, PARENT_DEATH_SIGNAL = 0x10000000, 1
_libc = ctypes.CDLL(None, use_errno=True)  # bound before any fork: a child must not import or load anything


class StackError(Exception):
    """Something a person has to put right; the text is one clear sentence."""


@dataclass(frozen=True)
class Command:
    """A command line, where it runs and as whom."""

    argv: Sequence[str | Path]
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    account: tuple[int, int] | None = None  # the user and group to become; only root can
    as_nobody: bool = False  # root outside, nobody inside a user namespace of its own
    ended: Callable[[int], None] | None = None  # told the exit status


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """One process of the stack: `launch` prepares it and says how to start it, `ready` raises until it is.

    A process that runs `once` is ready when it has ended well, and is not started again.
    """

    name: str
    kind: str
    launch: Callable[[], Awaitable[Command]]
    ready: Callable[[], Awaitable[None]] | None = None
    once: bool = False
    after: Sequence[str] = ()
    preloads: bool = False  # is started before what it comes after is ready, then told by the end of its standard input
    stop: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL  # what the kernel sends it when the supervisor dies
    max_first_starts: int = 1  # how often it may die before it was ready for the first time
    start_timeout: float = 60.0
    stop_timeout: float = 9.0  # seconds it gets to end by itself
    leftover_files: Sequence[Path] = ()  # files outside the run folder that it leaves behind when it is killed
    info: Mapping[str, str] = field(default_factory=dict)  # what shop.json says about it besides


async def spawn(
    command: Command, log: Path, dying: signal.Signals = signal.SIGKILL, *, stdin: int = asyncio.subprocess.DEVNULL
) -> asyncio.subprocess.Process:
    """Start a process that leads its own group, writes to the log and cannot outlive this one."""
    parent = os.getpid()

    def in_child() -> None:
        if command.as_nobody:
            _become_nobody_inside()
        if hasattr(_libc, "prctl"):  # after the change of user, which clears it
            _libc.prctl(PARENT_DEATH_SIGNAL, int(dying))
            if os.getppid() != parent:
                os._exit(1)

    user, group = command.account or (None, None)
    with log.open("ab") as out:
        try:
            return await asyncio.create_subprocess_exec(
                *command.argv, cwd=command.folder, env={**os.environ, **_SANE, **command.env}, preexec_fn=in_child,
                stdin=stdin, stdout=out, stderr=out, start_new_session=True,
                user=user, group=group, extra_groups=None if user is None else [])  # fmt: skip
        except FileNotFoundError as missing:
            raise StackError(f"{command.argv[0]} is missing: remove .venv and run this again.") from missing


_SANE = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1"}  # Java needs a UTF-8 locale for paths


def _become_nobody_inside() -> None:
    if _libc.unshare(NEW_USER_NAMESPACE) != 0:
        os._exit(126)
    for file, text in ("setgroups", "deny"), ("gid_map", "65534 0 1"), ("uid_map", "65534 0 1"):
        descriptor = os.open(f"/proc/self/{file}", os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)


async def run_tool(command: Command, log: Path, what: str) -> None:
    """Run a tool to its end; when it fails, the error is its last line."""
    process = await spawn(command, log)
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        process.kill()
        raise
    if code != 0:
        raise StackError(f"{what} failed ({code}): {last_log_line(log)} (all of it: {log})")


def last_log_line(log: Path) -> str:
    """Return the last thing a log says."""
    lines = log.read_text("utf-8", "replace").strip().splitlines()[-40:] if log.exists() else []
    errors = [line for line in lines if any(word in line for word in ("FATAL", "ERROR", "Error", "error:", "xception"))]
    return (errors or lines or ["it wrote nothing"])[-1].strip()[:300]


def find_packaged(package: str, pattern: str) -> Path:
    """Find a file inside an installed package without importing it."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for found in sorted(Path(folder).glob(pattern)):
            return found
    raise StackError(f"the package {package} is not installed here: remove .venv and run this again.")


def find_script(name: str) -> Path:
    """Find a program that a package put beside this Python."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    if found is None:
        raise StackError(f"the program {name} is not installed here: remove .venv and run this again.")
    return Path(found)


async def exchange_bytes(port: int, request: bytes) -> bytes:
    """Send bytes to a port of this machine and return the beginning of the answer."""
    async with asyncio.timeout(1):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            return await reader.read(4096)
        finally:
            writer.close()


async def check_http(
    port: int, path: str, statuses: Container[int] = range(200, 300), method: str = "GET", body: str = ""
) -> None:
    """Raise unless an HTTP request is answered with one of these statuses."""
    head = f"{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    words = (await exchange_bytes(port, head.encode())).split(None, 2)
    if len(words) < 2 or int(words[1]) not in statuses:
        raise ConnectionError(f"{path} answered {words[:2]!r}")
