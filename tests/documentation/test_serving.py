"""What is published below /docs/ is there as it was made, or says why it is not."""

import os
import shutil

import httpx
import pytest

from infra.gateway import pages
from infra.gateway.pages import ROOT, DocumentationPages, published_files
from infra.gateway.problems import GatewayProblemsApp

PUBLISHED = published_files()


@pytest.fixture
async def request_docs():
    transport = httpx.ASGITransport(GatewayProblemsApp())
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


@pytest.fixture
def folder_without_pages(tmp_path):
    """A checkout whose generated/ was not made."""
    for folder in ("contracts", "asyncapi"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize("address", PUBLISHED)
async def test_what_is_published_is_the_file_that_was_made(request_docs, address):
    file, *_ = PUBLISHED[address]

    answer = await request_docs.get(f"/docs/{address}")

    assert answer.status_code == 200
    assert answer.content == file.read_bytes()
    assert answer.headers["Content-Type"].partition(";")[0] == {
        ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
        ".yaml": "application/yaml"}[file.suffix]  # fmt: skip


def test_all_that_is_bundled_is_published():
    bundled = ROOT / "generated" / "bundled"

    assert {path.relative_to(bundled).as_posix() for path in bundled.rglob("*.*")} == {
        address for address in PUBLISHED if address.endswith((".yaml", ".json"))
    }


async def test_the_index_is_at_the_folder_itself(request_docs):
    assert (await request_docs.get("/docs/")).content == PUBLISHED["index.html"][0].read_bytes()
    assert (await request_docs.get("/docs")).headers["Location"] == "/docs/"


@pytest.mark.parametrize("path", ["nothing.html", "openapi/common.json", "openapi/", "../redocly.yaml", "assets/x.js"])
def test_what_is_not_published_is_not_found(path):
    status, headers, body = DocumentationPages().reply(f"/docs/{path}")

    assert (status, headers["Cache-Control"]) == (404, "no-store")
    assert path not in body.decode()


async def test_whoever_has_a_file_already_is_not_sent_it_again(request_docs):
    first = await request_docs.get("/docs/assets/pages.css")

    again = await request_docs.get("/docs/assets/pages.css", headers={"If-None-Match": first.headers["ETag"]})
    other = await request_docs.get("/docs/assets/pages.css", headers={"If-None-Match": '"another"'})
    anyone = await request_docs.get("/docs/assets/pages.css", headers={"If-None-Match": "*"})

    assert (first.headers["Cache-Control"], again.status_code, again.content) == ("no-cache", 304, b"")
    assert anyone.status_code == 304
    assert (other.status_code, other.content) == (200, first.content)


def test_a_file_is_read_again_only_when_it_was_made_anew(folder_without_pages):
    file = folder_without_pages / "generated" / "bundled" / "openapi" / "shop.json"
    file.parent.mkdir(parents=True)
    file.write_text("one")
    pages = DocumentationPages(folder_without_pages)
    read = [pages.reply("/docs/openapi/shop.json")[2] for _ in range(2)]

    file.write_text("another")
    os.utime(file, ns=(1, 1))

    assert read[0] is read[1]
    assert pages.reply("/docs/openapi/shop.json")[2] == b"another"


async def test_who_asks_for_the_head_alone_gets_no_body(request_docs):
    answer = await request_docs.head("/docs/")

    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) == PUBLISHED["index.html"][0].stat().st_size


async def test_pages_of_other_origins_may_read_the_documents_and_nothing_else(request_docs):
    readable = {
        address
        for address in PUBLISHED
        if (await request_docs.head(f"/docs/{address}")).headers.get("Access-Control-Allow-Origin") == "*"
    }

    assert readable == {address for address in PUBLISHED if address.endswith((".yaml", ".json"))}


@pytest.mark.parametrize(
    ("address", "lacks"),
    [
        ("", "generated/docs/index.html"),
        ("openapi/order.html", "generated/docs/openapi/order.html"),
        ("openapi/shop-3.1.yaml", "generated/bundled/openapi/shop-3.1.yaml"),
        ("asyncapi/shop.json", "generated/bundled/asyncapi/shop.json"),
    ],
)
def test_what_was_not_made_is_unavailable_and_says_why(folder_without_pages, address, lacks):
    status, headers, body = DocumentationPages(folder_without_pages).reply(f"/docs/{address}")

    assert (status, headers["Cache-Control"]) == (503, "no-store")
    assert f"{lacks} is not there; python3 scripts/generate.py makes it." in body.decode()
    assert str(folder_without_pages) not in body.decode()


def test_a_page_without_its_document_is_unavailable(folder_without_pages):
    page = folder_without_pages / "generated" / "docs" / "openapi" / "order.html"
    page.parent.mkdir(parents=True)
    page.touch()

    status, _, body = DocumentationPages(folder_without_pages).reply("/docs/openapi/order.html")

    assert status == 503
    assert "generated/bundled/openapi/order.json is not there" in body.decode()


def test_a_reference_without_swagger_ui_is_unavailable_and_says_why(monkeypatch):
    monkeypatch.setattr(pages, "find_spec", lambda _: None)

    status, _, body = DocumentationPages().reply("/docs/openapi/order.html")

    assert status == 503
    assert "swagger-ui.css is not there; it comes with the locked package flask-swagger-ui." in body.decode()
