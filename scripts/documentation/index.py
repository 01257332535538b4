"""The index: services, who calls whom, who hears whom. It needs neither Node nor a made page."""

from pathlib import Path

import jinja2

from scripts.documentation.pages import ROOT, pages
from scripts.documentation.shop import shop

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def index(root: Path = ROOT) -> str:
    """The page's text."""
    addresses = {page.address for page in pages(root)}
    return TEMPLATES.get_template("index.html.jinja").render(shop=shop(root), addresses=addresses)


def waiting(contract: str) -> str:
    """What is shown while a page is made."""
    return TEMPLATES.get_template("waiting.html.jinja").render(contract=contract, trouble="")


def failed(contract: str, trouble: str) -> str:
    """What is shown when a page cannot be made."""
    return TEMPLATES.get_template("waiting.html.jinja").render(contract=contract, trouble=trouble)
