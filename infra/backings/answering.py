"""Whether a server answers, wherever it runs: asked as its clients ask it."""

import asyncio
import smtplib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
from aiokafka.admin import AIOKafkaAdminClient
from redis import Redis

from infra.local.part import Trouble
from infra.seeding import create_bucket

PATIENCE = 2  # seconds for one answer


def until_it_answers(name: str, facts: Mapping[str, str], within: float) -> None:
    """Wait until a part answers; S3 has its bucket then.

    Raises:
        Trouble: It does not, in so many seconds.
    """
    until = time.monotonic() + within
    while True:
        try:
            return ASK[name](facts)
        except Exception as trouble:  # each client has its own ways of saying "not yet"
            if time.monotonic() > until:
                raise Trouble(f"{name} does not answer in {within:.0f} s: {one_line(trouble)}.") from trouble
        time.sleep(0.1)


def one_line(trouble: BaseException) -> str:
    """Say what went wrong in one line."""
    return (str(trouble).strip().splitlines() or [type(trouble).__name__])[0].rstrip(".")


def _postgres(facts: Mapping[str, str]) -> None:
    psycopg.connect(facts["url"], connect_timeout=PATIENCE).close()


def _valkey(facts: Mapping[str, str]) -> None:
    with Redis.from_url(facts["url"], socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as redis:
        redis.ping()


def _kafka(facts: Mapping[str, str]) -> None:
    async def ask() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=facts["url"], request_timeout_ms=PATIENCE * 1000)
        try:
            await admin.start()
            await admin.list_topics()
        finally:
            await admin.close()

    with ThreadPoolExecutor(1) as apart:  # whoever waits here may have a loop that runs
        apart.submit(asyncio.run, ask()).result()


def _s3(facts: Mapping[str, str]) -> None:
    create_bucket({"S3_URL": facts["url"], "S3_KEY": facts["access_key"], "S3_SECRET": facts["secret_key"],
                   "S3_BUCKET": facts["bucket"]})  # fmt: skip


def _mail(facts: Mapping[str, str]) -> None:
    httpx.get(f"{facts['url']}/api/v2/messages?limit=1", timeout=PATIENCE, trust_env=False).raise_for_status()
    host, _, port = facts["smtp"].rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=PATIENCE) as line:
        line.noop()


ASK: Mapping[str, Callable[[Mapping[str, str]], None]] = {
    "postgres": _postgres,
    "valkey": _valkey,
    "s3": _s3,
    "kafka": _kafka,
    "mail": _mail,
}
