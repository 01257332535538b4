"""Mail servers that want to know who sends, and that nobody listens: aiosmtpd with AUTH, STARTTLS and TLS."""

import asyncio
import ssl
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from chassis.runtime.settings import SettingsError, read_settings
from chassis.testing.certificates import make_certificate
from chassis.testing.deliveries import deliver
from services.notifications.clients import SmtpMailer
from services.notifications.errors import AccessDenied, Unavailable
from services.notifications.settings import Settings
from services.notifications.tests.conftest import SHOP
from services.notifications.tests.event_factory import make_event
from services.notifications.tests.test_settings import ENVIRONMENT
from tests.accounts import ASHA

USER, PASSWORD = "shop", "a password of the mail server's"


class Mailbox:
    """What was taken, and over which connections."""

    def __init__(self):
        self.recipients, self.encrypted, self.wrong_sender = [], [], False

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's)
        if self.wrong_sender:
            return "550 5.7.1 not your address"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's)
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path)


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
async def open_server(mailbox, certificate):
    """Starts a mail server that asks for the password; the one fixture gives its address."""
    servers = []

    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    async def open_server(*, kind, auth_required=True):
        tls = {"tls_context": certificate.server_context, "require_starttls": True} if kind == "starttls" else {}

        def serve():
            return SMTP(mailbox, auth_required=auth_required, auth_require_tls=False, authenticator=authenticate, **tls)

        implicit = certificate.server_context if kind == "tls" else None
        servers.append(await asyncio.get_running_loop().create_server(serve, "127.0.0.1", ssl=implicit))
        return f"127.0.0.1:{servers[-1].sockets[0].getsockname()[1]}"

    yield open_server
    for server in servers:
        server.close()


@pytest.fixture
def make_mailer(certificate):
    def make_mailer(address, **how):
        return SmtpMailer(address, SHOP, **{"user": USER, "password": PASSWORD, "ca": certificate.pem, **how})

    return make_mailer


@pytest.mark.parametrize("kind", ["starttls", "tls"])
async def test_whoever_has_the_password_sends_and_nobody_can_listen(open_server, make_mailer, mailbox, kind):
    mailer = make_mailer(await open_server(kind=kind), encryption=kind)

    await mailer.send(b"Subject: Hello\r\n\r\nHello\r\n", ASHA.email)
    await mailer.close()

    assert (mailbox.recipients, mailbox.encrypted) == ([ASHA.email], [True])


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("starttls", {"encryption": "starttls", "password": "wrong"}),
        ("starttls", {"encryption": "starttls", "user": "", "password": ""}),
        ("starttls", {"encryption": "starttls", "ca": ""}),
        ("tls", {"encryption": "tls", "password": "wrong"}),
        ("tls", {"encryption": "tls", "ca": ""}),
        ("plain", {"encryption": "starttls"}),
        ("plain", {"encryption": "tls"}),
    ],
    ids=[
        "a wrong password", "no user", "an unknown certificate", "a wrong password, TLS", "an unknown certificate, TLS",
        "no STARTTLS there", "no TLS there",
    ],
)  # fmt: skip
async def test_a_server_that_lets_nobody_in_is_told_from_one_that_is_away(open_server, make_mailer, mailbox, kind, how):
    mailer = make_mailer(await open_server(kind=kind), **how)

    with pytest.raises(AccessDenied):
        await mailer.send(b"Subject: Hello\r\n\r\nHello\r\n", ASHA.email)

    assert mailbox.recipients == []


async def test_a_server_that_is_away_denies_nothing(make_mailer):
    with pytest.raises(Unavailable) as caught:
        await make_mailer("127.0.0.1:9", encryption="tls").send(b"\r\n", ASHA.email)

    assert type(caught.value) is Unavailable


async def test_while_the_shop_is_denied_its_mails_wait_and_the_readiness_says_so(
    open_server, make_mailer, make_dispatcher, mailbox, subscribers, mail_rows, make_all_due
):
    mailer = make_mailer(await open_server(kind="starttls"), encryption="starttls")
    mailbox.wrong_sender = True
    dispatcher = make_dispatcher("", mailer=mailer)
    await dispatcher.probe()
    await deliver(subscribers, make_event("order.created", uuid4()))

    await dispatcher.send_due(asyncio.Event())
    await dispatcher.drain()

    with pytest.raises(AccessDenied, match="SMTPSenderRefused 550"):
        await dispatcher.probe()
    assert [(row["status"], row["refusals"]) for row in await mail_rows()] == [("QUEUED", 0)]

    mailbox.wrong_sender = False
    await make_all_due()
    dispatcher = make_dispatcher("", mailer=mailer)
    await dispatcher.send_due(asyncio.Event())
    await dispatcher.drain()

    await dispatcher.probe()
    assert [row["status"] for row in await mail_rows()] == ["SENT"]


@pytest.mark.parametrize(
    "told",
    [
        {"SMTP_USER": "shop"},
        {"SMTP_USER": "shop", "SMTP_PASSWORD": "secret"},
        {"SMTP_USER": "shop", "SMTP_ENCRYPTION": "tls"},
        {"SMTP_ENCRYPTION": "ssl"},
        {"SMTP_CA": "no certificate"},
    ],
)
def test_what_no_password_would_be_safe_with_is_refused_at_the_start(told):
    with pytest.raises(SettingsError, match="SMTP_") as caught:
        read_settings(Settings, {**ENVIRONMENT, **told})

    assert "secret" not in str(caught.value)


def test_the_password_comes_as_a_file_and_is_not_shown(tmp_path, certificate):
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    told = {"SMTP_USER": USER, "SMTP_ENCRYPTION": "tls", "SMTP_CA_FILE": str(certificate.certificate)}

    settings = read_settings(Settings, {**ENVIRONMENT, **told, "SMTP_PASSWORD_FILE": str(tmp_path / "password")})

    assert settings.smtp_password == PASSWORD
    assert PASSWORD not in repr(settings)
    assert ssl.create_default_context(cadata=settings.smtp_ca).cert_store_stats()["x509_ca"] == 1
