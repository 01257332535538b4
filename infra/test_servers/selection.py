"""Which servers tests get. SHOP_STACK says so:

local (as without it)  programs on this machine, by infra/local
docker                 containers, by infra/test_servers/containers.py; an engine has to answer
auto                   containers where an engine answers, and otherwise programs on this machine
external               somebody's servers, whose addresses are in the environment (infra/test_servers/external.py)
"""

import os
from collections.abc import Callable
from pathlib import Path
from signal import Signals
from typing import Protocol

from infra.local.process import StackError
from infra.test_servers.local import ConnectionInfo, LocalServers

BACKENDS = ("local", "docker", "auto", "external")


class ServerBackend(Protocol):
    """Servers of the infrastructure, with the names and the connection info of `LocalServers`."""

    shared: bool  # others use them too: nobody kills or stops them

    def start(self, *names: str) -> ConnectionInfo: ...
    def kill(self, name: str, number: Signals = Signals.SIGKILL) -> None: ...
    def stop(self, name: str, number: Signals = Signals.SIGTERM) -> None: ...
    def resume(self, name: str) -> None: ...
    def close(self) -> None: ...


def select_backend(folder: Path, *, own: bool = False, say: Callable[[str], None] = print) -> ServerBackend:
    """Give what SHOP_STACK names; `own` insists on what a test may kill, which somebody's servers are not.

    Raises:
        StackError: It names nothing that there is.
    """
    stack = os.environ.get("SHOP_STACK") or "local"
    if stack not in BACKENDS:
        raise StackError(f"SHOP_STACK={stack} is none of {', '.join(BACKENDS)}.")
    # What each kind needs is imported where it is wanted: most tests want neither.
    if stack == "external" and not own:
        from infra.test_servers.external import ExternalServers  # noqa: PLC0415

        return ExternalServers(os.environ)
    if stack in ("docker", "auto"):
        from infra.test_servers import containers  # noqa: PLC0415

        reason = containers.engine_error()
        if reason is None:
            return containers.ContainerServers(folder)
        if stack == "docker":
            raise StackError(f"SHOP_STACK=docker: {reason}.")
        say(f"SHOP_STACK=auto: {reason}; the tests' servers run on this machine without one.")
    return LocalServers(folder, own=own)
