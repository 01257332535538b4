"""Our own programs as parts of the stack."""

import sys
from collections.abc import Mapping, Sequence

from infra.local.part import Command, Part, expect
from infra.local.place import ROOT, Place


def program(
    place: Place,
    name: str,
    module: str,
    *arguments: str,
    kind: str,
    answers: tuple[int, str] | None = None,
    after: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    facts: Mapping[str, str] | None = None,
) -> Part:
    """Make a part of a module; without a port and path where it answers, it runs once."""

    async def launch() -> Command:
        settings = {"PYTHONPATH": str(ROOT), "SHOP_RUN_DIR": str(place.folder), **(env or {})}
        return Command([sys.executable, "-m", module, *arguments], ROOT, settings)

    async def ready() -> None:
        if answers:
            await expect(*answers)

    return Part(name=name, kind=kind, launch=launch, ready=ready, once=answers is None, after=after,
                facts=facts or {})  # fmt: skip
