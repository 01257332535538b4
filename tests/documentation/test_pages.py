"""The pages are served below /docs/, and each is made when somebody first asks for it."""

import shutil
import threading

import httpx
import pytest

from scripts.contracts.redocly import installed
from scripts.documentation.pages import ROOT, pages
from scripts.documentation.serving import Docs, Makers, Server
from services.chassis.testing.eventually import eventually


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache with the tool in it, and no page."""
    tool = installed()
    (tmp_path / tool.name).symlink_to(tool)
    monkeypatch.setenv("SHOP_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def docs(cache, monkeypatch):
    monkeypatch.setattr(Docs, "makers", Makers())
    with Server(("127.0.0.1", 0), Docs) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as client:
            yield client
        server.shutdown()
        serving.join()


def test_the_index_is_there_at_once(docs):
    answer = docs.get("/docs/")

    assert answer.status_code == 200
    assert "Who calls whom" in answer.text


def test_docs_without_a_slash_leads_there(docs):
    answer = docs.get("/docs")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/docs/")


@pytest.mark.parametrize(
    "path", ["/docs/nothing.html", "/docs/contracts/common.html", "/docs/../redocly.yaml", "/", "/x"]
)
def test_what_is_no_page_is_not_found(docs, path):
    assert docs.get(path).status_code == 404


async def test_a_page_is_made_when_somebody_asks_for_it(docs, cache):
    first = docs.get("/docs/asyncapi/cart.html")

    assert 'http-equiv="refresh"' in first.text
    made = await eventually(lambda: page_of(docs, "/docs/asyncapi/cart.html"), within=30)
    assert "Cart" in made
    assert [path.name.rpartition("-")[0] for path in (cache / "docs").iterdir()] == ["asyncapi-cart"]


def page_of(docs, path):
    text = docs.get(path).text
    return text if len(text) > 1_000_000 else None


async def test_a_page_that_cannot_be_made_says_why(docs, cache):
    (cache / "docs").write_text("where the folder of the pages should be")

    docs.get("/docs/asyncapi/cart.html")

    said = await eventually(lambda: trouble_of(docs, "/docs/asyncapi/cart.html"), within=30)

    assert "scripts/build_docs.py" in said


def trouble_of(docs, path):
    text = docs.get(path).text
    return text if "cannot be made" in text else None


def test_a_page_is_another_one_when_its_contract_or_what_it_refers_to_changes(tmp_path, cache):
    for folder in ("contracts", "asyncapi"):
        shutil.copytree(ROOT / folder, tmp_path / "copy" / folder)
    shutil.copy(ROOT / "redocly.yaml", tmp_path / "copy")
    root = tmp_path / "copy"
    before = {page.address: page.file for page in pages(root)}

    (root / "contracts" / "order.yaml").open("a").write("# changed\n")
    (root / "asyncapi" / "shop.yaml").open("a").write("# changed\n")

    changed = {address for address, file in before.items() if {p.address: p.file for p in pages(root)}[address] != file}
    assert changed == {"contracts/order.html", *(address for address in before if address.startswith("asyncapi/"))}
