"""The topics of the channels, each with the one its dead letters go to."""

import json

from scripts.generation.documents import ContractMistake, Document, Node


def topics(shop: Document) -> str:
    """JSON: partitions, replicas and Kafka's own configuration of each topic, by name."""
    made: Node = {}
    for channel in shop.content["channels"].values():
        kafka = channel.get("bindings", {}).get("kafka", {})
        if "partitions" not in kafka or kafka.get("topic", channel["address"]) != channel["address"]:
            raise ContractMistake(f"{shop.path.name}: the Kafka binding of {channel['address']} does not fit it")
        topic = {"partitions": kafka["partitions"], "replicas": kafka.get("replicas", 1)}
        configuration = {key: said(value) for key, value in kafka.get("topicConfiguration", {}).items()}
        made[channel["address"]] = {**topic, "configuration": configuration}
        # One partition: dead letters are few, and are read in the order in which they were put aside.
        made[f"{channel['address']}.dlq"] = {**topic, "partitions": 1, "configuration": {}}
    return json.dumps(made, indent=2) + "\n"


def said(value: object) -> str:
    """A value as Kafka's configuration spells it."""
    return ",".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
