"""A provider without any money: how an attempt ends is said by its method. It has books of its own, which outlive a
crash as a real one's do, and answers late, in vain or not at all where the method says so.
"""  # fmt: skip

import asyncio
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import msgspec
import structlog

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.web.http_client import UpstreamUnavailable
from chassis.web.http_transport import Request, Transport
from generated.statements import payment as statements
from generated.states import AttemptStatus
from services.money import Money
from services.payment.domain import CARD_DECLINED, FAILURE_REASONS, AttemptResult
from services.payment.providers import signatures

log = structlog.get_logger()

SUCCEEDS, FAILS = "mock_succeeds", "mock_fails_"


class Behaviour(NamedTuple):
    """What the mock makes of a charge."""

    status: AttemptStatus = AttemptStatus.CHARGED
    code: str | None = None
    delay: timedelta = timedelta()  # until it is decided
    is_heard: bool = True  # whether the charge arrives at all
    is_answered: bool = True
    hangs: bool = False  # before it is not answered
    sends_webhook: bool = False


BEHAVIOURS = {
    SUCCEEDS: Behaviour(),
    "mock_delayed": Behaviour(delay=timedelta(seconds=3), sends_webhook=True),
    "mock_answer_lost": Behaviour(is_answered=False),
    "mock_times_out": Behaviour(is_answered=False, hangs=True, sends_webhook=True),
    "mock_request_lost": Behaviour(is_heard=False, is_answered=False),
    **{FAILS + code: Behaviour(status=AttemptStatus.DECLINED, code=code) for code in FAILURE_REASONS},
}
DECLINES = Behaviour(status=AttemptStatus.DECLINED, code=CARD_DECLINED)  # whatever else somebody pays with
HANG_SECONDS = 2.0
WEBHOOK_RETRY, WEBHOOK_BATCH = timedelta(seconds=30), 50
RETENTION = timedelta(days=30)


def webhook_secret(internal_key: str) -> bytes:
    """What the mock signs its webhooks with, which nobody who has not this key can do."""
    return sha256(b"webhooks of the mock provider " + internal_key.encode()).digest()


class MockProvider:
    name = "mock"

    def __init__(self, database: Database, internal_key: str, clock: Callable[[], float]) -> None:
        self._database, self._clock = database, clock
        self._secret = webhook_secret(internal_key)

    async def begin(self, attempt_id: UUID, order_id: UUID, money: Money) -> str:
        return f"mock_{attempt_id}"

    async def charge(self, ref: str, method: str) -> AttemptResult:
        behaviour = BEHAVIOURS.get(method, DECLINES)
        result = AttemptResult(AttemptStatus.OPEN)
        if behaviour.is_heard:
            result = await self._ask(
                statements.CHARGE_AT_MOCK,
                ref=ref,
                status=behaviour.status,
                code=behaviour.code,
                delay=behaviour.delay,
                sends_webhook=behaviour.sends_webhook,
            )
        if behaviour.hangs:
            await asyncio.sleep(HANG_SECONDS)
        if not behaviour.is_answered:
            raise UpstreamUnavailable("the mock provider does not answer, as it was told")
        return result

    async def cancel(self, ref: str) -> AttemptResult:
        return await self._ask(statements.CANCEL_AT_MOCK, ref=ref)

    async def look_up(self, ref: str) -> AttemptResult:
        return await self._ask(statements.LOOK_UP_AT_MOCK, ref=ref)

    async def refund(self, ref: str, refund_id: UUID, money: Money) -> None:
        """Pay nothing back, since nothing was taken."""

    def read_webhook(self, body: bytes, signature: str) -> str | None:
        signatures.verify(body, signature, self._secret, self._clock())
        ref = msgspec.json.decode(body).get("ref")
        return ref if isinstance(ref, str) else None

    async def send_webhooks(self, transport: Transport, url: str, stopping: asyncio.Event) -> bool:
        """Tell the shop of what was decided, until it answers; whether there may be more."""
        due = await self._database.fetch_all(
            statements.CLAIM_MOCK_WEBHOOKS, max_rows=WEBHOOK_BATCH, retry=WEBHOOK_RETRY
        )
        for row in due:
            if stopping.is_set():
                break
            body = msgspec.json.encode({"type": "charge.ended", "ref": row["ref"]})
            signature = signatures.sign(body, self._secret, self._clock())
            headers = {"content-type": "application/json", "webhook-signature": signature}
            try:
                response = await transport.send(Request("POST", url, headers, body))
            except OSError as error:
                log.info("a webhook of the mock is sent again later", error=repr(error))
                continue
            if response.status < 500:
                await self._database.execute(statements.COMPLETE_MOCK_WEBHOOK, heard=row["ref"])
        return len(due) == WEBHOOK_BATCH

    async def _ask(self, statement: Statement[dict[str, object]], **values: object) -> AttemptResult:
        row = await self._database.fetch_one(statement, **values)
        if row is None or not row["is_decided"]:
            return AttemptResult(AttemptStatus.OPEN)
        return AttemptResult(AttemptStatus(str(row["status"])), str(row["code"] or CARD_DECLINED))
