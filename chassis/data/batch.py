"""A transaction that is one statement: its reads take no locks, and what it writes is sent together at the end."""

from functools import cache
from typing import Any, NamedTuple

import psycopg

from chassis.data.database import Conflict, Database, Transaction
from chassis.data.statement import PARAMETER, Row, RowLock, Statement

CONFLICT = "somebody else came first"  # what the log of PostgreSQL says of it, as of a number that is none


class Part(NamedTuple):
    statement: Statement[Any]
    must_match: bool


class Batch(Transaction):
    """Collects statements, and has PostgreSQL execute all of them, in their order, or none.

    By then the rows that `lock` has read must be as they were, and `require` must touch one. Within the transaction of
    a whole request it is a part of that. What cannot be done in one statement raises Conflict: to read other than by
    `lock`, to read after a write, to ask how many rows were touched, and what PostgreSQL would do wrong or not at all:
    to write to a table twice, unless both are inserts, or to write within a write.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._preconditions: list[tuple[Part, dict[str, Any]]] = []
        self._comparisons: list[tuple[Part, dict[str, Any]]] = []
        self._writes: list[tuple[Part, dict[str, Any]]] = []

    def precede(self, statement: Statement[Any], **values: Any) -> None:
        """Execute this before everything else; it must touch a row."""
        self._preconditions.append((Part(statement, must_match=True), values))

    async def lock(self, row: RowLock[Row], **values: Any) -> Row | None:
        """Read the row that is to be changed; one that is not there is nothing to compare later."""
        if self._writes:
            raise Conflict
        read = await self._database.fetch_one(row.unlocked, **values)
        if read is None:
            return None
        version, result = read
        self._comparisons.append((Part(row.unchanged, must_match=True), {**values, "row_version": version}))
        return result

    async def fetch_one(self, statement: Statement[Row], **values: Any) -> Row | None:
        raise Conflict

    async def fetch_all(self, statement: Statement[Row], **values: Any) -> list[Row]:
        raise Conflict

    async def execute(self, statement: Statement[Any], **values: Any) -> int:
        raise Conflict

    async def write(self, statement: Statement[Any], **values: Any) -> None:
        self._add_write(Part(statement, must_match=False), values)

    async def require(self, statement: Statement[Any], **values: Any) -> None:
        self._add_write(Part(statement, must_match=True), values)

    def _add_write(self, part: Part, values: dict[str, Any]) -> None:
        statement, table = part.statement, part.statement.writes_to
        before = [earlier for (earlier, _), _ in self._writes if table is not None and earlier.writes_to == table]
        if statement.nests_writes or not all(earlier.inserts and statement.inserts for earlier in before):
            raise Conflict
        self._writes.append((part, values))

    async def commit(self) -> None:
        """Execute what was collected.

        Raises:
            Conflict: Somebody else came first, or a constraint refuses it.
        """
        if not (self._preconditions or self._writes):
            return
        collected = (*self._preconditions, *self._comparisons, *self._writes)
        named = {_nth(n, name): value for n, (_, values) in enumerate(collected) for name, value in values.items()}
        try:
            await self._database.execute(_compose(*(part for part, _ in collected)), **named)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise Conflict from error


def _nth(number: int, name: str) -> str:
    return f"part{number}_{name}"


def _number(number: int, sql: str) -> str:
    return PARAMETER.sub(lambda match: f"%({_nth(number, match[1])})s" if match[1] else match[0], sql)


@cache
def _compose(*parts: Part) -> Statement[Any]:
    """One statement of all of them, in their order: each is executed when its rows are counted."""
    bodies, counts, fixed = [], [], dict[str, Any]()
    for number, (statement, must_match) in enumerate(parts):
        returning = "" if statement.returns_rows else " RETURNING 1"
        bodies.append(f"part{number} AS ({_number(number, statement.sql)}{returning})")
        refused = "= 0" if must_match else "< 0"
        counts.append(f"WHEN (SELECT count(*) FROM part{number}) {refused} THEN '{CONFLICT}'")  # noqa: S608 (all ours)
        fixed |= {_nth(number, name): value for name, value in statement.fixed.items()}
    sql = f"WITH {', '.join(bodies)} SELECT CAST(CASE {' '.join(counts)} ELSE '1' END AS integer) AS done"
    return Statement(sql, fixed)
