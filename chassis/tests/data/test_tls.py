"""PostgreSQL by TLS, as the address says: a real PostgreSQL, behind what speaks TLS for it (ours is built without)."""

import psycopg
import pytest
import sqlalchemy as sa

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.testing.certificates import make_certificate, tls_proxy

ONE = Statement(sa.text("SELECT 1 AS one"))


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path)


@pytest.fixture
async def url_by_tls(ledger_url, certificate):
    """The address of the database, with more parameters."""
    url = sa.make_url(ledger_url)
    async with tls_proxy(url.port, certificate) as port:

        def url_by_tls(**parameters):
            # direct: there is nobody behind the proxy to be asked for TLS in PostgreSQL's own words
            changed = url.set(port=port, query={"sslmode": "verify-full", "sslnegotiation": "direct", **parameters})
            return changed.render_as_string(hide_password=False)

        yield url_by_tls


async def test_a_database_is_reached_by_tls_where_its_address_says_so(url_by_tls, certificate):
    async with Database(
        url_by_tls(sslrootcert=str(certificate.certificate)), name="ledger", pool_timeout=20
    ) as database:
        assert (await database.fetch_one(ONE))["one"] == 1


async def test_a_database_that_cannot_prove_who_it_is_is_away(url_by_tls, tmp_path):
    (tmp_path / "other").mkdir()
    other = make_certificate(tmp_path / "other")
    async with Database(url_by_tls(sslrootcert=str(other.certificate)), name="ledger", pool_timeout=2) as database:
        with pytest.raises(psycopg.OperationalError):
            await database.fetch_one(ONE)
