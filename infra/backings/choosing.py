"""Which servers tests get. SHOP_STACK says so:

local (as without it)  programs on this machine, by infra/local
docker                 containers, by infra/backings/containers.py; an engine has to answer
auto                   containers where an engine answers, and otherwise programs on this machine
external               somebody's servers, whose addresses are in the environment (infra/backings/external.py)
"""

import os
from collections.abc import Callable
from pathlib import Path
from signal import Signals
from typing import Protocol

from infra.local.backing import Backing as Local
from infra.local.backing import Facts
from infra.local.part import Trouble

STACKS = ("local", "docker", "auto", "external")


class Backing(Protocol):
    """Parts of the infrastructure, under the names and with the facts of `infra.local.backing.Backing`."""

    shared: bool  # others use them too: nobody kills or stops them

    def start(self, *names: str) -> Facts: ...
    def kill(self, name: str, number: Signals = Signals.SIGKILL) -> None: ...
    def stop(self, name: str, number: Signals = Signals.SIGTERM) -> None: ...
    def resume(self, name: str) -> None: ...
    def close(self) -> None: ...


def chosen(folder: Path, *, own: bool = False, say: Callable[[str], None] = print) -> Backing:
    """Give what SHOP_STACK names; `own` insists on what a test may kill, which somebody's servers are not.

    Raises:
        Trouble: It names nothing that there is.
    """
    stack = os.environ.get("SHOP_STACK") or "local"
    if stack not in STACKS:
        raise Trouble(f"SHOP_STACK={stack} is none of {', '.join(STACKS)}.")
    # What each kind needs is imported where it is wanted: most tests want neither.
    if stack == "external" and not own:
        from infra.backings.external import External  # noqa: PLC0415

        return External(os.environ)
    if stack in ("docker", "auto"):
        from infra.backings import containers  # noqa: PLC0415

        reason = containers.why_not()
        if reason is None:
            return containers.Containers(folder)
        if stack == "docker":
            raise Trouble(f"SHOP_STACK=docker: {reason}.")
        say(f"SHOP_STACK=auto: {reason}; the tests' servers run on this machine without one.")
    return Local(folder, own=own)
