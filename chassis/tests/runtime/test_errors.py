"""What is told of an error quotes nobody."""

import psycopg
import pytest
from aiokafka.errors import KafkaConnectionError

from chassis.events.messages import InvalidMessage
from chassis.runtime.errors import describe_error
from chassis.runtime.retry import TransientError


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.mark.parametrize("error", [KeyError("asha@example.com"), ValueError("no asha@example.com")], ids=repr)
def test_an_error_of_somebody_else_is_named_and_located(error):
    said = describe_error(raised(error))

    assert said.startswith(f"{type(error).__name__} at tests/runtime/test_errors.py:")
    assert "asha" not in said


def test_an_error_that_was_never_raised_is_named():
    assert describe_error(KeyError("asha@example.com")) == "KeyError"


async def test_what_postgresql_refuses_is_told_by_its_code_table_and_constraint(postgres):
    async with await psycopg.AsyncConnection.connect(postgres) as connection:
        await connection.execute("CREATE TEMPORARY TABLE people (email text CONSTRAINT people_are_known PRIMARY KEY)")
        await connection.execute("INSERT INTO people VALUES ('asha@example.com')")
        with pytest.raises(psycopg.errors.UniqueViolation) as refusal:
            await connection.execute("INSERT INTO people VALUES ('asha@example.com')")

    assert "asha@example.com" in repr(refusal.value)
    assert describe_error(refusal.value) == "UniqueViolation: 23505 people people_are_known"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (psycopg.OperationalError("connection refused\nasha"), "OperationalError: connection refused"),
        (InvalidMessage("another event has this event_id"), "InvalidMessage: another event has this event_id"),
        (TransientError(), "TransientError"),
        (ConnectionResetError(104, "Reset by peer"), "ConnectionResetError: [Errno 104] Reset by peer"),
        (KafkaConnectionError("no broker"), "KafkaConnectionError: KafkaConnectionError: no broker"),
        (TransientError("x" * 1000), f"TransientError: {'x' * 200}"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)  # fmt: skip
def test_what_a_part_of_ours_says_of_itself_is_told(error, said):
    assert describe_error(error) == said
