"""The topics of the channels, each with the one its dead letters go to."""

import json

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.errors import ContractError
from chassis.contracts.references import JsonObject

# A record as large as its topic takes becomes larger by the headers that say where it comes from and why.
# They are kept for a year, until somebody has seen to them; infra/seeding.py may be told otherwise.
DEAD_LETTER_TOPIC_CONFIG = {"max.message.bytes": "2097152", "retention.ms": str(365 * 24 * 3600 * 1000)}


def render_topics(shop: EventApi) -> str:
    """JSON: partitions, replicas and Kafka's own configuration of each topic, by name."""
    made: JsonObject = {}
    for channel in shop.channels.values():
        topic, kafka = channel.address, channel.kafka
        if "partitions" not in kafka or kafka.get("topic", topic) != topic:
            raise ContractError(f"{shop.document.path.name}: the Kafka binding of {topic} does not fit it")
        sizes = {"partitions": kafka["partitions"], "replicas": kafka.get("replicas", 1)}
        configuration = {key: kafka_value(value) for key, value in kafka.get("topicConfiguration", {}).items()}
        made[topic] = {**sizes, "configuration": configuration}
        # One partition: dead letters are few, and are read in the order in which they were put aside.
        made[f"{topic}.dlq"] = {**sizes, "partitions": 1, "configuration": DEAD_LETTER_TOPIC_CONFIG}
    return json.dumps(made, indent=2) + "\n"


def kafka_value(value: object) -> str:
    """A value as Kafka's configuration spells it."""
    return ",".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
