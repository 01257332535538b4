"""The events of the ledger, its contract on a topic of its own, and what it does when it receives them."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID, uuid4

import msgspec

from chassis.events.delivery import Delivery
from chassis.events.outbox import OutgoingEvent

ALL = """
asyncapi: 3.0.0
channels:
  entryEvents:
    address: {topic}
    messages:
      EntryMade: {{$ref: '#/components/messages/EntryMade'}}
      EntryStruck: {{$ref: '#/components/messages/EntryStruck'}}
components:
  messages:
    EntryMade:
      name: entry.made
      payload:
        allOf:
          - $ref: '#/components/schemas/Envelope'
          - type: object
            properties:
              type: {{type: string, enum: [entry.made]}}
              data: {{$ref: '#/components/schemas/Entry'}}
    EntryStruck:
      name: entry.struck
      payload:
        allOf:
          - $ref: '#/components/schemas/Envelope'
          - {{type: object, properties: {{type: {{type: string, enum: [entry.struck]}}}}}}
  schemas:
    Envelope:
      type: object
      required: [event_id, type, order_id, timestamp, version, data]
      properties:
        event_id: {{type: string, format: uuid}}
        type: {{type: string}}
        order_id: {{type: string, format: uuid}}
        timestamp: {{type: string, format: date-time}}
        version: {{type: integer, enum: [1]}}
        data: {{type: object}}
    Entry:
      type: object
      required: [text]
      properties:
        text: {{type: string, minLength: 1}}
        note: {{type: string, pattern: '^[^\u202e]*[^\u202e\u3164][^\u202e]*$'}}
"""
LEDGER = """
asyncapi: 3.0.0
channels:
  entryEvents: {$ref: './all.yaml#/channels/entryEvents'}
operations:
  announce_entry_made:
    action: send
    channel: {$ref: '#/channels/entryEvents'}
    messages: [{$ref: '#/channels/entryEvents/messages/EntryMade'}]
  on_entry_made:
    action: receive
    channel: {$ref: '#/channels/entryEvents'}
    messages: [{$ref: '#/channels/entryEvents/messages/EntryMade'}]
"""


def contract_in(folder, topic):
    (folder / "all.yaml").write_text(ALL.format(topic=topic))
    (folder / "ledger.yaml").write_text(LEDGER)
    return folder / "ledger.yaml"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    text: str


class EntryMade(msgspec.Struct, frozen=True, kw_only=True):
    event_id: UUID
    type: Literal["entry.made"] = "entry.made"
    order_id: UUID
    timestamp: datetime
    version: int = 1
    data: Entry


def entry_made(text="an entry", account=None, event_id=None):
    return EntryMade(
        event_id=event_id or uuid4(),
        order_id=account or UUID(int=7),
        timestamp=datetime.now(UTC),
        data=Entry(text=text),
    )


def outgoing_event(topic, **facts):
    event = entry_made(**facts)
    return OutgoingEvent(topic, event, key=str(event.order_id))


class LedgerSubscribers:
    def __init__(self, unit_of_work, before=lambda _: None):
        self._unit_of_work, self._before = unit_of_work, before

    async def on_entry_made(self, event: EntryMade, delivery: Delivery) -> None:
        self._before(event)
        await self._unit_of_work.run_for_delivery(delivery, lambda work: work.enter(event.order_id, event.data.text))
