"""The page of threats names, for each, a test that there is."""

import ast
import re

import pytest

from tests.packaging.compose import ROOT

NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", (ROOT / "docs" / "threats.md").read_text("utf-8"))
TABLES = re.findall(r"^\| ([A-Z]) \| .+ \| (.+) \|$", (ROOT / "docs" / "threats.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_each_test_that_is_named_is_there(file):
    functions = ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
    there = {one.name for one in functions if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}

    assert {name for named, name in NAMED if named == file} <= there


def test_each_threat_has_its_kind_and_a_test():
    assert {kind for kind, _ in TABLES} == set("STRIDE")
    assert all("::test_" in tests for _, tests in TABLES)
