"""The pages of the storefront as its contract lists them, and everything that a browser sees on one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from playwright.async_api import Page, Response, ViewportSize

from chassis.contracts.openapi import Api, Operation
from tests.access.requests import REQUESTS, fill_placeholders

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = {one.id: one for one in Api.load(ROOT / "contracts" / "storefront.yaml").operations if one.is_page}
# Who looks at pages: the customer owns the orders of the stage, the buyer is about to order something.
GUEST, CUSTOMER, BUYER, ADMIN = VISITORS = ("guest", "customer", "buyer", "admin")
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=760)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Colours that are still changing would be judged half-way.
RUN_AXE = """tags => {
  document.getAnimations().forEach(one => one.finish());
  return axe.run(document, {runOnly: tags, resultTypes: ["violations"]}).then(found => found.violations.flatMap(
    one => one.nodes.map(node => `${one.id}: ${one.help}: ${node.html.slice(0, 160)}`)));
}"""
# Whatever stands beyond the right edge; the strip of a product's pictures is meant to be scrolled.
TOO_WIDE = """() => {
  const needed = document.documentElement.scrollWidth;
  const outside = one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".gallery-strip");
  const guilty = () => [...document.querySelectorAll("body *")].filter(outside).slice(0, 3);
  return needed <= innerWidth ? [] : [`${needed} pixels`, ...guilty().map(one => one.outerHTML.slice(0, 100))];
}"""
SHIFTS = """() => {
  const seen = new PerformanceObserver(() => {});
  seen.observe({type: "layout-shift", buffered: true});
  return seen.takeRecords().reduce((sum, shift) => sum + shift.value, 0);
}"""
WITHOUT_SIZE = """() => [...document.images]
  .filter(one => !(one.getAttribute("width") > 0 && one.getAttribute("height") > 0))
  .map(one => one.outerHTML.slice(0, 100))"""
# What can be reached by the keyboard and does not show that it was. What follows a link covers its card.
WITHOUT_FOCUS = """() => {
  const isMarked = style => style.outlineStyle !== "none" || style.boxShadow !== "none";
  const every = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary");
  return [...every].filter(one => {
    one.focus();
    const styles = [one, one.closest(".search, .choice")].filter(Boolean).map(part => getComputedStyle(part));
    return one.checkVisibility() && ![...styles, getComputedStyle(one, "::after")].some(isMarked);
  }).map(one => one.outerHTML.slice(0, 100));
}"""

# The forms of a page that cannot be sent as they are: somebody has to fill something in.
_DEMANDING = """[...document.querySelectorAll("main form[method=post]")].filter(form =>
  [...form.elements].some(one => one.required && one.checkVisibility()))"""
DEMANDING_FORMS = f"{_DEMANDING}.length"
SEND_EMPTY = f"""number => {{
  const form = {_DEMANDING}[number];
  form.noValidate = true;
  for (const one of form.elements)
    if (one.matches("textarea, input:not([type=hidden], [type=radio], [type=checkbox], [type=file])")) one.value = "";
  form.requestSubmit();
}}"""
# What a refused form does not say as it should: at the field, tied to it, and above with a link to it.
UNEXPLAINED = """() => {
  const wrong = [...document.querySelectorAll("main [aria-invalid=true]")];
  const alert = document.querySelector("main [role=alert]");
  const said = one => (one.getAttribute("aria-describedby") ?? "").split(" ")
    .some(id => id.endsWith("-error") && document.getElementById(id)?.textContent.trim());
  const linked = one => alert?.querySelector(`a[href="#${one.id}"]`);
  const faults = wrong.filter(one => !said(one) || !linked(one)).map(one => one.id);
  return wrong.length ? faults : ["no field is marked"];
}"""


class View(NamedTuple):
    """A page as it is looked at: where, and by whom."""

    path: str
    visitor: str = GUEST
    status: int = 200


@dataclass
class Observations:
    """What a browser said of a page, and asked for."""

    messages: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> "Observations":
        """Those of a page from now on."""
        seen = cls()
        page.on("console", lambda one: seen.messages.append(one.text) if one.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: seen.messages.append(str(error)))
        page.on("requestfailed", lambda one: seen.messages.append(f"{one.url}: {one.failure}"))
        page.on("response", lambda one: seen.responses.append(one))  # noqa: PLW0108  # Playwright marks what it is given
        return seen

    async def bytes_without_pictures(self) -> int:
        """How much the pages are, with their style sheets, icons and scripts."""
        counted = [
            await one.body()
            for one in self.responses
            if one.request.resource_type != "image" and not 300 <= one.status < 400
        ]
        return sum(map(len, counted))

    def hosts(self) -> set[str]:
        """Whom the browser asked."""
        return {urlsplit(one.url).netloc for one in self.responses if not one.url.startswith("data:")}


def pages_to_visit() -> list[Operation]:
    """Every page that is looked at; those that answer forms are in test_forms.py."""
    return [one for one in OPERATIONS.values() if one.method == "get"]


def view_of(operation: Operation, seeded: Mapping[str, str]) -> View:
    """Where a page is, with the things of the stage, and who may look at it."""
    request, names = REQUESTS["storefront"][operation.id], dict(seeded)
    path = operation.full_path.format(**fill_placeholders(request.path, names))
    query = urlencode(fill_placeholders(request.query, names))
    roles = operation.access.roles
    visitor = GUEST if not roles else CUSTOMER if CUSTOMER in roles else ADMIN
    return View(f"{path}?{query}" if query else path, visitor, request.status)


async def axe_findings(page: Page, axe: str) -> list[str]:
    """What stands in the way of people who see, hear or move otherwise: wide in light colours, narrow in dark ones."""
    await page.evaluate(f"{axe};undefined")  # instead of all that it is
    light: list[str] = await page.evaluate(RUN_AXE, AXE_TAGS)
    await page.set_viewport_size(NARROW)
    await page.emulate_media(color_scheme="dark")
    dark: list[str] = await page.evaluate(RUN_AXE, AXE_TAGS)
    return light + dark
