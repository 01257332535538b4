import enum
import uuid

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import ARRAY, Uuid, any_, bindparam
from sqlalchemy.dialects.postgresql import JSONB, insert

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


deleted = sa.delete(things).returning(things.c.id).cte("deleted")
a_thing = {"id": uuid.UUID(int=1), "made_here": "by SQL"}


@pytest.mark.parametrize(
    ("clause", "kind"),
    [
        pytest.param(sa.select(things.c.text), {"only_reads", "returns_rows"}, id="a select"),
        pytest.param(
            sa.select(things.c.text).where(things.c.text == sa.literal_column("'UPDATE things (' || ')'")),
            {"only_reads", "returns_rows"},
            id="words in quotes",
        ),
        pytest.param(
            sa.select(things.c.text).with_for_update(of=things), {"only_reads", "returns_rows"}, id="for update"
        ),
        pytest.param(
            sa.select(things.c.text).with_for_update(of=things, key_share=True),
            {"only_reads", "returns_rows"},
            id="for no key update",
        ),
        pytest.param(
            sa.select(sa.select(things.c.id).cte()), {"only_reads", "returns_rows"}, id="a select of a select"
        ),
        pytest.param(sa.select(deleted.c.id), {"nests_writes", "returns_rows"}, id="a select of what is deleted"),
        pytest.param(sa.delete(things), {"writes_to"}, id="a delete"),
        pytest.param(sa.update(things).values(text="x"), {"writes_to"}, id="an update"),
        pytest.param(
            sa.update(things).values(text="x").returning(things.c.id), {"writes_to", "returns_rows"}, id="returning"
        ),
        pytest.param(insert(things).values(a_thing).inline(), {"writes_to", "inserts"}, id="an insert"),
        pytest.param(
            insert(things).values(a_thing).on_conflict_do_update(index_elements=["id"], set_={"text": "x"}),
            {"writes_to", "inserts"},
            id="an upsert",
        ),
        pytest.param(
            sa.insert(things).from_select(["id"], sa.select(deleted.c.id)),
            {"writes_to", "inserts", "nests_writes"},
            id="an insert of what is deleted",
        ),
    ],
)
def test_what_a_statement_does_is_read_from_its_text(clause, kind):
    statement = Statement(clause)

    names = ("only_reads", "returns_rows", "nests_writes", "writes_to", "inserts")
    assert {name for name in names if getattr(statement, name)} == kind
    assert statement.writes_to in (None, "things")


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


def test_what_is_fixed_in_a_text_is_not_asked_of_a_caller():
    statement = Statement("SELECT %(one)s, '100 %%', %(two)s", {"two": 2})

    assert statement.required == {"one"}
    assert (statement.query, statement.arguments({"one": 1})) == (b"SELECT $1, '100 %', $2", [1, 2])
