"""Redis by TLS and as a user of one's own, as the address says: a real one, behind what speaks TLS for it."""

from urllib.parse import urlsplit

import pytest

from chassis.testing.certificates import make_certificate, tls_proxy
from chassis.web.problems import Unavailable
from services.redis_client import connect, translate_errors


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path)


@pytest.fixture
async def cart_user(redis):
    """A user who may do everything but flush, and its address."""
    await redis.execute_command("ACL", "SETUSER", "cart", "on", ">a password of cart's", "~*", "+@all", "-flushdb")
    yield "cart:a%20password%20of%20cart%27s"
    await redis.execute_command("ACL", "DELUSER", "cart")


async def test_redis_is_reached_as_a_user_of_its_own(valkey, cart_user):
    where = urlsplit(valkey)
    async with connect(f"redis://{cart_user}@{where.hostname}:{where.port}{where.path}") as redis:
        await redis.set("key", "value", ex=60)

        assert await redis.execute_command("ACL", "WHOAMI") == b"cart"
        with pytest.raises(Unavailable), translate_errors():
            await redis.flushdb()
        assert await redis.get("key") == b"value"


async def test_a_wrong_password_is_an_outage(valkey, cart_user):
    where = urlsplit(valkey)
    async with connect(f"redis://cart:wrong@{where.hostname}:{where.port}/0") as redis:
        with pytest.raises(Unavailable), translate_errors():
            await redis.get("key")


async def test_redis_is_reached_by_tls_where_its_address_says_so(valkey, certificate, redis):
    await redis.set("key", "value", ex=60)
    async with tls_proxy(urlsplit(valkey).port, certificate) as port:
        trusting = f"rediss://127.0.0.1:{port}{urlsplit(valkey).path}?ssl_ca_certs={certificate.certificate}"
        async with connect(trusting) as encrypted:
            assert await encrypted.get("key") == b"value"


async def test_a_redis_that_cannot_prove_who_it_is_is_away(valkey, certificate, tmp_path):
    (tmp_path / "other").mkdir()
    other = make_certificate(tmp_path / "other")
    async with tls_proxy(urlsplit(valkey).port, certificate) as port:
        trusting = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={other.certificate}"
        async with connect(trusting) as encrypted:
            with pytest.raises(Unavailable), translate_errors():
                await encrypted.get("key")
