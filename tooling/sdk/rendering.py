"""Fill in the templates of a package, each into the file of its name."""

from pathlib import Path
from typing import Any

import jinja2

from tooling.generation.rendering import JINJA_ENVIRONMENT


def render_folder(templates: Path, folder: Path, **facts: Any) -> None:
    environment = JINJA_ENVIRONMENT.overlay(loader=jinja2.FileSystemLoader(templates))
    for template in sorted(templates.rglob("*.jinja")):
        name = template.relative_to(templates).as_posix()
        path = folder / name.removesuffix(".jinja")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(environment.get_template(name).render(**facts), "utf-8")
