import enum
import uuid

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import ARRAY, Uuid, any_, bindparam
from sqlalchemy.dialects.postgresql import JSONB

from chassis.data.statement import Statement

things = sa.Table(
    "things", sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("text", sa.Text),
    sa.Column("made_here", sa.Text, default=lambda: "by Python"),
    sa.Column("colour", sa.Enum(enum.Enum("Colour", "RED BLUE"))),
    sa.Column("span", sa.Interval),
)  # fmt: skip


class Thing(msgspec.Struct):
    id: uuid.UUID
    text: str


@pytest.mark.parametrize(
    ("clause", "reason"),
    [
        pytest.param(sa.insert(things).values(id=uuid.uuid4()), "made in Python", id="a Python-side default"),
        pytest.param(sa.select(things.c.colour), "Enums need an engine", id="an Enum read"),
        pytest.param(
            sa.update(things).values(colour=bindparam("colour")), "Enums need an engine", id="an Enum written"
        ),
        pytest.param(sa.select(things.c.span), "TypeDecorators", id="a TypeDecorator"),
        pytest.param(
            sa.select(things.c.id).where(things.c.id.in_(bindparam("ids", expanding=True))), "any_", id="a free in_"
        ),
    ],
)
def test_a_statement_that_needs_an_engine_is_rejected_at_import(clause, reason):
    with pytest.raises(TypeError, match=reason):
        Statement(clause)


@pytest.mark.parametrize("values", [{}, {"id": 1, "text": "too much"}, {"text": "another"}])
def test_a_statement_takes_its_values_and_no_others(values):
    statement = Statement(sa.select(things.c.text).where(things.c.id == bindparam("id")))

    with pytest.raises(TypeError, match="the statement takes"):
        statement.parameters(values)


def test_only_a_select_without_side_effects_is_read_only():
    deleted = sa.delete(things).returning(things.c.id).cte("deleted")

    assert Statement(sa.select(things.c.text)).only_reads
    assert not Statement(sa.select(deleted.c.id)).only_reads
    assert not Statement(sa.delete(things)).only_reads


async def test_rows_are_dicts_or_of_the_requested_type(ledger):
    clause = sa.select(sa.literal(uuid.UUID(int=1)).label("id"), sa.literal("a lamp").label("text"))

    assert await ledger.fetch_one(Statement(clause)) == {"id": uuid.UUID(int=1), "text": "a lamp"}
    assert await ledger.fetch_one(Statement(clause, into=Thing)) == Thing(uuid.UUID(int=1), "a lamp")


async def test_lists_and_json_arrive_as_they_were_passed(ledger):
    ids = [uuid.UUID(int=1), uuid.UUID(int=2)]
    statement = Statement(
        sa.select(
            bindparam("json", type_=JSONB).label("json"),
            (sa.literal(ids[1]) == any_(bindparam("ids", type_=ARRAY(Uuid)))).label("among_them"),
        )
    )

    row = await ledger.fetch_one(statement, json={"lines": [1, "Galway"]}, ids=ids)

    assert row == {"json": {"lines": [1, "Galway"]}, "among_them": True}
