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

from infra.local.process import StackError
from infra.seeding import create_bucket

PROBE_TIMEOUT = 2  # seconds for one answer


def wait_until_ready(name: str, info: Mapping[str, str], within: float) -> None:
    """Wait until a process answers; S3 has its bucket then.

    Raises:
        StackError: It does not, in so many seconds.
    """
    until = time.monotonic() + within
    while True:
        try:
            return PROBES[name](info)
        except Exception as error:  # each client has its own ways of saying "not yet"
            if time.monotonic() > until:
                raise StackError(f"{name} does not answer in {within:.0f} s: {summarize_error(error)}.") from error
        time.sleep(0.1)


def summarize_error(error: BaseException) -> str:
    """Say what went wrong in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _postgres(info: Mapping[str, str]) -> None:
    psycopg.connect(info["url"], connect_timeout=PROBE_TIMEOUT).close()


def _valkey(info: Mapping[str, str]) -> None:
    with Redis.from_url(info["url"], socket_timeout=PROBE_TIMEOUT, socket_connect_timeout=PROBE_TIMEOUT) as redis:
        redis.ping()


def _kafka(info: Mapping[str, str]) -> None:
    async def ask() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=info["url"], request_timeout_ms=PROBE_TIMEOUT * 1000)
        try:
            await admin.start()
            await admin.list_topics()
        finally:
            await admin.close()

    with ThreadPoolExecutor(1) as apart:  # whoever waits here may have a loop that runs
        apart.submit(asyncio.run, ask()).result()


def _s3(info: Mapping[str, str]) -> None:
    create_bucket({"S3_URL": info["url"], "S3_KEY": info["access_key"], "S3_SECRET": info["secret_key"],
                   "S3_BUCKET": info["bucket"]})  # fmt: skip


def _mail(info: Mapping[str, str]) -> None:
    httpx.get(f"{info['url']}/api/v2/messages?limit=1", timeout=PROBE_TIMEOUT, trust_env=False).raise_for_status()
    host, _, port = info["smtp"].rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=PROBE_TIMEOUT) as line:
        line.noop()


PROBES: Mapping[str, Callable[[Mapping[str, str]], None]] = {
    "postgres": _postgres,
    "valkey": _valkey,
    "s3": _s3,
    "kafka": _kafka,
    "mail": _mail,
}
