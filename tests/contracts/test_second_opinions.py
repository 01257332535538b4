"""Other tools that compare contracts see the same in every edit, or it is known why they do not."""

import json
import os
import shutil
import subprocess

import pytest
import yaml

from chassis.contracts.references import Document
from tests.contracts.compatibility.edits import EDITS, HERE, apply_edit
from tooling.npm import NODE, NpmInstallError, cache_folder, install_locked

OASDIFF = "v1.37.0"
OPINIONS = yaml.load((HERE / "opinions.yaml").read_bytes(), yaml.CSafeLoader)
# They know no source-breaking: the wire is all they look at.
WIRE_IMPACTS = {"source-breaking": {"unseen", "compatible"}}


@pytest.fixture(scope="module")
def run_oasdiff():
    folder = cache_folder() / f"oasdiff-{OASDIFF}"
    if not folder.exists():
        go = shutil.which("go")
        if go is None:
            pytest.skip("oasdiff is built by Go, which is not installed")
        environment = {**os.environ, "GOBIN": str(folder)}
        command = [go, "install", f"github.com/oasdiff/oasdiff@{OASDIFF}"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if ended.returncode:
            pytest.skip(f"oasdiff cannot be had: {ended.stderr.strip()[-200:]}")
    return folder / "oasdiff"


@pytest.fixture(scope="module")
def run_asyncapi_diff():
    try:
        return install_locked(HERE)
    except NpmInstallError as fault:
        pytest.skip(f"@asyncapi/diff cannot be had: {fault}")


def expected_opinion(tool, row):
    """What a tool says of an edit, as far as it has an opinion."""
    for opinion in OPINIONS[tool]:
        if row["edit"] in opinion["edits"]:
            return {opinion["says"]}
    return WIRE_IMPACTS.get(row["verdict"], {row["verdict"]})


def known_disagreements(tool, kind, said):
    return [
        f"{row['edit']}: {one}"
        for row, one in zip(EDITS[kind], said, strict=True)
        if one and one not in expected_opinion(tool, row)
    ]


@pytest.mark.deep
def test_oasdiff_agrees_or_it_is_known_why_not(run_oasdiff, tmp_path):
    said = []
    for row in EDITS["openapi"]:
        new = tmp_path / "new.yaml"
        new.write_text(json.dumps(apply_edit("openapi", row)), "utf-8")
        command = [run_oasdiff, "changelog", HERE / "openapi.yaml", new, "--format", "json", "--flatten-params"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        level = max((change["level"] for change in json.loads(ended.stdout or "[]")), default=0)
        said.append(("unseen", "compatible", "breaking", "breaking")[level])

    assert known_disagreements("oasdiff", "openapi", said) == []


@pytest.mark.deep
def test_asyncapi_diff_agrees_or_it_is_known_why_not(run_asyncapi_diff, tmp_path):
    old, pairs = Document(HERE / "asyncapi.yaml").inlined, []
    for index, row in enumerate(EDITS["asyncapi"]):
        new = tmp_path / f"{index}.yaml"
        new.write_text(json.dumps(apply_edit("asyncapi", row)), "utf-8")
        pairs.append([old, Document(new).inlined])
    environment = {**os.environ, "NODE_PATH": str(run_asyncapi_diff / "node_modules")}
    command = [NODE, HERE / "differences.js"]
    ended = subprocess.run(
        command, input=json.dumps(pairs), env=environment, capture_output=True, text=True, check=True
    )
    kinds = [set(those) for those in json.loads(ended.stdout)]
    said = [
        "breaking" if "breaking" in those else "compatible" if those == {"non-breaking"} else "" if those else "unseen"
        for those in kinds
    ]

    assert known_disagreements("asyncapi-diff", "asyncapi", said) == []


def test_every_disagreement_is_about_an_edit_that_there_is():
    edits = {row["edit"] for rows in EDITS.values() for row in rows}

    assert {edit for opinions in OPINIONS.values() for one in opinions for edit in one["edits"]} <= edits
