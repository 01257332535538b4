"""The topics that seeding makes, on a real Kafka."""

import json
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from infra import seeding

YEAR = str(365 * 24 * 3600 * 1000)


@pytest.fixture
def topics(tmp_path, monkeypatch):
    """The names of two topics that only this test wants."""
    name = f"seeded.{uuid4().hex[:12]}"
    wanted = {
        name: {"partitions": 1, "replicas": 1, "configuration": {}},
        f"{name}.dlq": {
            "partitions": 1,
            "replicas": 1,
            "configuration": {"max.message.bytes": "2097152", "retention.ms": YEAR},
        },
    }
    (tmp_path / "topics.json").write_text(json.dumps(wanted))
    monkeypatch.setattr(seeding, "TOPICS_FILE", tmp_path / "topics.json")
    return list(wanted)


@pytest.fixture
def configuration_of(kafka):
    """What Kafka says of a topic."""

    async def configuration_of(topic):
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        try:
            (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        finally:
            await admin.close()
        return {entry[0]: entry[1] for entry in answer.resources[0][4]}

    return configuration_of


async def test_dead_letters_are_kept_for_a_year_and_events_for_as_long_as_kafka_keeps_anything(
    kafka, topics, configuration_of
):
    await seeding.create_topics({"KAFKA": kafka})

    events, dead = [await configuration_of(topic) for topic in topics]
    assert (dead["retention.ms"], dead["max.message.bytes"]) == (YEAR, "2097152")
    assert events["retention.ms"] == str(7 * 24 * 3600 * 1000)


async def test_topics_that_are_there_are_told_what_is_set_now(kafka, topics, configuration_of):
    await seeding.create_topics({"KAFKA": kafka, "DEAD_LETTER_RETENTION_DAYS": "7"})
    before = await configuration_of(topics[1])

    await seeding.create_topics({"KAFKA": kafka, "DEAD_LETTER_RETENTION_DAYS": "90"})

    now = await configuration_of(topics[1])
    assert (before["retention.ms"], now["retention.ms"]) == (str(7 * 86_400_000), str(90 * 86_400_000))
    assert now["max.message.bytes"] == "2097152"


@pytest.mark.parametrize("days", ["0", "366", "a year", "-1", "1.5"])
def test_a_time_that_cannot_be_is_refused(days):
    with pytest.raises(seeding.SeedingError, match="DEAD_LETTER_RETENTION_DAYS is no number from 1 to 365"):
        seeding.wanted_topics({"DEAD_LETTER_RETENTION_DAYS": days})
