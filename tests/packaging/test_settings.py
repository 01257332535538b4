"""What services are told is to be read in one page, whole and without what nobody reads any more."""

import re
from dataclasses import fields
from importlib import import_module

from generated.services import SERVICES
from tests.packaging.compose import ROOT

SETTINGS = {
    field.name.upper(): field
    for service in SERVICES
    for field in fields(import_module(f"services.{service}.settings").Settings)
}


def documented_settings():
    """The names in the first column of the page's tables."""
    cells = re.findall(r"^\| (`.+?`) \|", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([A-Z\d_]+)`", cell)]


def test_the_page_of_settings_has_each_of_them_once():
    assert sorted(documented_settings()) == sorted(SETTINGS)
