"""The shop as `docker compose up` gives it, where SHOP_STACK asks for containers."""

import json
import os
import re
import subprocess

import httpx
import pytest

from chassis.testing.eventually import eventually
from chassis.testing.ports import free_port
from demo.console import Console
from demo.scenario import LAMP, Scenario
from features.shop.money import PRICE
from features.shop.shop_client import ShopClient
from infra.credentials import ADMIN_CREDENTIALS, DEVELOPMENT_OPERATOR_KEY
from infra.local.run_dir import ROOT
from infra.test_servers import containers
from tests.packaging import compose

PROJECT = f"shop-test-{os.getpid()}"
LARGEST_IMAGE = 250_000_000  # bytes


def docker(*words):
    ended = subprocess.run(["docker", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"docker {' '.join(words)}: {(ended.stdout + ended.stderr)[-3000:]}"
    return ended.stdout


def docker_compose(*words):
    return docker("compose", "--project-name", PROJECT, *words)


@pytest.fixture(scope="module")
def shop_manifest():
    """Where a shop in containers is, in the form of shop.json; it is gone afterwards, with all that it kept."""
    stack = os.environ.get("SHOP_STACK")
    if stack not in ("docker", "auto"):
        pytest.skip("no container was run: SHOP_STACK is neither `docker` nor `auto`")
    if reason := containers.engine_error():
        pytest.skip(f"no container was run: {reason}") if stack == "auto" else pytest.fail(reason)
    gateway, inbox = free_port(), free_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SHOP_PORT", str(gateway))
        environment.setenv("INBOX_PORT", str(inbox))
        environment.setenv("SHOP_URL", f"http://127.0.0.1:{gateway}")
        try:
            docker_compose("build")
            docker_compose("up", "--wait")
            address = f"http://127.0.0.1:{gateway}"
            yield {
                "gateway": address,
                "mail": f"http://127.0.0.1:{inbox}",
                "services": {"auth": {"url": address}},
                "kafka": "reached by no test",
                "admin": ADMIN_CREDENTIALS,
                "internal_keys": {"operator": DEVELOPMENT_OPERATOR_KEY},
            }
        finally:
            docker_compose("down", "--volumes", "--timeout", "10")


async def test_the_flow_of_the_demo_goes_through_the_published_ports(shop_manifest):
    async with ShopClient(shop_manifest) as shop:
        scenario = Scenario(shop, Console())
        await scenario.buy_until_delivered()
        await scenario.cancel_paid_order()

        assert len(await scenario.list_mails()) == 10


async def test_a_service_that_was_killed_is_missed_by_its_own_callers_alone_and_forgets_nothing(shop_manifest):
    async with ShopClient(shop_manifest) as shop:
        asha = await shop.new_shopper("Asha")
        await asha.add_to_cart(await shop.admin.offer(LAMP, PRICE, 1))
        await asha.check_out()

        docker_compose("kill", "order")
        orders = await shop.gateway.request("GET", "/order/v1/orders", token=asha.token)
        assert (orders.status_code in (502, 503), orders.headers["content-type"]) == (True, "application/problem+json")
        assert len((await asha.get_cart()).items) <= 1

        docker_compose("up", "--wait", "order")
        await asha.pay()

        async def is_paid():
            return (await asha.get_order()).status.value == "PAID"

        await eventually(is_paid, within=30)


async def test_a_service_that_is_started_anew_goes_on(shop_manifest):
    docker_compose("restart", "--timeout", "15", "catalog")

    async def answers():
        async with httpx.AsyncClient(base_url=shop_manifest["gateway"]) as client:
            return (await client.get("/catalog/v1/products/")).status_code == 200

    await eventually(answers, within=60)


def test_every_container_of_ours_is_of_one_image_that_is_not_large(shop_manifest):
    ids = docker_compose("ps", "--quiet", "--all").split()
    described = json.loads(docker("inspect", *ids))
    ours = {one["Image"] for one in described if one["Config"]["Image"].startswith("shop/")}

    (image,) = ours
    assert json.loads(docker("image", "inspect", image))[0]["Size"] <= LARGEST_IMAGE


def test_no_container_has_a_volume_without_a_name(shop_manifest):
    described = json.loads(docker("inspect", *docker_compose("ps", "--quiet", "--all").split()))
    volumes = {mount["Name"] for one in described for mount in one["Mounts"] if mount["Type"] == "volume"}

    profiles = {"prometheus", "grafana", "secrets-grafana", "secrets-postgres-exporter", "secrets-redis-exporter"}
    assert not [name for name in volumes if re.fullmatch(r"[0-9a-f]{64}", name)]
    assert volumes >= {f"{PROJECT}_{name}" for name in compose.read_compose()["volumes"].keys() - profiles}
