"""What the services take while nobody shops: memory, CPU to become ready, CPU at rest, and memory after many journeys.

    python -m benchmarks.footprint [--seconds 30] [--journeys 0] [--clients 8]

Memory is the proportional share (PSS) of each service with all that it started, in MiB; what begins a service is CPU in
seconds; rest is in hundredths of a core. The CPU belongs to the machine, and to whatever else runs on it; memory does
not.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.journeys import Shop
from infra.local import control
from infra.local.resource_usage import cpu_seconds, memory_mib, process_trees

WARM_UP = 10  # journeys, in which everything that is loaded or prepared by its first use is


def service_cpu_seconds(manifest: Mapping[str, Any]) -> dict[str, float]:
    """What each service has used since it was started."""
    trees = process_trees(manifest)
    return {name: sum(map(cpu_seconds, trees[name])) for name in manifest["services"]}


async def measure(manifest: Mapping[str, Any], seconds: float, clients: int, journeys: int) -> dict[str, list[float]]:
    """The columns of the table by their titles, a number for each service."""
    services = list(manifest["services"])

    def memory() -> list[float]:
        taken = memory_mib(manifest)
        return [taken.get(name, 0.0) for name in services]

    columns = {"CPU s to ready": list(service_cpu_seconds(manifest).values()), "MiB at first": memory()}
    async with Shop(manifest, set(services)) as shop:
        await shop.open(clients)
        await shop.measure(WARM_UP)
        await asyncio.sleep(5)  # until what the last journeys began has come to its end
        before, begun = service_cpu_seconds(manifest), time.monotonic()
        await asyncio.sleep(seconds)
        spent, lasted = service_cpu_seconds(manifest), time.monotonic() - begun
        columns["% of a core"] = [(spent[name] - before[name]) / lasted * 100 for name in services]
        columns[f"MiB after {WARM_UP}"] = memory()
        if journeys:
            await shop.measure(journeys)
            columns[f"MiB after {journeys}"] = memory()
    return columns


def main() -> None:
    parser = argparse.ArgumentParser(description="What the services take while nobody shops.")
    parser.add_argument("--seconds", type=float, default=30, help="of rest")
    parser.add_argument("--journeys", type=int, default=0, help="after which their memory is measured once more")
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="footprint-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user may have to pass through it
        run_dir = Path(folder, "run")
        try:
            manifest = control.start(run_dir)
            columns = asyncio.run(measure(manifest, given.seconds, given.clients, given.journeys))
        finally:
            control.stop(run_dir)
    sys.stdout.write(f"{'':16}{''.join(f'{title:>18}' for title in columns)}\n")
    rows = {name: [numbers[at] for numbers in columns.values()] for at, name in enumerate(manifest["services"])}
    for name, row in {**rows, "all": [sum(numbers) for numbers in columns.values()]}.items():
        sys.stdout.write(f"{name:16}{''.join(f'{number:18.2f}' for number in row)}\n")


if __name__ == "__main__":
    main()
