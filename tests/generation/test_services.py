"""services.toml is the one list of services: what is derived from it is refused where it and the services disagree."""

from pathlib import Path

import pytest

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api
from tooling.generation.compose import build_containers
from tooling.generation.kubernetes import iterate_workloads

ROOT = Path(__file__).resolve().parents[2]
WORKLOADS = list(iterate_workloads(Api.load_all(ROOT / "contracts"), EventApi.load_all(ROOT / "asyncapi"), ROOT))
LISTED = (ROOT / "services.toml").read_text("utf-8")


@pytest.fixture
def derived(tmp_path):
    def derived(listed, found=WORKLOADS):
        (tmp_path / "services.toml").write_text(listed, "utf-8")
        return build_containers(found, tmp_path)

    return derived


def test_the_order_of_the_list_is_kept_and_stores_come_from_the_settings(derived):
    services = {one.name: one for one in derived(LISTED)}

    assert list(services) == ["auth", "catalog", "cart", "order", "payment", "shipping", "notifications", "storefront"]
    assert services["catalog"].stores == ("kafka", "s3")
    assert (services["cart"].schema, services["order"].schema) == (None, "orders")


@pytest.mark.parametrize(
    ("listed", "what"),
    [
        (LISTED + "reviews = {port = 8009}\n", "reviews"),
        (LISTED.replace("auth = {port = 8001}\n", ""), "auth"),
        (LISTED.replace("8002", "8001"), "port 8001 twice"),
    ],
    ids=["a service without a contract", "a service that is not listed", "one port for two"],
)
def test_a_list_that_disagrees_with_the_services_is_refused(derived, listed, what):
    with pytest.raises(ContractError, match=what):
        derived(listed)


def test_a_setting_without_a_default_that_compose_knows_no_value_for_is_refused(derived):
    (auth,) = [one for one in derived(LISTED) if one.name == "auth"]
    setting = auth.workload.settings[-1]._replace(name="pepper", default=None, hidden=False, required=True)
    auth.workload.settings.append(setting)

    try:
        with pytest.raises(ContractError, match="auth: Compose knows no value for PEPPER"):
            _ = auth.environment
    finally:
        auth.workload.settings.remove(setting)
