"""openapi-python-client on the contract of the whole shop: every operation, and the whole flow by what it made."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tooling.npm import ROOT

GENERATOR = Path(sys.executable).with_name("openapi-python-client")
FLOW = Path(__file__).parent / "python" / "flow.py"


@pytest.fixture(scope="module")
def made(whole_shop, tmp_path_factory):
    """A folder with the generated package `shop_client`."""
    home = tmp_path_factory.mktemp("python")
    (home / "config.yaml").write_text("post_hooks: []\n")  # its own is to format, with a ruff on the PATH
    words = ["--path", whole_shop, "--output-path", home / "shop_client", "--config", home / "config.yaml"]
    ended = subprocess.run([GENERATOR, "generate", *words, "--meta", "none", "--fail-on-warning"], capture_output=True,
                           text=True, check=False)  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return home


def python(made, *words, **environ):
    return subprocess.run([sys.executable, *words], env={**os.environ, **environ, "PYTHONPATH": f"{made}:{ROOT}"},
                          capture_output=True, text=True, check=False)  # fmt: skip


def test_every_public_operation_is_made_and_can_be_imported(made, public_operation_ids, record_result):
    modules = [path for path in made.glob("shop_client/api/*/*.py") if path.stem != "__init__"]

    ended = python(made, "-c", "\n".join(f"import shop_client.api.{path.parent.name}.{path.stem}" for path in modules))

    assert ended.returncode == 0, ended.stderr
    assert sorted(path.stem for path in modules) == sorted(public_operation_ids)
    record_result("openapi-python-client", "openapi/shop.yaml", len(modules), "made without a warning and imported")


async def test_the_whole_flow_runs_and_refusals_are_read_as_problems(
    made, shop, flow_credentials, verify_flow_outcome, record_result
):
    ended = await asyncio.to_thread(python, made, FLOW, shop.manifest["gateway"], **flow_credentials)

    assert ended.returncode == 0, ended.stderr
    await verify_flow_outcome(json.loads(ended.stdout))
    record_result(
        "openapi-python-client", "openapi/shop.yaml", "the whole flow", "run, each answer and refusal of its own type"
    )
