"""openapi-typescript on the contract of the whole shop: every operation, and the whole flow, typed and by fetch."""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tooling.npm import NODE, install_locked

SOURCES = Path(__file__).parent / "typescript"


@pytest.fixture(scope="module")
def made(whole_shop, public_operation_ids, tmp_path_factory):
    """A folder with the flow, the types of the contract, and a list of what they have to hold."""
    home, tools = tmp_path_factory.mktemp("typescript"), install_locked(SOURCES) / "node_modules"
    (home / "node_modules").symlink_to(tools)
    for name in ("package.json", "tsconfig.json", "flow.ts"):
        shutil.copy(SOURCES / name, home)
    names = json.dumps(dict.fromkeys(sorted(public_operation_ids), True))
    (home / "promised.ts").write_text(
        'import type { operations } from "./shop.ts";\n'
        f"export const promised: Record<keyof operations, true> = {names};\n"
    )
    words = [whole_shop, "--output", "shop.ts", "--default-non-nullable", "false"]  # a default is for what is left out
    ended = node(home, tools / "openapi-typescript" / "bin" / "cli.js", *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return home


def node(home, *words, **environ):
    return subprocess.run([NODE, *words], cwd=home, env={**os.environ, **environ}, capture_output=True, text=True,
                          check=False)  # fmt: skip


def test_every_public_operation_is_made_and_the_flow_keeps_to_the_types(made, public_operation_ids, record_result):
    ended = node(made, "node_modules/typescript/bin/tsc", "--project", ".")

    assert ended.returncode == 0, ended.stdout
    record_result(
        "openapi-typescript", "openapi/shop.yaml", len(public_operation_ids), "made, and compiled strictly by tsc"
    )


async def test_the_whole_flow_runs_and_refusals_are_read_as_problems(
    made, shop, flow_credentials, verify_flow_outcome, record_result
):
    ended = await asyncio.to_thread(node, made, "flow.ts", shop.manifest["gateway"], **flow_credentials)

    assert ended.returncode == 0, ended.stderr
    await verify_flow_outcome(json.loads(ended.stdout))
    record_result("openapi-fetch", "openapi/shop.yaml", "the whole flow", "run; answers and refusals have their types")
