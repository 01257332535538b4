"""The client packages, installed; the same calls by async and by sync; a gateway whose answers are chosen."""

import asyncio
import importlib
import inspect
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest

from chassis.contracts.openapi import Api
from generated.access import OPERATIONS
from tests.sdk.node import NodeClient
from tooling import npm
from tooling.sdk.surface import is_webhook

ROOT = Path(__file__).resolve().parents[2]
# Of all services but the one that is for people, whose contract stands at the root.
API_OPERATIONS = {
    api.name: {one.id: OPERATIONS[api.name][one.id] for one in api.operations if not is_webhook(one)}
    for api in Api.load_all(ROOT / "contracts")
    if api.operations and api.prefix
}


def build_package(language: str, folder: Path) -> Path:
    command = [sys.executable, ROOT / "scripts" / "build_sdk.py", language, "--to", folder]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def python_package(tmp_path_factory):
    """The folder of the Python package."""
    return build_package("python", tmp_path_factory.mktemp("sdk") / "python")


@pytest.fixture(scope="session")
def typescript_package(tmp_path_factory):
    """The folder of the TypeScript package."""
    return build_package("typescript", tmp_path_factory.mktemp("sdk") / "typescript")


@pytest.fixture(scope="session")
def site_packages(python_package, tmp_path_factory):
    """Where it is installed; what it depends on is beside this interpreter."""
    folder = tmp_path_factory.mktemp("site-packages")
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", folder]
    subprocess.run([sys.executable, "-m", "pip", "install", *flags, python_package], check=True)
    return folder


@pytest.fixture(scope="session")
def shop_client(site_packages):
    sys.path.insert(0, str(site_packages))
    yield importlib.import_module("shop_client")
    sys.path.remove(str(site_packages))


@pytest.fixture(scope="session")
def installed_in_node(typescript_package, tmp_path_factory):
    """A project that has installed the TypeScript package."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "package.json").write_text('{"type": "module"}')
    flags = ["--offline", "--no-audit", "--no-fund", "--loglevel=error", "--install-links"]
    subprocess.run([npm.NODE, npm.NPM, "install", *flags, typescript_package], cwd=folder, check=True)
    return folder


class ThreadedClient:
    """A sync client as if it were async: each call is made in a thread of its own."""

    def __init__(self, sync: Any) -> None:
        self._sync = sync

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._sync, name)
        if not callable(found):
            return ThreadedClient(found) if hasattr(found, "_call") else found

        async def call(*arguments: Any, **named: Any) -> Any:
            return await asyncio.to_thread(found, *arguments, **named)

        return call


async def items(pages: Any) -> list[Any]:
    """All that a method goes through, async or elsewhere."""
    if inspect.isawaitable(pages):
        return await asyncio.to_thread(list, await pages)
    return [item async for item in pages]


@pytest.fixture(params=["async", "sync", "typescript"])
async def connect(request, shop_client):
    """Open a client of each kind; it is closed after the test."""
    async with AsyncExitStack() as opened:

        async def connect(url: str, **settings: Any) -> Any:
            if request.param == "typescript":
                node = await NodeClient.open(
                    request.getfixturevalue("typescript_package"), shop_client, url, **settings
                )
                opened.push_async_callback(node.close)
                return node
            if request.param == "async":
                return await opened.enter_async_context(shop_client.AsyncShop(url, **settings))
            return ThreadedClient(opened.enter_context(shop_client.Shop(url, **settings)))

        yield connect


@dataclass(frozen=True)
class ReceivedRequest:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class ScriptedResponse:
    """What is answered; a status of 0 is a connection that is closed without an answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Gateway:
    """Plays the gateway: what it answers is chosen by the test."""

    def __init__(self, answer: Callable[[ReceivedRequest], ScriptedResponse]) -> None:
        self.received: list[ReceivedRequest] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_request(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = ReceivedRequest(self.command, self.path, headers, body)
                gateway.received.append(received)
                chosen = answer(received)
                if not chosen.status:
                    self.close_connection = True
                    return
                content = b"" if chosen.status == 204 else msgspec.json.encode(chosen.body)
                kind = "application/json" if chosen.status < 400 else "application/problem+json"
                self.send_response(chosen.status)
                for name, value in {"Content-Type": kind, "Content-Length": len(content), **chosen.headers}.items():
                    self.send_header(name, str(value))
                with suppress(ConnectionError):  # whoever asked has gone
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_request  # noqa: N815 - the names that it looks for

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def gateway():
    """Open a gateway that answers so: in this order, the last for ever, or as a function says."""
    opened: list[Gateway] = []

    def gateway(*answers: ScriptedResponse | Callable[[ReceivedRequest], ScriptedResponse]) -> Gateway:
        left = list(answers)

        def answer(received: ReceivedRequest) -> ScriptedResponse:
            chosen = left.pop(0) if len(left) > 1 else left[0]
            return chosen if isinstance(chosen, ScriptedResponse) else chosen(received)

        opened.append(Gateway(answer))
        return opened[-1]

    yield gateway
    for each in opened:
        each.close()
