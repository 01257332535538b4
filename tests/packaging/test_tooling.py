"""The tools serve another project: they name no service, role, topic, event or field of an envelope of this one."""

import re
from pathlib import Path

import pytest

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.openapi import Api
from tests.packaging.project_names import find_lines, names_pattern
from tooling.generation.events import iterate_events
from tooling.project import ROOT, SHARED_MESSAGES_PATH, declared_roles

SHARED_FILES = EventApi.load(ROOT / SHARED_MESSAGES_PATH)
ROLES = {*declared_roles(Api.load_all(ROOT / "contracts"))} - {"admin"}  # which the chassis itself knows
NAMES = {
    *ROLES,
    *(channel.address for channel in SHARED_FILES.channels.values()),
    *(
        name
        for event in iterate_events(SHARED_FILES)
        for name in (event.message.name, event.message.id, *event.arguments)
    ),
}
NAME_PATTERN = re.compile(names_pattern(map(re.escape, sorted(NAMES))))
TOOLING = ROOT / "tooling"
EXEMPT_LINES = {
    "code_mutation/equivalent_mutants.yaml": "mutants of this shop, and why no test can tell them from its code",
    "sdk/python": "a client that begins a session with auth, and an example of a purchase",
    "sdk/typescript": "the same",
    "documentation/reference.html.jinja": "leads through a first order",
    "generation/compose.py": "the address of auth is told to every service",
    "generation/templates/compose": "the same, and what an operator sets in production",
    "scaffolding/templates": "a new service of this shop, for its customers",
}


def files():
    written = [
        path for path in TOOLING.rglob("*") if path.suffix in {".py", ".jinja", ".html", ".js", ".toml", ".yaml"}
    ]
    return [path for path in written if "node_modules" not in path.parts]


def is_exempt(path: Path) -> bool:
    return any(path.is_relative_to(TOOLING / exempt) for exempt in EXEMPT_LINES)


@pytest.mark.parametrize(
    "path", [path for path in files() if not is_exempt(path)], ids=lambda path: str(path.relative_to(TOOLING))
)
def test_the_tools_name_nothing_of_this_shop(path):
    assert find_lines(NAME_PATTERN, path) == {}


@pytest.mark.parametrize("exempt", EXEMPT_LINES)
def test_each_exempt_line_of_the_tools_does_name_the_shop(exempt):
    assert any(find_lines(NAME_PATTERN, path) for path in files() if path.is_relative_to(TOOLING / exempt))


@pytest.mark.parametrize(
    "line", ['roles = ("customer",)', "body['order_id']", '"order.events"', "OrderCreated", "payment.failed", "'cart'"]
)
def test_names_of_this_shop_are_recognised(line):
    assert NAME_PATTERN.search(line)
