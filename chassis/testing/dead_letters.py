"""What every list of dead letters promises, as tests that the tests of each kind of list inherit.

class TestRedisDeadLetters(DeadLetterStoreTests):
    @pytest.fixture
    def store(self, redis): ...
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from chassis.events.dead_letters import DeadLetter, DeadLetterStatus, DeadLetterStore

NOW = datetime.now(UTC)
BASE = int(NOW.timestamp() * 1000) << 80


def make_letter(number: int = 1, **facts: object) -> DeadLetter:
    """A letter whose event was sent after those with lower numbers."""
    letter = DeadLetter(
        id=UUID(int=BASE + number), status=DeadLetterStatus.OPEN, topic="entries", partition=1, offset=number,
        operation="on_entry_made", event_id=UUID(int=number), key=None, error="CannotBe", tries=5,
        failed_at=NOW, redriven_at=None, position=number,
    )  # fmt: skip
    return msgspec.structs.replace(letter, **facts)


async def _status_of(store: DeadLetterStore, letter: DeadLetter) -> str | None:
    found = await store.find(letter.id)
    return None if found is None else found.status


class DeadLetterStoreTests:
    """`store` is a fixture of the class that inherits this."""

    async def test_a_letter_that_is_put_twice_is_there_once_as_it_was_the_last_time(
        self, store: DeadLetterStore
    ) -> None:
        await store.put(make_letter())
        again = make_letter(
            error="CannotBe for another reason", tries=1, position=7, failed_at=NOW + timedelta(hours=1)
        )
        await store.put(again)

        assert await store.find(again.id) == again
        assert await store.list_by_status(DeadLetterStatus.OPEN, None, 10) == [again]
        assert await store.count_open() == 1

    async def test_a_letter_that_nobody_put_is_not_found_and_does_not_come_to_be(self, store: DeadLetterStore) -> None:
        letter = make_letter()

        await store.mark_redriven(letter)
        await store.mark_handled(letter.id)
        await store.dismiss(letter.id)

        assert await store.find(letter.id) is None
        assert [await store.list_by_status(status, None, 10) for status in DeadLetterStatus] == [[], [], [], []]

    async def test_letters_are_listed_by_state_from_the_newest_page_by_page(self, store: DeadLetterStore) -> None:
        letters = [make_letter(number) for number in range(1, 6)]
        for letter in letters:
            await store.put(letter)
        await store.dismiss(letters[2].id)

        first = await store.list_by_status(DeadLetterStatus.OPEN, None, 3)
        second = await store.list_by_status(DeadLetterStatus.OPEN, first[-1].id, 3)

        assert [*first, *second] == [letters[number] for number in (4, 3, 1, 0)]
        assert [letter.id for letter in await store.list_by_status(DeadLetterStatus.DISMISSED, None, 3)] == [
            letters[2].id
        ]
        assert await store.count_open() == 4

    async def test_what_is_redriven_is_handled_later_and_says_when(self, store: DeadLetterStore) -> None:
        letter = make_letter()
        await store.put(letter)

        await store.mark_redriven(letter)
        redriven = await store.find(letter.id)
        await store.mark_handled(letter.id)
        handled = await store.find(letter.id)

        assert redriven is not None
        assert redriven.redriven_at is not None
        assert redriven == msgspec.structs.replace(
            letter, status=DeadLetterStatus.REDRIVEN, redriven_at=redriven.redriven_at
        )
        assert handled == msgspec.structs.replace(redriven, status=DeadLetterStatus.HANDLED)
        assert await store.count_open() == 0

    async def test_what_fails_again_is_open_again_and_keeps_when_it_was_redriven(self, store: DeadLetterStore) -> None:
        letter = make_letter()
        await store.put(letter)
        await store.mark_redriven(letter)

        await store.put(make_letter(position=8))

        found = await store.find(letter.id)
        assert found is not None
        assert (found.status, found.position) == (DeadLetterStatus.OPEN, 8)
        assert found.redriven_at is not None

    async def test_what_failed_again_before_its_redriving_was_noted_stays_open(self, store: DeadLetterStore) -> None:
        letter = make_letter()
        await store.put(letter)
        await store.put(make_letter(position=8))

        await store.mark_redriven(letter)

        found = await store.find(letter.id)
        assert found is not None
        assert (found.status, found.position) == (DeadLetterStatus.OPEN, 8)
        assert found.redriven_at is not None

    async def test_what_was_handled_before_its_redriving_was_noted_stays_handled(self, store: DeadLetterStore) -> None:
        letter = make_letter()
        await store.put(letter)
        await store.mark_handled(letter.id)

        await store.mark_redriven(letter)

        assert await _status_of(store, letter) == "HANDLED"

    @pytest.mark.parametrize("status", ["REDRIVEN", "HANDLED"])
    async def test_only_what_is_open_is_dismissed(self, store: DeadLetterStore, status: str) -> None:
        letter = make_letter()
        await store.put(letter)
        await (store.mark_redriven(letter) if status == "REDRIVEN" else store.mark_handled(letter.id))

        await store.dismiss(letter.id)

        assert await _status_of(store, letter) == status

    async def test_what_was_dismissed_can_be_redriven(self, store: DeadLetterStore) -> None:
        letter = make_letter()
        await store.put(letter)
        await store.dismiss(letter.id)

        await store.mark_redriven(letter)

        assert await _status_of(store, letter) == "REDRIVEN"
