"""Spectral's own rules for OpenAPI and AsyncAPI, as .spectral.yaml has them, on everything that is published."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.tools.conftest import BUNDLES
from tooling.npm import NODE, ROOT, install_locked

SPECTRAL = Path("node_modules", "@stoplight", "spectral-cli", "dist", "index.js")


@pytest.mark.parametrize(
    "pattern", ["*/shop.yaml", pytest.param("*/*.yaml", marks=pytest.mark.deep)], ids=["the whole shop", "every bundle"]
)
def test_what_is_published_breaks_none_of_spectrals_rules(pattern, record_result):
    files = sorted(BUNDLES.glob(pattern))

    ended = lint(*files)

    assert ended.returncode == 0, ended.stdout
    assert (len(files) >= 2, json.loads(ended.stdout)) == (True, [])
    record_result("Spectral", pattern, f"{len(files)} documents", "no finding by spectral:oas and spectral:asyncapi")


def test_a_contract_that_breaks_one_is_told(tmp_path):
    whole = (BUNDLES / "openapi" / "notifications.yaml").read_text("utf-8")
    broken = tmp_path / "notifications.yaml"
    broken.write_text(whole.replace("operationId: get_notifications_info", "operationId: list_notifications"))

    ended = lint(broken)

    assert ended.returncode == 1
    assert {fault["code"] for fault in json.loads(ended.stdout)} == {"operation-operationId-unique"}


def lint(*files):
    words = ["lint", "--ruleset", ROOT / ".spectral.yaml", "--format", "json", "--quiet", "--fail-severity", "hint"]
    tool = install_locked(Path(__file__).parent / "spectral") / SPECTRAL
    return subprocess.run([NODE, tool, *words, *files], env={**os.environ, "NO_COLOR": "1"}, capture_output=True,
                          text=True, check=False)  # fmt: skip
