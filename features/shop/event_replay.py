"""Redelivers events between the services. The one place where features look behind the gateway."""

import json
from uuid import UUID

from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from chassis.testing.eventually import eventually
from chassis.testing.topics import read_records


class EventReplayer:
    def __init__(self, kafka: str) -> None:
        self._kafka = kafka

    async def redeliver(self, kind: str, order_id: UUID) -> None:
        """Send the latest such event of an order once more, and wait until everybody has taken it in."""
        event = await self._latest(kind, order_id)
        async with AIOKafkaProducer(bootstrap_servers=self._kafka) as producer:
            sent = await producer.send_and_wait(
                event.topic, event.value, key=event.key, partition=event.partition, headers=list(event.headers)
            )
        await self._wait_until_consumed(TopicPartition(sent.topic, sent.partition), sent.offset)

    async def _latest(self, kind: str, order_id: UUID) -> ConsumerRecord:
        topic = f"{kind.partition('.')[0]}.events"
        of_order = [one for one in await read_records(self._kafka, topic) if one.key == str(order_id).encode()]
        of_kind = [one for one in of_order if json.loads(one.value)["type"] == kind]
        assert of_kind, f"there was no {kind} of order {order_id}"
        return of_kind[-1]

    async def _wait_until_consumed(self, partition: TopicPartition, offset: int) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._kafka)
        await admin.start()

        async def by_all() -> bool:
            reached = {}
            for group, *_ in await admin.list_consumer_groups():
                committed = await admin.list_consumer_group_offsets(group)
                if partition in committed:
                    reached[group] = committed[partition].offset
            behind = {group: known for group, known in reached.items() if known <= offset}
            assert reached, f"nobody reads {partition}"
            assert not behind, f"{partition} is to be read beyond {offset}, and was up to {behind}"
            return True

        try:
            await eventually(by_all)
        finally:
            await admin.close()
