"""Every contract against the running shop: what is made up from it is answered as it says, through both doors."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.contracts.openapi import Api
from generated.access import OPERATIONS

ROOT = Path(__file__).parents[2]
ST = Path(sys.executable).with_name("st")
PREFIXES = {api.name: api.prefix for api in Api.load_all(ROOT / "contracts") if api.operations}
EXAMPLES = {"gateway": 4, "service": 10}


def inside(service):
    """The operations that only other services may call, and for which the gateway has no route."""
    return [name for name, access in OPERATIONS[service].items() if access.internal and not access.roles]


@pytest.mark.parametrize("service", OPERATIONS)
@pytest.mark.parametrize("door", EXAMPLES)
async def test_a_service_is_as_its_contract_says(shop, ids, users, request, service, door):
    deep = request.config.getoption("--deep")
    base = shop.manifest["gateway"] if door == "gateway" else shop.manifest["services"][service]["url"]
    words = [ST, "run", f"contracts/{service}.yaml", "--url", f"{base}{PREFIXES[service]}", "--no-color"]
    words += ["--warnings", "off", "--max-examples", str(EXAMPLES[door] * (40 if deep else 1))]
    words += [] if deep else ["--generation-deterministic"]
    if door == "gateway":
        words += [word for name in inside(service) for word in ("--exclude-operation-id", name)]
    known = {"FUZZING_IDS": ids, "FUZZING_USERS": users, "FUZZING_DOOR": door, "PYTHONPATH": ROOT}

    tried = await asyncio.to_thread(
        subprocess.run, words, cwd=ROOT, env={**os.environ, **known}, capture_output=True, text=True, check=False
    )

    print(tried.stdout[-200_000:], tried.stderr[-2_000:])
    assert tried.returncode == 0
