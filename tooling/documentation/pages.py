"""The pages that people read, as scripts/generate.py makes them: an index, the events, a reference per document."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from chassis.contracts.openapi import HTTP_METHODS
from infra.gateway.pages import contract_documents, document_addresses
from tooling.documentation.model import read_shop_model, swagger_anchor
from tooling.project import PROJECT_NAME

TEMPLATES_FOLDER = Path(__file__).parent
COMMENT_STYLES = {".html": "<!-- {} -->\n", ".css": "/* {} */\n", ".js": "// {}\n"}
JINJA_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES_FOLDER),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
)
JINJA_ENVIRONMENT.filters["coded"] = lambda text: Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def render_pages(root: Path, bundled: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The text of each file of generated/docs, by its path below it; `bundled` are the OpenAPI documents by name."""
    whole, names = read_shop_model(root), contract_documents(root)
    made = {
        path.relative_to(TEMPLATES_FOLDER).as_posix(): path.read_text("utf-8")
        for path in (TEMPLATES_FOLDER / "assets").iterdir()
    }
    made["index.html"] = _render("index", project=PROJECT_NAME, shop=whole, names=names, files=document_addresses)
    made[f"asyncapi/{PROJECT_NAME}.html"] = _render(
        "events", shop=whole, files=document_addresses("asyncapi", PROJECT_NAME)
    )
    for name, document in bundled.items():
        made[f"openapi/{name}.html"] = _render(
            "reference",
            name=name,
            project=PROJECT_NAME,
            names=names["openapi"],
            files=document_addresses("openapi", name),
            title=document["info"]["title"],
            groups=_by_tag(document),
        )
    return {name: _headed(name, text) for name, text in made.items()}


def openapi_documents(files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The bundled documents that pages are made of, by name, of what is generated."""
    names = (name for name in files if re.fullmatch(r"bundled/openapi/\w+\.json", name))
    return {Path(name).stem: json.loads(files[name]) for name in names}


def _headed(name: str, text: str) -> str:
    source = "tooling/documentation" if name.startswith("assets/") else "contracts/ and asyncapi/"
    return (
        COMMENT_STYLES[Path(name).suffix].format(f"Generated from {source} by scripts/generate.py. Do not edit.") + text
    )


def _render(template: str, **facts: Any) -> str:
    return JINJA_ENVIRONMENT.get_template(f"{template}.html.jinja").render(**facts)


def _by_tag(document: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """What each tag has to offer, in the order of the document."""
    groups: dict[str, list[dict[str, str]]] = {}
    for path, item in document["paths"].items():
        for method in HTTP_METHODS:
            if method in item:
                anchor = swagger_anchor(item[method])
                operations_by_tag = {
                    "method": method.upper(),
                    "path": path,
                    "anchor": anchor,
                    "summary": item[method].get("summary", ""),
                }
                groups.setdefault(anchor.partition("/")[0], []).append(operations_by_tag)
    return groups
