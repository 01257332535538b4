"""What changes in Kubernetes with the contracts and the settings, and what is refused."""

import shutil

import pytest
import yaml

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api
from tests.packaging.kubernetes.cluster import ROOT
from tooling.generation.kubernetes import render_manifests

SECRET = "    internal_key: Secret\n"


@pytest.fixture
def shop(tmp_path):
    """A copy of what is generated from."""
    for folder in ("contracts", "asyncapi"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("pacts", "released", "flows"))
    for settings in (ROOT / "chassis/runtime/settings.py", *ROOT.glob("services/**/settings.py")):
        copy = tmp_path / settings.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(settings, copy)
    return tmp_path


def write_document(shop, file, old, new):
    text = (shop / file).read_text("utf-8")
    assert old in text
    (shop / file).write_text(text.replace(old, new), "utf-8")


def render_folder(shop):
    return render_manifests(Api.load_all(shop / "contracts"), EventApi.load_all(shop / "asyncapi"), shop)


def pod(text):
    (deployment,) = (one for one in yaml.safe_load_all(text) if one["kind"] == "Deployment")
    return deployment["spec"]["template"]["spec"]


def test_an_operation_for_another_service_opens_the_way_for_that_one(shop):
    write_document(
        shop, "contracts/cart.yaml", "x-access: {internal: [order]}", "x-access: {internal: [order, payment]}"
    )
    write_document(
        shop, "services/payment/settings.py", "    order_url: str\n", "    order_url: str\n    cart_url: str\n"
    )

    policies = {
        one["metadata"]["name"]: one["spec"]
        for one in yaml.safe_load_all(render_folder(shop)["kubernetes/network-policies.yaml"])
    }

    callers = [
        one["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for one in policies["to-cart"]["ingress"][0]["from"]
    ]
    assert callers == ["gateway", "order", "payment", "storefront"]
    assert any(
        one["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "cart"
        for one in policies["from-payment"]["egress"][0]["to"]
    )


def test_a_new_secret_is_a_file_and_a_new_number_may_be_set(shop):
    write_document(
        shop, "services/order/settings.py", SECRET, f"{SECRET}    pepper: Secret\n    shelf_seconds: float = 7\n"
    )

    files = render_folder(shop)

    env = {one["name"]: one.get("value") for one in pod(files["kubernetes/order.yaml"])["containers"][0]["env"]}
    assert env["PEPPER_FILE"] == "/run/secrets/pepper"
    assert "SHELF_SECONDS" not in env
    assert "- SHELF_SECONDS=7\n" in files["kubernetes/kustomization.yaml"]


def test_what_is_not_shown_is_as_secret_as_a_secret(shop):
    env = {one["name"] for one in pod(render_folder(shop)["kubernetes/cart.yaml"])["containers"][0]["env"]}

    assert "REDIS_URL_FILE" in env
    assert "REDIS_URL" not in env


def test_a_contract_may_come_before_its_service(shop):
    shutil.rmtree(shop / "services" / "shipping")

    files = render_folder(shop)

    assert "kubernetes/shipping.yaml" not in files
    assert "shipping.yaml" not in files["kubernetes/kustomization.yaml"]
    assert "name: to-shipping" in files["kubernetes/network-policies.yaml"]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        pytest.param(
            "services/order/settings.py", "    payment_url: str\n", "",
            "payment: void_payment is for order, which has no PAYMENT_URL", id="a caller without the address",
        ),
        pytest.param(
            "services/shipping/settings.py", "settings.EventSettings", "settings.Settings",
            "asyncapi/shipping.yaml and the settings of shipping disagree about KAFKA", id="events without Kafka",
        ),
        pytest.param(
            "services/auth/settings.py", "settings.EventSettings", "settings.Settings",
            "asyncapi/auth.yaml and the settings of auth disagree about KAFKA", id="events without Kafka",
        ),
        pytest.param(
            "contracts/common.yaml", "operationId: get_readiness", "operationId: get_mood",
            "auth: get_auth_health or get_auth_readiness is missing", id="nothing for the probes to ask",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(shop, file, old, new, said):
    write_document(shop, file, old, new)

    with pytest.raises(ContractError) as mistake:
        render_folder(shop)

    assert str(mistake.value) == said
