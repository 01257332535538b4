"""A service as a process of its own: it starts, serves, stops in order, and goes on when a duty fails."""

import asyncio
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from chassis.runtime import process
from chassis.testing.ports import free_port

ROOT = Path(__file__).parents[3]
SHOP = """
    import asyncio
    from dataclasses import dataclass
    from chassis.runtime import process
    from chassis.runtime.background import IS_BACKGROUND_TASK
    from chassis.runtime.retry import ProcessRestartRequired
    from chassis.web.health import Health
    from chassis.runtime.process import BackgroundTask, serve, start
    from chassis.runtime.settings import Settings
    from uuid import UUID
    from chassis.tests.web.shop import Handlers, Response, shop

    Settings.__module__ = "services.shop.settings"
    health = Health("shop", "1.0.0")

    class Slow(Handlers):
        async def get_product(self, product_id: UUID) -> Response:
            assert not IS_BACKGROUND_TASK.get()
            print("asked", flush=True)
            await asyncio.sleep(0.3)
            return await super().get_product(product_id)

        async def get_health(self) -> Response:
            return await health.get_health()

    async def relay(stopping):
        assert IS_BACKGROUND_TASK.get()
        print("relay began", flush=True)
        await stopping.wait()
        print("relay ended", flush=True)

    async def failing(stopping):
        await asyncio.sleep(0.3)
        raise RuntimeError("no more")

    async def cancelled(stopping):
        await asyncio.sleep(0.3)
        raise asyncio.CancelledError

    async def returning(stopping):
        await asyncio.sleep(0.3)

    async def unfit(stopping):
        raise ProcessRestartRequired

    async def stubborn(stopping):
        await asyncio.sleep(60)

    async def main(settings, role):
        duties = [BackgroundTask(one.__name__, one) for one in DUTIES]
        return await serve(shop(Slow()), settings, duties, role, health=health)

    start(Settings, main)
"""


@contextmanager
def running_process(duties="relay", *, role="all", program=SHOP, **environ):
    """The program as a process, killed at the end if it has not ended."""
    text = "\n".join(line.removeprefix("    ") for line in program.replace("DUTIES", f"[{duties}]").splitlines())
    port = str(free_port())
    started = subprocess.Popen(
        [sys.executable, "-c", text, "--role", role],
        cwd=ROOT,
        env={**os.environ, "PORT": port, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started, f"http://127.0.0.1:{port}"
    finally:
        started.kill()
        started.wait()
        started.stdout.close()
        started.stderr.close()


async def eventually(attempt, within=30.0):
    """What the attempt gives, once it no longer raises."""
    end = time.monotonic() + within
    while True:
        try:
            return await attempt()
        except (httpx.TransportError, AssertionError):
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)


async def exit_code(started, within=12.0):
    """Its code and what it wrote."""
    out, err = await asyncio.to_thread(started.communicate, timeout=within)
    return started.returncode, out, err


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_a_signal_drains_open_requests_and_ends_the_process(how):
    with running_process() as (started, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            await eventually(lambda: http.get("/shop/health"))
            in_hand = asyncio.create_task(http.get("/shop/v1/products/0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"))
            while "asked" not in await asyncio.to_thread(started.stdout.readline):
                assert started.poll() is None
            begun = time.monotonic()
            started.send_signal(how)
            answer = await in_hand
        code, out, err = await exit_code(started)

    assert answer.json()["title"] == "Walnut desk lamp"
    assert (code, err) == (0, "")
    assert "relay ended" in out
    assert time.monotonic() - begun < 5


async def test_a_request_that_does_not_end_in_the_grace_is_answered_503():
    program = SHOP.replace("async def main", "process.SHUTDOWN_GRACE_SECONDS = 1\n\n    async def main")
    program = program.replace("sleep(0.3)\n            return", "sleep(60)\n            return")
    with running_process(program=program) as (started, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            await eventually(lambda: http.get("/shop/health"))
            in_hand = asyncio.create_task(http.get("/shop/v1/products/0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"))
            while "asked" not in await asyncio.to_thread(started.stdout.readline):
                assert started.poll() is None
            started.terminate()
            answer = await in_hand
        code, _, _ = await exit_code(started)

    assert (answer.status_code, answer.json()["type"], code) == (503, "/problems/unavailable", 0)


HANGING_THREAD = """process.SHUTDOWN_GRACE_SECONDS = 1

    async def hanging(stopping):
        print("hangs", flush=True)
        await asyncio.to_thread(time.sleep, 600)

    async def spinning(stopping):
        await asyncio.sleep(0.5)
        print("hangs", flush=True)
        while True:
            pass

    async def main"""


@pytest.mark.parametrize("task", ["hanging", "spinning"], ids=["a thread", "the loop itself"])
async def test_a_process_that_is_told_to_stop_is_gone_whatever_hangs(task):
    program = SHOP.replace("async def main", HANGING_THREAD).replace("import asyncio", "import asyncio, time", 1)
    with running_process(f"relay, {task}", program=program) as (started, _):
        while "hangs" not in await asyncio.to_thread(started.stdout.readline):
            assert started.poll() is None
        begun = time.monotonic()
        started.terminate()
        code, out, _ = await exit_code(started)

    assert code == 1
    assert "process does not end by itself" in out
    assert time.monotonic() - begun < 1 + process.EXIT_AFTER_SECONDS + 3
    assert process.SHUTDOWN_GRACE_SECONDS + process.EXIT_AFTER_SECONDS <= 10  # less than any grace in generated/


async def test_what_is_asked_is_answered_though_a_thread_hangs():
    program = SHOP.replace("async def main", HANGING_THREAD).replace("import asyncio", "import asyncio, time", 1)
    with running_process("relay, hanging", program=program) as (started, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            await eventually(lambda: http.get("/shop/health"))
            in_hand = asyncio.create_task(http.get("/shop/v1/products/0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"))
            while "asked" not in await asyncio.to_thread(started.stdout.readline):
                assert started.poll() is None
            started.terminate()
            answer = await in_hand
        code, out, _ = await exit_code(started)

    assert (answer.status_code, code) == (200, 1)
    assert "relay ended" in out


async def test_a_task_that_does_not_stop_is_cancelled_after_the_grace_and_the_process_ends_within_ten_seconds():
    assert process.SHUTDOWN_GRACE_SECONDS + 1 < 10
    with running_process(
        "relay, stubborn",
        program=SHOP.replace("async def main", "process.SHUTDOWN_GRACE_SECONDS = 1\n\n    async def main"),
    ) as (started, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            await eventually(lambda: http.get("/shop/health"))
        begun = time.monotonic()
        started.terminate()
        code, out, _ = await exit_code(started)

    assert code == 0
    assert "duty did not stop in time" in out
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("duty", ["failing", "cancelled", "returning"])
async def test_a_task_that_fails_or_returns_is_restarted_and_nothing_else_ends(duty):
    with running_process(f"relay, {duty}") as (started, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            await eventually(lambda: http.get("/shop/health"))
            failures = 0
            async with asyncio.timeout(30):  # a duty that ended unseen writes nothing more
                while failures < 3:
                    failures += f'"duty":"{duty}"' in await asyncio.to_thread(started.stdout.readline)
                    assert started.poll() is None
            answer = await http.get("/shop/health")
        started.terminate()
        code, out, _ = await exit_code(started)

    assert (answer.status_code, code) == (200, 0)
    assert "relay ended" in out


async def test_a_task_that_needs_a_new_process_ends_this_one_with_exit_code_1():
    with running_process("relay, unfit") as (started, _):
        code, out, _ = await exit_code(started)

    assert code == 1
    assert '"duty":"unfit"' in out
    assert "relay ended" in out


async def test_the_role_api_runs_no_background_tasks():
    with running_process("relay, failing", role="api") as (started, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            answer = await eventually(lambda: http.get("/shop/health"))
        started.terminate()
        code, out, _ = await exit_code(started)

    assert (answer.status_code, code) == (200, 0)
    assert '"duties":[]' in out
    assert "relay began" not in out


async def test_the_role_worker_runs_background_tasks_and_serves_health():
    with running_process(role="worker") as (started, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            answer = await eventually(lambda: http.get("/shop/health"))
        started.terminate()
        code, out, _ = await exit_code(started)

    assert (answer.json(), code) == ({"status": "ok"}, 0)
    assert "relay began" in out


async def test_invalid_settings_are_reported_in_one_sentence_with_exit_code_2():
    with running_process(PORT="eight", LOG_LEVEL="loud") as (started, _):
        code, out, err = await exit_code(started)

    assert (code, out) == (2, "")
    said = "PORT is not of type int, LOG_LEVEL is not one of DEBUG, INFO, WARNING, ERROR."
    assert err == f"shop does not start: {said}\n"


async def test_a_contract_mismatch_is_reported_in_one_sentence_with_exit_code_2():
    with running_process(program=SHOP.replace("async def get_product", "async def fly")) as (started, _):
        code, _, err = await exit_code(started)

    assert code == 2
    assert err == "shop does not start: no operation of the contract is called fly\n"


async def test_a_taken_port_is_reported_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running_process(PORT=str(port)) as (started, _):
            code, _, err = await exit_code(started)

    assert code == 1
    assert err == f"Port {port} of 127.0.0.1 cannot be served: Address already in use.\n"


NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child"]


@pytest.mark.skipif(
    shutil.which("unshare") is None or subprocess.call([*NAMESPACE, "true"], stderr=subprocess.DEVNULL) != 0,
    reason="needs a PID namespace of its own, which only root makes, on Linux",
)
def test_a_containers_first_process_that_is_told_to_stop_while_it_starts_does_so():
    program = "import chassis, os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with subprocess.Popen([*NAMESPACE, sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as unshare:
        try:
            assert unshare.stdout.readline() == b"1\n"
            children = Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children").read_text()
            os.kill(int(children), signal.SIGTERM)
            assert unshare.wait(10) == 128 + signal.SIGTERM
        finally:
            unshare.kill()


GROWTH_AFTER_LARGE_BLOCKS = """
import pathlib, resource, threading
from chassis.runtime.process import return_large_blocks

def resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

def use():
    for _ in range(3):
        bytearray(b"x") * 20_000_000

return_large_blocks()
before = resident()
threads = [threading.Thread(target=use) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what malloc keeps is told of glibc alone")
def test_memory_of_large_blocks_goes_back_to_the_system():
    grown = subprocess.run([sys.executable, "-c", GROWTH_AFTER_LARGE_BLOCKS], check=True, capture_output=True)

    assert int(grown.stdout) < 10_000_000
