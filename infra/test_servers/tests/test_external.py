import pytest

from infra.local.infrastructure import PROCESS_FACTORIES
from infra.local.process import StackError
from infra.test_servers.external import ENVIRONMENT_VARIABLES, ExternalServers
from infra.test_servers.local import LocalServers


@pytest.fixture(scope="module")
def somebodys(tmp_path_factory):
    """Servers that run already."""
    folder = tmp_path_factory.mktemp("somebodys")
    folder.parent.chmod(0o755)
    with LocalServers(folder, own=True) as servers:
        yield servers.start(*PROCESS_FACTORIES)


@pytest.fixture(scope="module")
def environ(somebodys):
    return {ENVIRONMENT_VARIABLES[name][fact]: said for name, info in somebodys.items() for fact, said in info.items()}


def test_addresses_in_the_environment_become_connection_info(somebodys, environ):
    assert ExternalServers(environ).start(*PROCESS_FACTORIES) == somebodys


def test_an_address_may_be_in_a_file(somebodys, environ, tmp_path):
    (tmp_path / "url").write_text(environ["POSTGRES_URL"] + "\n")

    external = ExternalServers({"POSTGRES_URL_FILE": str(tmp_path / "url")})

    assert external.start("postgres") == {"postgres": somebodys["postgres"]}


def test_an_address_that_is_not_set_is_named(environ):
    lacking = {name: said for name, said in environ.items() if name != "S3_SECRET"}

    with pytest.raises(StackError, match=r"^SHOP_STACK=external: S3_SECRET is not set, and tests ask for s3\.$"):
        ExternalServers(lacking).start("valkey", "s3")


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("postgres", {"POSTGRES_URL": "postgresql://postgres:walnut@127.0.0.1:1/shop"}),
        ("valkey", {"REDIS_URL": "redis://127.0.0.1:1/0"}),
        ("kafka", {"KAFKA": "127.0.0.1:1"}),
        ("s3", {"S3_URL": "http://127.0.0.1:1", "S3_KEY": "shop", "S3_SECRET": "walnut", "S3_BUCKET": "images"}),
        ("mail", {"MAIL_URL": "http://127.0.0.1:1", "SMTP": "127.0.0.1:1"}),
    ],
)
def test_where_nobody_answers_is_said_in_one_line_without_a_password(name, addresses):
    with pytest.raises(StackError, match=rf"^{name} does not answer in 0 s: .*\.$") as refused:
        ExternalServers(addresses, within=0).start(name)

    assert "walnut" not in str(refused.value)


def test_nobody_kills_what_is_somebodys(environ):
    external = ExternalServers(environ)
    external.start("valkey")

    for change in external.kill, external.stop, external.resume:
        with pytest.raises(StackError, match="valkey is somebody's"):
            change("valkey")

    external.close()
    assert ExternalServers(environ).start("valkey")
