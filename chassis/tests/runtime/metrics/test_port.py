"""A process tells Prometheus on a port of its own, and nowhere else."""

import socket

import httpx
import pytest

from chassis.testing.ports import free_port
from chassis.tests.runtime.metrics.conftest import read
from chassis.tests.runtime.test_process import SHOP, eventually, exit_code, running_process

LAMP = "/shop/v1/products/0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"


async def request_metrics(url):
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(url)


async def test_requests_are_counted_by_operation_and_status_on_the_port_for_metrics_only():
    port = free_port()
    with running_process(METRICS_PORT=str(port)) as (_, url):
        await eventually(lambda: request_metrics(f"{url}/shop/health"))
        for path in (LAMP, LAMP, "/shop/v1/products/0198c3c5-0a4e-7c6e-9d26-3f1f4be2b002", "/shop/metrics", "/metrics"):
            await request_metrics(url + path)
        answer = await request_metrics(f"http://127.0.0.1:{port}/metrics")
        elsewhere = [await request_metrics(f"http://127.0.0.1:{port}{path}") for path in ("/", "/shop/health", LAMP)]

    told = read(answer.text)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert told["request_duration_seconds_count", "get_product", "200"] == 2
    assert told["request_duration_seconds_sum", "get_product", "200"] > 0.6  # Slow takes 0.3 s for each
    assert told["request_duration_seconds_bucket", "0.25", "get_product", "200"] == 0
    assert told["request_duration_seconds_count", "get_product", "404"] == 1
    assert told["request_duration_seconds_count", "none", "404"] == 2  # neither is there on the service's port
    assert [one.status_code for one in elsewhere] == [404] * 3


async def test_failures_of_background_tasks_are_counted():
    port = free_port()
    with running_process("failing", METRICS_PORT=str(port)):

        async def failed_twice():
            told = read((await request_metrics(f"http://127.0.0.1:{port}/metrics")).text)
            assert told["duties_failed_total", "failing"] == 2

        await eventually(failed_twice)


PATIENT_TASK = """process.SHUTDOWN_GRACE_SECONDS = 30

    async def patient(stopping):
        while not os.path.exists(os.environ["RELEASE"]):
            await asyncio.sleep(0.02)

    async def main"""


async def test_a_task_that_needs_a_new_process_shows_in_health_and_metrics_before_this_one_ends(tmp_path):
    port, release = free_port(), tmp_path / "release"
    settings = {"METRICS_PORT": str(port), "RELEASE": str(release)}
    program = SHOP.replace("async def main", PATIENT_TASK).replace("import asyncio", "import asyncio, os", 1)
    with running_process("unfit, patient", program=program, **settings) as (started, _):

        async def failed():
            told = read((await request_metrics(f"http://127.0.0.1:{port}/metrics")).text)
            assert told["duties_failed_total", "unfit"] == 1

        await eventually(failed)
        release.touch()
        code, out, _ = await exit_code(started)

    assert code == 1
    assert '"duty":"unfit"' in out


async def test_a_taken_metrics_port_is_reported_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running_process(METRICS_PORT=str(port)) as (started, _):
            code, _, err = await exit_code(started)

    assert code == 1
    assert err == f"Port {port} of 127.0.0.1 cannot be served: Address already in use.\n"


@pytest.mark.parametrize("method", ["POST", "HEAD", "DELETE"])
async def test_the_metrics_port_serves_nothing_but_get(method):
    port = free_port()
    with running_process(METRICS_PORT=str(port)) as (_, url):
        await eventually(lambda: request_metrics(f"{url}/shop/health"))
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.request(method, f"http://127.0.0.1:{port}/metrics")

    assert answer.status_code == 404
