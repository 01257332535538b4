"""A pact says no more than the consumer needs, and knows what of it is read."""

import pytest

from tests.pacts.matchers import ExactValue, one_of
from tests.pacts.results import capture, find_read_fields

TERM = {
    "title": "Walnut desk lamp",
    "price_cents": 12999,
    "status": one_of("HELD", "RELEASED"),
    "type": ExactValue("a"),
}


async def test_a_field_counts_as_read_if_another_value_of_it_makes_a_difference():
    async def consumer(said):
        return said["title"], len(said), said["type"]

    assert await find_read_fields(lambda said: capture(consumer(said)), TERM) == ["title", "type"]


async def test_what_the_consumer_does_without_is_no_part_of_the_pact():
    async def consumer(said):
        return said["title"], said["status"], said["type"]

    with pytest.raises(AssertionError, match="does without price_cents"):
        await find_read_fields(lambda said: capture(consumer(said)), TERM)
