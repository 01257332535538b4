"""Fixtures of every service's tests: each server is started when a test first asks for it, once per session.

`SHOP_BACKING=<folder>` uses servers that run already (`python -m infra.local.backing <folder> postgres kafka …`), and
`SHOP_STACK=docker|auto|external` others than those of this machine (infra/backings/choosing.py).
"""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from chassis.testing.contract_recorder import outgoing_events_recorded
from chassis.testing.databases import TemporaryDatabase
from infra.backings.choosing import Backing, chosen
from infra.local.part import Trouble


@pytest.fixture(scope="session", autouse=True)
def recorded_outgoing_events() -> Iterator[None]:
    """Every event that a test has announced is held against its contract, and counted."""
    with outgoing_events_recorded("services"):
        yield


@pytest.fixture(scope="session")
def backing(pytestconfig: pytest.Config) -> Iterator[Backing]:
    """Servers that tests share: nobody kills them."""

    def say(text: str) -> None:
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\n{text}")

    with _folder() as folder:
        try:
            backing = chosen(folder, say=say)
        except Trouble as trouble:
            pytest.exit(str(trouble), returncode=1)  # one line, instead of the same for every test
        with closing(backing):
            yield backing


@pytest.fixture(scope="session")
def own_backing(backing: Backing) -> Iterator[Backing]:
    """Servers that a test may kill, stop and resume, if it leaves them running."""
    if not backing.shared:
        yield backing
        return
    with _folder() as folder, closing(chosen(folder, own=True)) as own:
        yield own


@pytest.fixture(scope="session")
def databases(backing: Backing) -> Iterator[TemporaryDatabase]:
    """A new database for this session."""
    databases = TemporaryDatabase(backing.start("postgres")["postgres"]["url"])
    yield databases
    databases.drop()


@pytest.fixture(scope="session")
def database_url_for(databases: TemporaryDatabase) -> Callable[[str], str]:
    """`database_url_for("order")`: with its role, its schema and its migrations at head."""
    return databases.url_for


@pytest.fixture
def empty_database_for(databases: TemporaryDatabase) -> Callable[[str], str]:
    """`empty_database_for("order")`: the same, and now without any rows."""

    def url_for(service: str, package: str | None = None) -> str:
        url = databases.url_for(service, package)
        databases.empty(service)
        return url

    return url_for


@pytest.fixture(scope="session")
def kafka(backing: Backing) -> str:
    """host:port of a broker; it has the topics that tests make with `create_topics`."""
    return backing.start("kafka")["kafka"]["url"]


@pytest.fixture(scope="session")
def valkey(backing: Backing) -> str:
    """URL of a Valkey, with one of its databases for this session."""
    url, _, _ = backing.start("valkey")["valkey"]["url"].rpartition("/")
    return f"{url}/{random.randint(1, 15)}"  # noqa: S311 - no secret


@pytest.fixture(scope="session")
def s3(backing: Backing) -> Mapping[str, str]:
    """url, access_key, secret_key and bucket."""
    return backing.start("s3")["s3"]


@pytest.fixture(scope="session")
def mail(backing: Backing) -> Mapping[str, str]:
    """smtp (host:port), and url, where its API says what came."""
    return backing.start("mail")["mail"]


@contextmanager
def _folder() -> Iterator[Path]:
    """A new folder that PostgreSQL's user may enter, as it may not pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="shop-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
