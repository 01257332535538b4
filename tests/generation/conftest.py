"""A small sample of contracts to change at will, and the gateway with the real routes."""

import shutil
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import msgspec
import pytest
import yaml

from chassis.testing.eventually import eventually
from generated.services import SERVICES
from infra.local.infrastructure import gateway_problems_process
from infra.local.process import spawn
from infra.local.run_dir import RunDir
from infra.local.traefik import traefik_processes

ORIGIN = "https://shop.example.com"


class ContractSample:
    """A copy of the sample's contracts, of which single places can be said differently."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(Path(__file__).parent / "sample", root, dirs_exist_ok=True)

    def say(self, place: str, value: object) -> None:
        """Put a value at a place: the file and the keys that lead there, one word each."""
        file, *steps, last = place.split(" ")
        path = self.root / file
        document = yaml.safe_load(path.read_text())
        node = document
        for step in steps:
            node = node.setdefault(step, {})
        node[last] = value
        path.write_text(yaml.safe_dump(document, sort_keys=False))


@pytest.fixture
def sample(tmp_path):
    return ContractSample(tmp_path)


class EchoHandler(BaseHTTPRequestHandler):
    """Answers every request with what it was."""

    def answer(self):
        size = len(self.rfile.read(int(self.headers.get("content-length", 0))))
        seen = {"method": self.command, "path": self.path, "headers": dict(self.headers.items()), "size": size,
                "port": self.server.server_port}  # fmt: skip
        body = msgspec.json.encode(seen)
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.send_header("access-control-allow-origin", self.headers.get("origin", "*"))  # as an S3 does
        self.send_header("access-control-allow-credentials", "true")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815 - http.server's names

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="session")
def echo():
    """The port of something that only says what reached it, and at which port."""
    with echo_server() as port:
        yield port


@pytest.fixture(scope="session")
async def gateway(tmp_path_factory, echo) -> AsyncIterator[httpx.AsyncClient]:
    """The real gateway with the real routes, before services that only say what reached them."""
    async with opened_gateway(tmp_path_factory.mktemp("gateway"), [echo]) as client:
        yield client


@pytest.fixture(scope="session")
async def open_gateway(tmp_path_factory, echo) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway that pages of another origin may use."""
    origins = f"http://[::1]:3000, {ORIGIN}"
    async with opened_gateway(tmp_path_factory.mktemp("gateway"), [echo], CORS_ORIGINS=origins) as client:
        yield client


@contextmanager
def echo_server() -> Iterator[int]:
    echo = ThreadingHTTPServer(("127.0.0.1", 0), EchoHandler)
    threading.Thread(target=echo.serve_forever, daemon=True).start()
    try:
        yield echo.server_port
    finally:
        echo.shutdown()
        echo.server_close()


@asynccontextmanager
async def opened_gateway(folder: Path, ports: Sequence[int], **changes: str) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway, with replicas of every service at these ports, and what answers where no service does."""
    run_dir = RunDir(folder, free=True)
    own = gateway_problems_process(run_dir)
    urls = {name: [f"http://127.0.0.1:{port}" for port in ports] for name in SERVICES}
    (gateway_process,) = traefik_processes(run_dir, {**urls, own.name: [own.info["url"]]}, (), changes)
    processes = [await spawn(await one.launch(), run_dir.log(one.name)) for one in (own, gateway_process)]

    async def ready():
        try:
            await own.ready()
            await gateway_process.ready()
        except OSError:
            return False
        return True

    try:
        await eventually(ready)
        async with httpx.AsyncClient(base_url=gateway_process.info["url"]) as client:
            yield client
    finally:
        for process in processes:
            process.terminate()
            await process.wait()
