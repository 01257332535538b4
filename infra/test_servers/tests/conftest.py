"""An engine that answers, of which nothing else is real, and one that is away."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from testcontainers.core.config import testcontainers_config

CONTAINER = {"Id": "lamp", "State": {"Status": "running"}, "StatusCode": 137}


class Engine(BaseHTTPRequestHandler):
    """Notes what it is asked, and agrees; `refusal` is what it says to whoever wants a container."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = self.path.removeprefix("/v1.47")
        if path not in ("/version", "/_ping") and self.command != "GET":
            self.server.asked.append((f"{self.command} {path}", json.loads(body or b"null")))
        refused = self.server.refusal if path.startswith("/containers/create") else None
        said = json.dumps(refused or {"ApiVersion": "1.47", **CONTAINER}).encode()
        self.send_response(500 if refused else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def engine(monkeypatch):
    engine = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    engine.asked, engine.refusal = [], None
    threading.Thread(target=engine.serve_forever, daemon=True).start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{engine.server_port}")
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    yield engine
    engine.shutdown()
    engine.server_close()


@pytest.fixture
def no_engine(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
