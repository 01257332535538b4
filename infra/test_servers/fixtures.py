"""Fixtures of servers: each is started when a test first asks for it, once per session.

`SHOP_TEST_SERVERS=<folder>` uses servers that run already (`python -m infra.test_servers.local <folder> postgres …`),
and `SHOP_STACK=docker|auto|external` others than those of this machine (infra/test_servers/selection.py).
"""

import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from infra.local.process import StackError
from infra.test_servers.selection import ServerBackend, select_backend


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Iterator[ServerBackend]:
    """Servers that tests share: nobody kills them."""

    def say(text: str) -> None:
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\n{text}")

    with _folder() as folder:
        try:
            servers = select_backend(folder, say=say)
        except StackError as trouble:
            pytest.exit(str(trouble), returncode=1)  # one line, instead of the same for every test
        with closing(servers):
            yield servers


@pytest.fixture(scope="session")
def own_servers(servers: ServerBackend) -> Iterator[ServerBackend]:
    """Servers that a test may kill, stop and resume, if it leaves them running."""
    if not servers.shared:
        yield servers
        return
    with _folder() as folder, closing(select_backend(folder, own=True)) as own:
        yield own


@pytest.fixture(scope="session")
def postgres(servers: ServerBackend) -> str:
    """URL of a PostgreSQL, as somebody who may create databases and roles."""
    return servers.start("postgres")["postgres"]["url"]


@pytest.fixture(scope="session")
def kafka(servers: ServerBackend) -> str:
    """host:port of a broker; it has the topics that tests make with `create_topics`."""
    return servers.start("kafka")["kafka"]["url"]


@pytest.fixture(scope="session")
def valkey(servers: ServerBackend) -> str:
    """URL of a Valkey, with one of its databases for this session."""
    url, _, _ = servers.start("valkey")["valkey"]["url"].rpartition("/")
    return f"{url}/{random.randint(1, 15)}"  # noqa: S311 - no secret


@pytest.fixture(scope="session")
def s3(servers: ServerBackend) -> Mapping[str, str]:
    """url, access_key, secret_key and bucket."""
    return servers.start("s3")["s3"]


@pytest.fixture(scope="session")
def mail(servers: ServerBackend) -> Mapping[str, str]:
    """smtp (host:port), and url, where its API says what came."""
    return servers.start("mail")["mail"]


@contextmanager
def _folder() -> Iterator[Path]:
    """A new folder that PostgreSQL's user may enter, as it may not pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="shop-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
