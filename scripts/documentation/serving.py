"""Serves the pages below /docs/. The index is always there; a page is made when somebody first asks for it."""

import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What draws pages and templates is imported when somebody asks: the shop's start waits for this process.

LATER = {"Cache-Control": "no-store"}


class Makers:
    """Makes pages in the background, one at a time; remembers why one could not be made."""

    def __init__(self) -> None:
        self._turn, self._changing = threading.Lock(), threading.Lock()
        self._making, self.troubles = set[str](), dict[str, str]()

    def start(self, address: str) -> None:
        """See to it that the page is made."""
        with self._changing:
            if address not in self._making:
                self._making.add(address)
                threading.Thread(target=self._make, args=(address,), daemon=True).start()

    def _make(self, address: str) -> None:
        from scripts.documentation.pages import NotMade, pages  # noqa: PLC0415 - see above

        try:
            with self._turn:
                for page in pages():
                    if page.address == address and not page.is_made:
                        page.make()
            self.troubles.pop(address, None)
        except (NotMade, ImportError, OSError) as trouble:
            lacking = isinstance(trouble, ImportError)
            self.troubles[address] = (
                "Node is not installed here, it comes with what tests need." if lacking else str(trouble)
            )
        finally:
            with self._changing:
                self._making.discard(address)


class Docs(BaseHTTPRequestHandler):
    """One request."""

    makers = Makers()
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """The index, or the page of a contract."""
        path = self.path.partition("?")[0]
        if path == "/docs":
            self._answer(HTTPStatus.MOVED_PERMANENTLY, "", {"Location": "/docs/"})
        elif path == "/docs/ready":
            self._answer(HTTPStatus.NO_CONTENT, "")
        elif path == "/docs/":
            self._index()
        else:
            self._page(path.removeprefix("/docs/"))

    do_HEAD = do_GET  # noqa: N815 - the name is the library's

    def _index(self) -> None:
        from scripts.documentation.index import index  # noqa: PLC0415
        from services.chassis.refusals import ContractError  # noqa: PLC0415

        try:
            self._answer(HTTPStatus.OK, index(), LATER)
        except (ContractError, KeyError, OSError) as trouble:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, f"The contracts cannot be read: {trouble}", LATER)

    def _page(self, address: str) -> None:
        from scripts.documentation.index import failed, waiting  # noqa: PLC0415
        from scripts.documentation.pages import pages  # noqa: PLC0415

        page = next((page for page in pages() if page.address == address), None)
        if page is None:
            self._answer(HTTPStatus.NOT_FOUND, "There is no such page.")
        elif page.is_made:
            self._answer(HTTPStatus.OK, page.file.read_text("utf-8"))
        else:
            contract = f"{page.source.parent.name}/{page.source.name}"
            if trouble := self.makers.troubles.pop(address, ""):
                self._answer(HTTPStatus.OK, failed(contract, trouble), LATER)
            else:
                self.makers.start(address)
                self._answer(HTTPStatus.OK, waiting(contract), LATER)

    def _answer(self, status: HTTPStatus, text: str, headers: dict[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        for name, said in (headers or {}).items():
            self.send_header(name, said)
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status is not HTTPStatus.NO_CONTENT:
            with suppress(BrokenPipeError):
                self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing of requests."""


class Server(ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Docs).serve_forever()
