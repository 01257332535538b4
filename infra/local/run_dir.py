"""Where a stack lives: its run folder with logs, ports and secrets, and the cache that all run folders share."""

import json
import os
import random
import secrets
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.process import StackError

ROOT = Path(__file__).parents[2]
MIN_FREE_BYTES = 400_000_000  # bytes a run folder needs


class RunDir:
    """One run folder."""

    def __init__(self, folder: Path, *, free: bool) -> None:
        """Open the folder for a stack on free ports or on the usual ones; logs of the last time are put aside."""
        self.folder = folder.absolute()
        self.logs = self.folder / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        for old in self.logs.glob("*.log"):
            old.replace(old.with_suffix(".log.1"))
        if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
            raise StackError(f"the disk of {folder} has less than {MIN_FREE_BYTES // 1_000_000} MB free.")
        self.cache = Path(os.environ.get("SHOP_CACHE") or ROOT / ".cache").absolute()
        self._known_ports = self.folder / "ports.json"
        self.ports = Ports(free=free, remembered=_read(self._known_ports))

    def log(self, name: str) -> Path:
        """Say where a process writes."""
        return self.logs / f"{name}.log"

    def remember_ports(self) -> None:
        """Write down which ports were given, so that the next start here gives the same."""
        write_atomically(self._known_ports, {**_read(self._known_ports), **self.ports.given})

    def secret(self, name: str) -> str:
        """Return the secret of that name in this run folder, made at random when it is first asked for."""
        file = self.folder / "secrets.json"
        known = _read(file)
        if name not in known:
            write_atomically(file, known | {name: secrets.token_urlsafe(32)})
        return str(_read(file)[name])


class Ports:
    """Ports nobody else has. A claim is a UDP socket on the same number: it keeps other stacks off, leaves the
    TCP port to the process, needs no file, and ends with this process however that ends."""

    def __init__(self, *, free: bool, remembered: Mapping[str, int]) -> None:
        self._free = free
        self._remembered = remembered
        self._claims: list[socket.socket] = []
        self.given: dict[str, int] = {}

    def claim(self, what: str, usual: int | None = None, twin: int = 0) -> int:
        """Give a port (and its twin so far above): the usual one, or else last time's or any free one.

        A repeat gives the same.
        """
        if what in self.given:
            return self.given[what]
        if usual is not None and not self._free:
            if not self._take(usual):
                raise StackError(f"port {usual} ({what}) is in use: stop what has it, or use --ports free.")
            return self.given.setdefault(what, usual)
        # below the ephemeral range, where an outgoing connection could take the port before its process does
        for port in [self._remembered.get(what, 0), *random.sample(range(20000, 32000 - twin), 1000)]:
            if port and self._take(port) and (not twin or self._take(port + twin)):
                return self.given.setdefault(what, port)
        raise StackError("no free port was found between 20000 and 32000.")

    def _take(self, port: int) -> bool:
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                claim.bind(("127.0.0.1", port))
                probe.bind(("127.0.0.1", port))
            except OSError:
                claim.close()
                return False
        self._claims.append(claim)
        return True


def write_atomically(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file that readers see whole or not at all, and nobody else can read."""
    new = path.with_name(f".{path.name}.new")
    new.touch(0o600)
    new.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
    new.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (FileNotFoundError, ValueError):
        return {}
