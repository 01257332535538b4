"""A small sample of contracts to change at will, and the gateway with the real routes."""

import shutil
import threading
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import msgspec
import pytest
import yaml

from infra.local.part import spawn
from infra.local.place import Place
from infra.local.traefik import traefik
from services.chassis.testing.eventually import eventually

SERVICES = ("auth", "catalog", "cart", "order", "payment", "shipping", "notifications")


class Sample:
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
    return Sample(tmp_path)


class Echo(BaseHTTPRequestHandler):
    """Answers every request with what it was."""

    def answer(self):
        size = len(self.rfile.read(int(self.headers.get("content-length", 0))))
        seen = {"method": self.command, "path": self.path, "headers": dict(self.headers.items()), "size": size}
        body = msgspec.json.encode(seen)
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815 - http.server's names

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="session")
async def gateway(tmp_path_factory) -> AsyncIterator[httpx.AsyncClient]:
    """The real gateway with the real routes, before services that only say what reached them."""
    echo = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=echo.serve_forever, daemon=True).start()
    place = Place(tmp_path_factory.mktemp("gateway"), free=True)
    (part,) = traefik(place, dict.fromkeys(SERVICES, f"http://127.0.0.1:{echo.server_port}"))
    process = await spawn(await part.launch(), place.log("traefik"))

    async def ready():
        try:
            await part.ready()
        except OSError:
            return False
        return True

    try:
        await eventually(ready)
        async with httpx.AsyncClient(base_url=part.facts["url"]) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()
        echo.shutdown()
        echo.server_close()
