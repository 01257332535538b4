"""The statements of services as text: what is generated is what SQLAlchemy makes of them."""

from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.data.clauses import row_lock
from chassis.data.statement import RowLock, Statement
from services import ROOT
from tooling.generation.statements import SOURCE, render_statements, to_source

SERVICES = sorted(path.parent.name for path in ROOT.glob(SOURCE.format("*")))
LAMPS = sa.Table("lamps", sa.MetaData(schema="shop"), sa.Column("id", sa.Uuid), sa.Column("title", sa.Text))


class Colour(StrEnum):
    RED = "red"


def evaluate(source):
    names = {"Statement": Statement, "RowLock": RowLock, "datetime": import_module("datetime")}
    return eval(source, names | {"uuid": import_module("uuid")})  # noqa: S307 (what is generated, and imported there)


def texts(value):
    """The text and the fixed values of each statement in it."""
    if isinstance(value, RowLock):
        value = [value.locked, value.unlocked, value.unchanged]
    if isinstance(value, Statement):
        return [(value.sql.split(), value.fixed)]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for item in items for text in texts(item)]


@pytest.mark.parametrize("service", SERVICES)
def test_every_statement_of_a_service_is_generated_as_it_was_written(service):
    written = import_module(f"services.{service}.statements")
    generated = import_module(f"generated.statements.{service}")

    names = [name for name, value in vars(written).items() if texts(value) and not name.startswith("_")]
    assert names
    assert {name: texts(getattr(generated, name)) for name in names} == {
        name: texts(getattr(written, name)) for name in names
    }


@pytest.mark.parametrize(
    "value", ["it's", 'a "lamp"', 1, 1.5, True, None, timedelta(days=1), UUID(int=1), {"a": [1]}, (1,), Colour.RED]
)
def test_what_is_fixed_in_a_statement_is_written_down_as_it_is(value):
    assert evaluate(to_source(value)) == value


def test_a_value_that_python_cannot_spell_is_named():
    statement = Statement("SELECT %(lamp)s", {"lamp": object()})

    with pytest.raises(TypeError, match="cannot be written down: <object"):
        to_source(statement)


def test_a_lock_and_a_text_with_quotation_marks_come_back_as_they_were():
    lock = row_lock(sa.select(LAMPS).where(LAMPS.c.title == sa.literal('a "walnut"\\')), LAMPS)

    assert texts(evaluate(to_source(lock))) == texts(lock)
    assert texts(evaluate(to_source(Statement('SELECT \'"""\' \\ AS "text"')))) == [
        (["SELECT", '\'"""\'', "\\", "AS", '"text"'], {})
    ]


def test_contracts_without_services_have_no_statements(tmp_path):
    assert render_statements(tmp_path, tmp_path / "generated") == {}
