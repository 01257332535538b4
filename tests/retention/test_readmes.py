"""Each service's README says of all it keeps how long that is, and by which index it is found."""

import re
from importlib import import_module

import pytest

from generated.services import SERVICES
from services import ROOT
from tooling.generation.settings import read_settings_of

SECTION, HEADER = "## What is kept\n", "| of | what | how long | found by |"
STORED = [name for name, service in SERVICES.items() if service.schema]


def rows_of(service):
    """The cells of the table, line by line."""
    text = (ROOT / "services" / service / "README.md").read_text("utf-8")
    lines = text.partition(SECTION)[2].partition("\n## ")[0].strip().splitlines()
    assert lines[0] == HEADER
    table = [line for line in lines[2:] if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def indexes_of(service):
    tables = import_module(f"services.{service}.tables").metadata.tables.values()
    named = {str(part.name) for table in tables for part in (*table.indexes, *table.constraints)}
    return named | {f"{table.name}_pkey" for table in tables}


@pytest.mark.parametrize("service", SERVICES)
def test_of_everything_it_is_said_for_how_long_it_is_kept(service):
    assert [row for row in rows_of(service) if not all(row[:3])] == []


@pytest.mark.parametrize("service", STORED)
def test_all_tables_are_named_and_no_others(service):
    named = {table for of, *_ in rows_of(service) for table in re.findall("`(.+?)`", of)}

    assert named == {table.name for table in import_module(f"services.{service}.tables").metadata.tables.values()}


@pytest.mark.parametrize("service", STORED)
def test_the_indexes_are_there(service):
    named = {index for *_, found_by in rows_of(service) for index in re.findall("`(.+?)`", found_by)}

    assert named - indexes_of(service) == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_settings_are_those_that_the_service_reads(service):
    named = {name for _, _, how_long, _ in rows_of(service) for name in re.findall("`([A-Z_]+)`", how_long)}

    assert named - {setting.variable for setting in read_settings_of(ROOT, service)} == set()
