"""The pages below /docs/: what scripts/generate.py makes of the contracts, each of them in one file, and Swagger UI."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from importlib.util import find_spec
from pathlib import Path

from chassis.web.conditional import compute_etag, matches_etag

ROOT = Path(__file__).resolve().parents[2]
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".yaml": "application/yaml",
}
REVALIDATE_HEADERS = {"Cache-Control": "no-cache"}  # kept, and asked for again by its ETag each time
CORS_HEADERS = {"Access-Control-Allow-Origin": "*"}  # for editors and other tools that run in a browser
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="stylesheet" href="/docs/assets/pages.css">
<main>
  <h1>{title}</h1>
{text}
</main>
</html>
"""
NOT_PUBLISHED = '  <p>{reason}</p>\n  <p><a href="/docs/">All contracts</a></p>'
# The shop's own words for it are where the shop is, which is away.
RESTING_PAGE = PAGE.format(
    title="The shop is resting for a moment",
    text="""  <p>It cannot be reached right now. Go back if you have typed something: your browser keeps it.</p>
  <p lang="de">Der Laden ist gerade nicht zu erreichen. Was Sie geschrieben haben, steht noch auf der Seite davor.</p>
  <p><a href="">Try again · <span lang="de">Noch einmal versuchen</span></a></p>""",
)
HURRIED_PAGE = PAGE.format(
    title="A moment, please",
    text="""  <p>Very much was asked for from your network just now. Wait a second, then try again.</p>
  <p lang="de">Aus Ihrem Netz kamen gerade sehr viele Anfragen. Bitte versuchen Sie es in einer Sekunde wieder.</p>
  <p><a href="">Try again · <span lang="de">Noch einmal versuchen</span></a></p>""",
)
RESTING_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Type": CONTENT_TYPES[".html"],
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
}
WireResponse = tuple[int, Mapping[str, str], bytes]


def contract_documents(root: Path = ROOT) -> dict[str, list[str]]:
    """The names of the bundled documents of each kind: `shop` is all of them in one."""
    services = {
        "openapi": (path.stem for path in root.glob("contracts/*.yaml") if path.stem != "common"),
        "asyncapi": (path.stem for path in root.glob("asyncapi/*.yaml") if path.stem != "shop"),
    }
    return {kind: ["shop", *sorted(names)] for kind, names in services.items()}


def document_addresses(kind: str, name: str) -> list[str]:
    """The addresses of one document's files, by which tools read it."""
    twins = ("", "-3.1") if kind == "openapi" else ("",)
    return [f"{kind}/{name}{twin}.{form}" for twin in twins for form in ("yaml", "json")]


def published_files(root: Path = ROOT) -> dict[str, tuple[Path, ...]]:
    """Each address below /docs/: the file that is sent, and those without which it would show nothing."""
    made, bundled = root / "generated" / "docs", root / "generated" / "bundled"
    found = find_spec("flask_swagger_ui")  # only asked where it is: importing it would need Flask
    swagger = Path(found.origin if found and found.origin else "flask-swagger-ui").with_name("dist")
    places = {name: made / name for name in ("assets/pages.css", "assets/reference.js")}
    places |= {f"assets/{name}": swagger / name for name in ("swagger-ui-bundle.js", "swagger-ui.css")}
    names = contract_documents(root)
    addresses: dict[str, tuple[Path, ...]] = {address: (place,) for address, place in places.items()}
    for kind, documents in names.items():
        addresses |= {file: (bundled / file,) for name in documents for file in document_addresses(kind, name)}
    for page in ("index.html", "asyncapi/shop.html"):
        addresses[page] = (made / page, places["assets/pages.css"])
    for name in names["openapi"]:
        page = f"openapi/{name}.html"
        addresses[page] = (made / page, bundled / "openapi" / f"{name}.json", *places.values())
    return addresses


class DocumentationPages:
    """Answers for each address that is published, and says why where something is not there."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root, self._published = root, published_files(root)

    def reply(self, path: str, known: bytes = b"") -> WireResponse:
        """What is there, in full or, to whoever has it already (`If-None-Match`), as 304."""
        if path == "/docs":
            return 301, {"Location": "/docs/"}, b""
        address = path.removeprefix("/docs/") or "index.html"
        if address not in self._published:
            return _missing(404, "There is no such page", "Nothing is published at this address.")
        place, *needed = self._published[address]
        try:
            body, tag = _read(place, place.stat().st_mtime_ns)
        except OSError:
            return self._unavailable([place])
        if lacking := [file for file in needed if not file.is_file()]:
            return self._unavailable(lacking)
        headers = {**REVALIDATE_HEADERS, "Content-Type": CONTENT_TYPES[place.suffix], "ETag": tag.decode()}
        if place.suffix in {".json", ".yaml"}:
            headers |= CORS_HEADERS
        return (304, headers, b"") if matches_etag(tag, known) else (200, headers, body)

    def _unavailable(self, lacking: Iterable[Path]) -> WireResponse:
        said = (
            f"{file.relative_to(self._root)} is not there; python3 scripts/generate.py makes it."
            if file.is_relative_to(self._root / "generated")
            else f"{file.name} is not there; it comes with the locked package flask-swagger-ui."
            for file in lacking
        )
        return _missing(503, "This page cannot be shown", " ".join(said))


# Kept, since reading and hashing 1.7 MB each time would keep all else waiting that the gateway has answered here.
@lru_cache(maxsize=128)
def _read(place: Path, changed_ns: int) -> tuple[bytes, bytes]:  # noqa: ARG001 - what is made anew is read anew
    """What a file says since it was last changed, and its entity tag."""
    body = place.read_bytes()
    return body, compute_etag(body)


def _missing(status: int, title: str, reason: str) -> WireResponse:
    text = PAGE.format(title=escape(title), text=NOT_PUBLISHED.format(reason=escape(reason)))
    return status, {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPES[".html"]}, text.encode()
