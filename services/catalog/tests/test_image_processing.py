"""A picture that is hard to read takes nothing with it but its own process."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import httpx
import pytest
from PIL import Image

from chassis.testing.eventually import eventually
from chassis.testing.ports import free_port
from chassis.testing.problems import assert_problem, problem_of
from chassis.web.problems import Unavailable
from infra.local.process_registry import process_start_time
from services.catalog.errors import ImageRefused
from services.catalog.image_processing import WORKER_SCRIPT, WebPEncoder
from services.catalog.tests.conftest import LAMP
from services.catalog.tests.test_images import add, images, picture
from tooling.conformance.callers import JWKS

MIB = 1024 * 1024


def slow_to_decode_picture():
    """A megabyte of JPEG whose 36 million pixels are gone through twenty thousand times."""
    kept = BytesIO()
    Image.new("L", (6000, 6000), 128).save(kept, "JPEG", progressive=True)
    raw = kept.getvalue()
    scan, end = raw.rindex(b"\xff\xda"), raw.rindex(b"\xff\xd9")
    return raw[:end] + raw[scan:end] * 20_000 + raw[end:]


def photo(width, height, **more):
    kept, noise = BytesIO(), Image.effect_noise((width // 8, height // 8), 60).resize((width, height), Image.BICUBIC)
    Image.merge("RGB", [noise, noise.transpose(Image.Transpose.ROTATE_180), noise]).save(kept, "JPEG", **more)
    return kept.getvalue()


def children(process="self"):
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text("ascii").split()}


@pytest.fixture
def worker(tmp_path):
    """A program in place of the worker."""

    def worker(program):
        file = tmp_path / "worker.py"
        file.write_text(program, "utf-8")
        return file

    return worker


async def test_a_picture_that_takes_too_long_is_refused_and_others_are_served_meanwhile(client, lamp, keys):
    before = keys()
    hard_one = asyncio.create_task(add(client, slow_to_decode_picture()))
    served = 0
    while not hard_one.done():
        assert (await client.get(f"/catalog/v1/products/{LAMP}")).status_code == 200
        served += 1
        await asyncio.sleep(0.05)

    refused = await hard_one
    assert (problem_of(refused), refused.json()["detail"]) == ((409, "image-refused"), "It takes too much time to read")
    assert served > 20
    assert keys() == before
    assert (await add(client, picture())).status_code == 201


async def test_a_picture_that_nobody_waits_for_any_more_takes_its_process_with_it():
    before = children()
    reading = asyncio.create_task(WebPEncoder().encode(slow_to_decode_picture()))

    async def begun():
        return children() > before

    await eventually(begun)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert children() == before


@pytest.mark.parametrize("kind", ["24 megapixels", "50 megapixels", "48 megapixels, progressive"])
async def test_the_photo_of_a_camera_is_read_and_the_service_hardly_grows(kind):
    size = {"24": (6000, 4000), "50": (8688, 5792), "48": (8064, 6048)}[kind[:2]]
    raw = photo(*size, quality=20, progressive="progressive" in kind)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    _, width, height = await WebPEncoder().encode(raw)

    assert len(raw) < 5 * MIB
    assert width / height == pytest.approx(size[0] / size[1], abs=0.01)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not keep a process to its memory")
async def test_what_would_take_more_memory_than_there_is_is_refused():
    """By its header it is just small enough; but all of its coefficients are in memory at once."""
    raw = photo(9900, 9900, quality=5, progressive=True, subsampling=0)

    with pytest.raises(ImageRefused, match="within the memory"):
        await WebPEncoder().encode(raw)


async def test_the_worker_is_given_no_connection_no_secret_and_nothing_to_open(monkeypatch, worker, database):
    monkeypatch.setenv("S3_SECRET", "a secret")
    program = worker(f"""
import json, os, runpy, socket, sys
sys.stdin.buffer.read()
inherited = sorted(os.listdir("/dev/fd"))
runpy.run_path({str(WORKER_SCRIPT)!r}, run_name="worker")["set_resource_limits"]()
def fails(call):
    try: call()
    except OSError: return True
    return False
refused = [fails(lambda: open("/etc/passwd")), fails(socket.socket)]
print(json.dumps({{"refused": json.dumps([inherited, dict(os.environ), refused])}}))
""")

    with pytest.raises(ImageRefused) as told:
        await WebPEncoder(program).encode(b"")

    inherited, environ, refused = json.loads(str(told.value))
    assert inherited in (["0", "1", "2"], ["0", "1", "2", "3"])  # the fourth is the folder that is listed
    assert "a secret" not in environ.values()
    assert environ.keys() <= {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"}
    assert refused == [True, True]


def test_the_worker_needs_nothing_of_the_shop():
    program = (
        f"import runpy, sys; runpy.run_path({str(WORKER_SCRIPT)!r}); print([m for m in sys.modules if 'services' in m])"
    )

    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", (409, "image-refused")),
        ("os.kill(os.getpid(), signal.SIGKILL)", (503, "unavailable")),
    ],
    ids=["by its picture", "by somebody else"],
)
async def test_however_the_worker_ends_nothing_is_kept_and_the_service_goes_on(
    client_with,
    bucket,
    client,
    lamp,
    keys,
    worker,
    end,
    status,
):
    before = keys()
    async with client_with(
        bucket, WebPEncoder(worker(f"import os, signal, sys\nsys.stdin.buffer.read()\n{end}"))
    ) as ill:
        answer = await add(ill, picture())
        assert (await ill.get(f"/catalog/v1/products/{LAMP}")).status_code == 200

    assert problem_of(answer) == status
    assert await images(client) == []
    assert keys() == before


async def test_a_fault_of_the_worker_itself_is_told_aloud(worker):
    with pytest.raises(RuntimeError, match="ended with 1"):
        await WebPEncoder(worker("raise RuntimeError")).encode(picture())


async def test_a_worker_that_cannot_be_started_is_unavailable(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with pytest.raises(Unavailable):
        await WebPEncoder().encode(picture())


async def test_eight_pictures_at_once_are_all_kept(client, lamp):
    answers = await asyncio.gather(*(add(client, picture()) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {201}
    assert len(await images(client)) == 8


@pytest.mark.parametrize(
    ("size", "max_wait_seconds"), [(0, 0.5), (5 * MIB, 60)], ids=["for too long", "with too much before them"]
)
async def test_who_would_wait_is_told_to_come_again_and_nothing_is_kept(
    client_with, bucket, client, lamp, keys, worker, size, max_wait_seconds
):
    before, encoder = keys(), WebPEncoder(worker("import time\ntime.sleep(60)"), max_wait_seconds=max_wait_seconds)
    raw = picture().ljust(size, b"\0")
    async with client_with(bucket, encoder) as busy:
        adding = [asyncio.create_task(add(busy, raw)) for _ in range(10)]
        # The first is read, and so much as there is memory for waits.
        answered, _ = await asyncio.wait(adding, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        answer = answered.pop().result()
        for one in adding:
            one.cancel()
        await asyncio.wait(adding)

    assert_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    assert await images(client) == []
    assert keys() == before


@pytest.fixture
def auth_url():
    """Where the keys are that the tokens of these tests are signed with."""

    class ApiKeys(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(JWKS).encode())

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), ApiKeys) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
async def catalog(lamp, migrated_database_url, s3, auth_url):
    """The service as a process of its own, and requests to it."""
    port = free_port()
    names = {"S3_URL": "url", "S3_KEY": "access_key", "S3_SECRET": "secret_key", "S3_BUCKET": "bucket"}
    settings = {
        **{name: s3[fact] for name, fact in names.items()},
        "ENVIRONMENT": "development",
        "PORT": str(port),
        "KAFKA": "127.0.0.1:9",  # only duties need it
        "DATABASE_URL": migrated_database_url("catalog"),
        "AUTH_URL": auth_url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.catalog.main", "--role", "api", env={**os.environ, **settings}
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:

            async def serves():
                try:
                    return (await client.get("/catalog/health")).status_code == 200
                except httpx.ConnectError:
                    return False

            await eventually(serves, within=30)
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_stop_signal_ends_the_service_within_its_grace_although_pictures_are_hard_to_read(catalog, keys):
    """The third is read, or waits to be, when the grace is over: each takes the worker four seconds of its CPU."""
    process, client = catalog
    before = keys()
    adding = [asyncio.create_task(add(client, slow_to_decode_picture())) for _ in range(3)]
    await eventually(lambda: children(process.pid), within=30)

    process.send_signal(signal.SIGTERM)
    workers = set()

    def has_ended():
        workers.update(children(process.pid))
        return process.returncode is not None

    await eventually(has_ended, within=10)

    assert process.returncode == 0
    await eventually(lambda: not any(map(process_start_time, workers)))
    answers = await asyncio.gather(*adding, return_exceptions=True)
    assert 201 not in {getattr(answer, "status_code", None) for answer in answers}
    assert keys() == before
