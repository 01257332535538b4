"""What a mail costs, and how long a shopper waits for it.

    python -m benchmarks.mails

First the CPU µs of a mail's making, by hand and by the `email` package, interleaved in this process, the best of some
rounds. Then a notifications service with a PostgreSQL, a Kafka and a mail server of its own, which hears the events of
journeys: an order, its payment 0.3 s later, its parcel 0.05 s after that. At 10 journeys a second (30 mails), and at
100 mails a second, each for half a minute: the time from the event that a payment has succeeded to its mail in the
inbox, the mails that are still to come when the last event has been sent, and the CPU of the service for each mail.
"""

import asyncio
import email.policy
import email.utils
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import psycopg
from aiokafka import AIOKafkaProducer

from benchmarks.inbox import arrival_time
from chassis.events.outbox import OutgoingEvent
from chassis.testing.eventually import eventually
from generated import events
from infra.local import control
from infra.local.resource_usage import cpu_seconds, process_trees
from services.money import Money
from services.notifications import mime, rendering
from services.notifications.domain import Line, Mail, Notification, Order

SHOPPER: dict[str, Any] = {"user_id": uuid4(), "user_email": "asha@example.com"}
PAYMENT = events.PaymentSucceededData(amount_cents=25998, currency="EUR", provider="mock", payment_id=uuid4())
LAMPS = events.OrderedLine(product_id=uuid4(), title="Walnut desk lamp", qty=2, unit_price_cents=12999, line_id=uuid4())
ROUNDS, MAILS = 5, 200
SECONDS_FROM_ORDER_TO_PAYMENT, SECONDS_FROM_PAYMENT_TO_PARCEL = (
    0.3,
    0.05,
)  # seconds from the order to its payment, and from there to its parcel
COUNT_SENT_MAILS = "SELECT count(*) FROM notifications.mails WHERE status = 'SENT'"
ComposeFunction = Callable[[Mapping[str, str], str, str], bytes]


def compose_with_email_package(headers: Mapping[str, str], text: str, html: str) -> bytes:
    """What `mime.compose_mail` does, by the `email` package."""
    values: dict[str, object] = {
        **headers,
        "From": Address("Shop", addr_spec="orders@shop.example"),
        "To": Address(addr_spec=headers["To"]),
        "Date": email.utils.parsedate_to_datetime(headers["Date"]),
    }
    message = EmailMessage(policy=email.policy.SMTP)
    for name, value in values.items():
        message[name] = value
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def measure_composition() -> dict[str, float]:
    """CPU µs of one mail about a payment, templates and all, by each way."""
    order_id = uuid4()
    order = Order(order_id, Money(25998, "EUR"), (Line("Walnut desk lamp", 2, 12999),))
    payload = msgspec.to_builtins(PAYMENT)
    notification = Notification(order_id, "payment.succeeded", uuid4(), "asha@example.com", payload, datetime.now(UTC))
    mail = Mail(uuid4(), notification, notification.message_id("shop.example"), datetime.now(UTC))
    ways: dict[str, ComposeFunction] = {"email package": compose_with_email_package, "by hand": mime.compose_mail}
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for way, compose in ways.items():
            render = rendering.MailRenderer("orders@shop.example", "https://shop.example", compose)
            begun = time.process_time()
            for _ in range(MAILS):
                render(mail, order)
            best[way] = min(best[way], (time.process_time() - begun) / MAILS * 1e6)
    return best


class Shop:
    """The notifications service of a shop whose other services are events."""

    def __init__(self, producer: AIOKafkaProducer, manifest: Mapping[str, Any]) -> None:
        self._producer, self._manifest = producer, manifest

    async def measure(self, journeys_per_second: float, seconds: float) -> str:
        """A line of the table, after so many seconds of journeys at a fixed rate, whatever becomes of their mails."""
        async with httpx.AsyncClient(base_url=self._manifest["mail"], timeout=120, trust_env=False) as inbox:
            await inbox.delete("/api/v1/messages")
            cpu, begun, paid_at = self._cpu_seconds(), time.monotonic(), dict[UUID, float]()
            all_sent = self._count_sent() + 3 * int(journeys_per_second * seconds)
            async with asyncio.TaskGroup() as journeys:
                for number in range(int(journeys_per_second * seconds)):
                    await asyncio.sleep(begun + number / journeys_per_second - time.monotonic())
                    journeys.create_task(self._order_and_pay(paid_at))
            left = all_sent - self._count_sent()
            await eventually(lambda: self._count_sent() == all_sent, within=120)
            cpu = self._cpu_seconds() - cpu
            mails = (await inbox.get("/api/v2/messages", params={"limit": 5000})).json()["items"]
        arrivals = arrival_time(mails)
        waits = [arrivals[f"{order}.payment.succeeded"] - paid for order, paid in paid_at.items()]
        cuts = quantiles(waits, n=20)
        figures = (len(mails) / seconds, cuts[9] * 1e3, cuts[18] * 1e3, left, cpu / len(mails) * 1e3)
        return "".join(f"{figure:10.1f}" for figure in figures)

    async def _order_and_pay(self, paid_at: dict[UUID, float]) -> None:
        order = uuid4()
        ordered = events.OrderCreatedData(amount_cents=25998, currency="EUR", items=[LAMPS])
        await self._send(events.order_created(order_id=order, data=ordered, **SHOPPER))
        await asyncio.sleep(SECONDS_FROM_ORDER_TO_PAYMENT)
        paid_at[order] = time.time()
        await self._send(events.payment_succeeded(order_id=order, data=PAYMENT, **SHOPPER))
        await asyncio.sleep(SECONDS_FROM_PAYMENT_TO_PARCEL)
        ready = events.ShippingReadyData(shipment_id=order)
        await self._send(events.shipping_ready(order_id=order, data=ready, **SHOPPER))

    async def _send(self, outgoing: OutgoingEvent) -> None:
        value = msgspec.json.encode(outgoing.event)
        await self._producer.send_and_wait(outgoing.topic, value, key=outgoing.key.encode())

    def _count_sent(self) -> int:
        with psycopg.connect(self._manifest["postgres"]) as connection:
            row = connection.execute(COUNT_SENT_MAILS).fetchone()
        return row[0] if row else 0

    def _cpu_seconds(self) -> float:
        return sum(map(cpu_seconds, process_trees(self._manifest)["notifications"]))


async def measure_service(run_dir: Path) -> None:
    manifest = await asyncio.to_thread(control.start, run_dir, "--services", "notifications")
    try:
        async with AIOKafkaProducer(bootstrap_servers=manifest["kafka"], linger_ms=0) as producer:
            shop = Shop(producer, manifest)
            await shop.measure(10, 3)  # warms everything up
            sys.stdout.write(f"{'mails/s':>10}{'p50 ms':>10}{'p95 ms':>10}{'left':>10}{'CPU ms':>10}\n")
            for journeys_per_second, seconds in ((10, 30), (100 / 3, 30)):
                sys.stdout.write(await shop.measure(journeys_per_second, seconds) + "\n")
    finally:
        await asyncio.to_thread(control.stop, run_dir)


if __name__ == "__main__":
    sys.stdout.write("CPU µs to make a mail\n")
    for way, spent in measure_composition().items():
        sys.stdout.write(f"{way:16}{spent:8.0f}\n")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure_service(Path(folder)))
