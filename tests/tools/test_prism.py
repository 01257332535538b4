"""All features through Prism: what the gateway answers is what the contract of the whole shop says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.testing.eventually import eventually_sync
from chassis.testing.ports import free_port
from features.shop.running_shop import running_shop
from tooling.npm import NODE, ROOT, install_locked

PRISM = Path("node_modules", "@stoplight", "prism-cli", "dist", "index.js")
VIOLATION = re.compile(r"Violation: ((request|response)\S* .*)")


# Prism hands bodies on as text in UTF-8, which no photo is.
ALL_BUT_PHOTOS = "^(?!The photo of a camera is shown in its colours$)"


@pytest.fixture
def prism_manifest():
    """A shop with the short times that the features are made for."""
    with running_shop() as prism_manifest:
        yield prism_manifest


@pytest.fixture
def prism(whole_shop, prism_manifest, tmp_path):
    """Prism before the gateway: its address, and the file in which it says what it sees."""
    port = free_port()
    log, tool = tmp_path / "prism.log", install_locked(Path(__file__).parent / "prism") / PRISM
    words = ["proxy", whole_shop, prism_manifest["gateway"], "--port", str(port)]
    env = {**os.environ, "NO_COLOR": "1"}
    with log.open("w") as said, subprocess.Popen([NODE, tool, *words], env=env, stdout=said, stderr=said) as process:
        try:
            eventually_sync(lambda: "Prism is listening" in log.read_text("utf-8"), within=120)
            yield f"http://127.0.0.1:{port}", log
        finally:
            process.terminate()


@pytest.mark.deep
def test_all_features_run_through_prism_and_it_sees_no_answer_that_was_not_promised(
    prism, prism_manifest, tmp_path, record_result
):
    address, log = prism
    (tmp_path / "shop.json").write_text(json.dumps({**prism_manifest, "gateway": address}))
    words = [sys.executable, "-m", "behave", "--format", "progress3", "--no-skipped", "--name", ALL_BUT_PHOTOS]
    words += ["--exclude", "storefront"]  # whose forms are taken from the shop's own address alone

    env = {**os.environ, "SHOP_RUN_DIR": str(tmp_path)}
    ended = subprocess.run([*words, "features"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout[-5000:] + ended.stderr[-5000:]
    seen = log.read_text("utf-8")
    violations = VIOLATION.findall(seen)
    assert [said for said, of in violations if of == "response"] == []
    requests = seen.count("Request received")
    assert requests > 500
    record_result(
        "Prism", "openapi/shop.yaml", f"{requests} requests of the features", "no answer that breaks the contract"
    )
