"""The list of dead letters as a table of the service's own schema."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.data.database import Database
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.data.statement import Statement
from chassis.events.dead_letters import DeadLetter, DeadLetterStatus

MAX_ID = UUID(int=2**128 - 1)


def _to_letter(status: str, **facts: Any) -> DeadLetter:
    return DeadLetter(status=DeadLetterStatus(status), **facts)


# Without a schema: every service finds its own letters by the search path of its role.
COLUMNS = (
    'id, status, topic, partition, "offset", operation, event_id, key, error, tries, failed_at, redriven_at, position'
)
PUT_LETTER = Statement(f"""
INSERT INTO dead_letters ({COLUMNS})
VALUES (
    %(id)s::uuid, %(status)s::text, %(topic)s::text, %(partition)s::integer, %(offset)s::bigint, %(operation)s::text,
    %(event_id)s::uuid, %(key)s::uuid, %(error)s::text, %(tries)s::integer, %(failed_at)s::timestamptz,
    %(redriven_at)s::timestamptz, %(position)s::bigint
)
ON CONFLICT (id) DO UPDATE SET
    status = excluded.status, topic = excluded.topic, partition = excluded.partition, "offset" = excluded."offset",
    operation = excluded.operation, event_id = excluded.event_id, key = excluded.key, error = excluded.error,
    tries = excluded.tries, failed_at = excluded.failed_at, position = excluded.position
""")  # noqa: S608 (all ours)
FIND_LETTER = Statement(
    f"SELECT {COLUMNS} FROM dead_letters WHERE id = %(letter_id)s::uuid",  # noqa: S608
    into=_to_letter,
)
# As `keyset_page` writes it: the range of the index is that of the state.
LIST_LETTERS = Statement(
    f"""
SELECT {COLUMNS} FROM dead_letters
WHERE (status, id) < (%(of_status)s::text, %(before)s::uuid) AND status >= %(of_status)s::text
ORDER BY status DESC, id DESC LIMIT %(limit)s::integer
""",  # noqa: S608
    into=_to_letter,
)
MARK_REDRIVEN = Statement("""
UPDATE dead_letters SET redriven_at = now(), status = CASE
    WHEN position = %(read_position)s::bigint AND status <> 'HANDLED' THEN 'REDRIVEN' ELSE status
END WHERE id = %(letter_id)s::uuid
""")
MARK_HANDLED = Statement("UPDATE dead_letters SET status = 'HANDLED' WHERE id = %(letter_id)s::uuid")
DISMISS = Statement("""
UPDATE dead_letters SET status = 'DISMISSED' WHERE id = %(letter_id)s::uuid AND status = 'OPEN'
""")
COUNT_OPEN = Statement("SELECT count(*) AS letters FROM dead_letters WHERE status = 'OPEN'")
# Longer than their topics keep them: whatever comes from there again is known here.
RETENTION_RULE = RetentionRule(
    "dead letters", delete_expired_statement("dead_letters", "failed_at"), timedelta(days=400)
)


class DeadLetterTable:
    """`DeadLetterStore` in the service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, letter: DeadLetter) -> None:
        values = {name: getattr(letter, name) for name in DeadLetter.__struct_fields__}
        await self._database.execute(PUT_LETTER, **values | {"status": letter.status.value})

    async def find(self, letter_id: UUID) -> DeadLetter | None:
        return await self._database.fetch_one(FIND_LETTER, letter_id=letter_id)

    async def list_by_status(self, status: DeadLetterStatus, before: UUID | None, limit: int) -> Sequence[DeadLetter]:
        return await self._database.fetch_all(
            LIST_LETTERS, of_status=status.value, before=before or MAX_ID, limit=limit
        )

    async def mark_redriven(self, letter: DeadLetter) -> None:
        await self._database.execute(MARK_REDRIVEN, letter_id=letter.id, read_position=letter.position)

    async def mark_handled(self, letter_id: UUID) -> None:
        await self._database.execute(MARK_HANDLED, letter_id=letter_id)

    async def dismiss(self, letter_id: UUID) -> None:
        await self._database.execute(DISMISS, letter_id=letter_id)

    async def count_open(self) -> int:
        row = await self._database.fetch_one(COUNT_OPEN)
        return row["letters"] if row else 0
