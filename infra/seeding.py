"""Makes ready what the services need, as often as one likes: roles, schemas, migrations, topics, bucket, first admin.

All addresses come from the environment: POSTGRES_URL (an administrator's), KAFKA, S3_URL, S3_KEY, S3_SECRET,
S3_BUCKET, S3_REGION, S3_ADDRESSING, ADMIN_EMAIL, ADMIN_PASSWORD, DEAD_LETTER_RETENTION_DAYS (365, which is the most),
and for each service with tables its own ORDER_DATABASE_URL and so on, whose user is both role and schema; each may be
in a file instead, which POSTGRES_URL_FILE and so on name. Without them, those of the shop that runs on this machine are
taken.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

import boto3
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError
from psycopg import OperationalError
from sqlalchemy import make_url

from chassis.data import migrations
from chassis.data.schema_version import head
from chassis.events.broker import Broker
from chassis.runtime.settings import is_development, read_env_or_file
from infra.credentials import ADMIN_CREDENTIALS, read_credential

ROOT = Path(__file__).parents[1]
TOPICS_FILE = ROOT / "generated" / "topics.json"
SETTING_NAMES = ("POSTGRES_URL", "KAFKA", "S3_URL", "S3_KEY", "S3_SECRET", "S3_BUCKET", "S3_REGION", "S3_ADDRESSING",
            "ADMIN_EMAIL", "ADMIN_PASSWORD", "ENVIRONMENT", "DEAD_LETTER_RETENTION_DAYS")  # fmt: skip
DEAD_LETTER_SUFFIX = ".dlq"
MAX_RETENTION_DAYS = 365  # services know what they could not handle for 400 days
DEFAULT_REGION = "us-east-1"  # where a bucket is made that is said to be nowhere
# What a Kafka asks for that does not take everybody; nothing of it has to be said.
KAFKA_SETTING_NAMES = ("KAFKA_USER", "KAFKA_PASSWORD", "KAFKA_MECHANISM", "KAFKA_ENCRYPTION", "KAFKA_CA")
SEEDING_TIMEOUT = 300.0  # seconds a server may take to start
RETRYABLE_ERRORS = (OSError, OperationalError, KafkaError, BotoCoreError, ClientError)


class SeedingError(Exception):
    """Something could not be made ready; the text is one clear sentence."""


def services_with_migrations() -> list[str]:
    """Name the services that have migrations."""
    return sorted(folder.parent.name for folder in ROOT.glob("services/*/alembic"))


def read_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Read all settings that are set, from the environment and the files that it names."""
    names = [
        *SETTING_NAMES,
        *KAFKA_SETTING_NAMES,
        *(f"{service.upper()}_DATABASE_URL" for service in services_with_migrations()),
    ]
    return {name: value for name in names if (value := read_env_or_file(name, environ)) is not None}


async def prepare_everything(settings: Mapping[str, str]) -> None:
    """Make everything ready at once; each of it waits by itself for what it needs.

    Raises:
        SettingsError: Production would have the password of development; nothing was changed.
    """
    admin_password = read_credential("ADMIN_PASSWORD", settings)

    async def database_and_admin() -> None:
        await _retry_until_timeout("PostgreSQL", lambda: asyncio.to_thread(create_databases, settings))
        await create_admin(settings, admin_password)

    began = time.monotonic()
    await asyncio.gather(database_and_admin(), create_topics(settings), create_bucket_with_retry(settings))
    print(f"everything is seeded ({time.monotonic() - began:.1f} s)", flush=True)


def create_databases(settings: Mapping[str, str]) -> None:
    """Make a role and a schema for each service and bring its tables to the latest migration."""
    for service in services_with_migrations():
        url = make_url(settings[f"{service.upper()}_DATABASE_URL"])
        if not url.username or not url.password:
            raise SeedingError(f"{service.upper()}_DATABASE_URL names no user, or no password.")
        migrations.create_role_and_schema(settings["POSTGRES_URL"], url.username, str(url.password))
        scripts = ROOT / "services" / service / "alembic"
        applied, latest = migrations.upgrade(scripts, url.render_as_string(hide_password=False)), head(scripts)
        ahead = f"at migration {applied} of a later release, and stay so: this one needs {latest}"
        print(f"the tables of {service} are {ahead if applied != latest else 'at their latest migration'}", flush=True)


async def create_admin(settings: Mapping[str, str], password: str) -> None:
    """Make the first admin, and see to it that outside development nobody knows the password of any."""
    if "auth" not in services_with_migrations():
        return
    from services.auth import seeding  # noqa: PLC0415  # a shop without auth has no admin

    database_url, email = settings["AUTH_DATABASE_URL"], settings["ADMIN_EMAIL"]
    await seeding.create_first_admin(database_url, email, password)
    print("there is an admin", flush=True)
    if not is_development(settings):
        for account in await seeding.replace_known_password(
            database_url, ADMIN_CREDENTIALS["password"], email, password
        ):
            print(f"the admin {account.id} had the password of development: it is replaced, and no session goes on",
                  flush=True)  # fmt: skip


def wanted_topics(settings: Mapping[str, str]) -> list[NewTopic]:
    """The topics of the contracts, of which those for dead letters keep them for as long as is set.

    Raises:
        SeedingError: No such time can be set.
    """
    given = settings.get("DEAD_LETTER_RETENTION_DAYS", "")
    if given and not (given.isascii() and given.isdigit() and 1 <= int(given) <= MAX_RETENTION_DAYS):
        raise SeedingError(f"DEAD_LETTER_RETENTION_DAYS is no number from 1 to {MAX_RETENTION_DAYS}.")
    kept = {"retention.ms": str(int(given) * 86_400_000)} if given else {}
    return [
        NewTopic(name, topic["partitions"], topic["replicas"],
                 topic_configs=topic["configuration"] | (kept if name.endswith(DEAD_LETTER_SUFFIX) else {}))
        for name, topic in json.loads(TOPICS_FILE.read_text("utf-8")).items()
    ]  # fmt: skip


async def create_topics(settings: Mapping[str, str]) -> None:
    """Make the topics that the contracts of the events name, and have those of dead letters keep them long enough."""
    wanted = wanted_topics(settings)
    dead = [ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=topic.topic_configs)
            for topic in wanted if topic.name.endswith(DEAD_LETTER_SUFFIX)]  # fmt: skip
    broker = _broker(settings)

    async def make() -> None:
        admin = AIOKafkaAdminClient(**broker.options, request_timeout_ms=5000)
        try:
            await admin.start()
            answer = await admin.create_topics(wanted)
            # Those that are there already keep dead letters for as long as Kafka keeps anything.
            altered = await admin.alter_configs(dead)
            refused = [(code, name) for one in altered for code, _, _, name in one.resources if code]
        except AttributeError as unknown:  # what aiokafka makes of a cluster without a controller
            raise ConnectionError("it has no controller yet") from unknown
        finally:
            await admin.close()
        for name, code, *_ in answer.topic_errors:
            if for_code(code) not in (for_code(0), TopicAlreadyExistsError):
                raise ConnectionError(f"topic {name}: {for_code(code).__name__}")
        for code, name in refused:
            raise ConnectionError(f"topic {name}: {for_code(code).__name__}")

    await _retry_until_timeout("Kafka", make)
    print(f"{len(wanted)} topics are there", flush=True)


def _broker(settings: Mapping[str, str]) -> Broker:
    """Say how Kafka is reached, as the services are told."""
    return Broker(
        addresses=settings["KAFKA"], user=settings.get("KAFKA_USER", ""), password=settings.get("KAFKA_PASSWORD", ""),
        mechanism=settings.get("KAFKA_MECHANISM") or "SCRAM-SHA-512",  # type: ignore[arg-type]  # Kafka says if not
        tls=settings.get("KAFKA_ENCRYPTION") == "tls", ca=settings.get("KAFKA_CA", ""),
    )  # fmt: skip


async def create_bucket_with_retry(settings: Mapping[str, str]) -> None:
    """Make the bucket of the product images."""
    await _retry_until_timeout("S3", lambda: asyncio.to_thread(create_bucket, settings))
    print("the bucket is there", flush=True)


def create_bucket(settings: Mapping[str, str]) -> None:
    """Make the bucket, for nobody but who has the key, unless it is there.

    Without a key, boto3 looks for credentials where AWS' own programs do.
    """
    region, addressing = settings.get("S3_REGION", DEFAULT_REGION), settings.get("S3_ADDRESSING", "path")
    once = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1},
                  s3={"addressing_style": addressing})  # type: ignore[arg-type]  # fmt: skip
    key = boto3.Session(settings.get("S3_KEY") or None, settings.get("S3_SECRET") or None, region_name=region)
    store = key.client("s3", endpoint_url=settings["S3_URL"], config=once)
    place = {} if region == DEFAULT_REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        store.head_bucket(Bucket=settings["S3_BUCKET"])
        return  # whoever made it may be the only one who may make any
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
            raise
    try:
        store.create_bucket(Bucket=settings["S3_BUCKET"], **place)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise


async def _retry_until_timeout(what: str, make: Callable[[], Awaitable[None]]) -> None:
    """Try again while the other side is still starting."""
    until, reported = time.monotonic() + SEEDING_TIMEOUT, False
    while True:
        try:
            return await make()
        except RETRYABLE_ERRORS as error:
            if time.monotonic() > until:
                raise SeedingError(f"{what} cannot be made ready: {error}") from error
            if not reported:
                print(f"waiting for {what}: {error}", flush=True)
                reported = True
        await asyncio.sleep(0.1)


def seed(argv: Sequence[str]) -> int:
    """Make everything ready by the environment's addresses, or by those of the shop in a run folder."""
    parser = argparse.ArgumentParser(description="Make ready what the services need; repeating it changes nothing.")
    parser.add_argument("--run-dir", type=Path, default=ROOT / ".run", metavar="DIR")
    manifest: Path = parser.parse_args(argv).run_dir / "seeding.json"
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what is not there yet is nothing to report
    try:
        settings = read_settings(os.environ)
        if "POSTGRES_URL" not in settings and manifest.exists():
            settings = json.loads(manifest.read_text("utf-8"))
        if "POSTGRES_URL" not in settings:
            raise KeyError("POSTGRES_URL")  # before all else: nothing was said at all
        asyncio.run(prepare_everything(settings))
    except KeyError as error:
        print(f"Error: {error.args[0]} is not set, and no shop runs in {manifest.parent}.", file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001  # whatever a client raises, a person reads one sentence
        print(f"Error: {error or type(error).__name__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(seed(sys.argv[1:]))
