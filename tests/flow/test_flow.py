"""The flow as contracts/flows describes it, run against the shop by what runs such descriptions."""

import json
from uuid import uuid4

import pytest

from infra.local import control
from tooling.compatibility.redocly import run_redocly
from tooling.npm import ROOT

FLOW = ROOT / "contracts" / "flows" / "checkout-to-dispatch.yaml"


@pytest.fixture
def flow_inputs(run_dir):
    """What the flow asks for: the admin and the operator of this shop, and a shopper and a product nobody has seen."""
    facts, mark = control.read_manifest(run_dir), uuid4().hex[:12]
    return {
        "admin_email": facts["admin"]["email"],
        "admin_password": facts["admin"]["password"],
        "operator_key": facts["internal_keys"]["operator"],
        "sku": f"LAMP-{mark}",
        "shopper_email": f"asha-{mark}@example.com",
        "shopper_password": "a long walk by the quay",
    }


@pytest.fixture
def flow(run_dir, flow_inputs, tmp_path):
    """Run the flow through the gateway; gives the exit code, what was said, and the report."""
    gateway, report = control.read_manifest(run_dir)["gateway"], tmp_path / "report.json"
    services = control.read_manifest(run_dir)["services"]

    def run(path=FLOW, **changed):
        given = [word for said in {**flow_inputs, **changed}.items() for word in ("--input", "=".join(said))]
        servers = [word for name in services for word in ("--server", f"{name}={gateway}/{name}")]
        limits = ["--execution-timeout", "120000", "--max-steps", "300"]
        ended = run_redocly("respect", path, "--workflow", "buy", *given, *servers, *limits, "--json-output", report)
        return ended.returncode, ended.stdout + ended.stderr, json.loads(report.read_text("utf-8"))

    return run


def flow_steps(report):
    """The steps that were taken, those of the workflow it depends on among them, and how they ended."""
    (file,) = report["files"].values()
    taken = [step for workflow in file["executedWorkflows"] for step in workflow["executedSteps"]]
    return {step["stepId"]: step["status"] for step in taken if "stepId" in step}


def test_the_flow_runs_as_it_is_described(flow):
    code, said, report = flow()

    assert code == 0, said
    assert set(flow_steps(report).values()) == {"success"}
    assert len(flow_steps(report)) >= 10


def test_a_flow_that_is_described_wrongly_does_not_run(flow, tmp_path):
    lie = tmp_path / "flow.yaml"
    told = FLOW.read_text("utf-8").replace("url: ../", f"url: {ROOT}/contracts/")
    lie.write_text(told.replace("available == 5", "available == 6"), "utf-8")

    code, said, _ = flow(lie)

    assert code == 1
    assert "deliver_lamps" in said
    assert "hand_over_to_the_carrier" not in said
