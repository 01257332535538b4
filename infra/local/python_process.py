"""Our own programs as processes of the stack."""

import sys
from collections.abc import Mapping, Sequence

from infra.local.process import Command, ProcessSpec, check_http
from infra.local.run_dir import ROOT, RunDir


def python_process(
    run_dir: RunDir,
    name: str,
    module: str,
    *arguments: str,
    kind: str,
    health_check: tuple[int, str] | None = None,
    after: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    info: Mapping[str, str] | None = None,
    preloads: bool = False,
) -> ProcessSpec:
    """Make a process of a module; without a port and path for a `health_check`, it runs once."""

    async def launch() -> Command:
        settings = {"PYTHONPATH": str(ROOT), "SHOP_RUN_DIR": str(run_dir.folder), **(env or {})}
        program = ["infra.local.preload", module] if preloads else [module]
        return Command([sys.executable, "-m", *program, *arguments], ROOT, settings)

    async def ready() -> None:
        if health_check:
            await check_http(*health_check)

    return ProcessSpec(name=name, kind=kind, launch=launch, ready=ready, once=health_check is None, after=after,
                       info=info or {}, preloads=preloads)  # fmt: skip
