"""The mail server and the auth service, behind their ports."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from time import monotonic
from typing import Literal
from uuid import UUID

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponse,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPStatus,
)
from aiosmtplib.typing import Default

from chassis.runtime.retry import TransientError, backoff_seconds
from chassis.web.http_client import UpstreamUnavailable
from generated.clients import auth
from services.notifications.errors import (
    AccessDenied,
    LinkNotFound,
    PermanentRejection,
    Rejection,
    ResponseTimeout,
    Unavailable,
    Unconfirmed,
    Unsendable,
)

Encryption = Literal["if-offered", "starttls", "tls"]  # the latter from the first byte on
MAX_AUTH_BACKOFF = 10.0  # seconds
SEND_TIMEOUT = 5.0  # seconds for one mail until all of it is sent, with the greeting
CONFIRMATION_TIMEOUT = 10.0  # seconds for the server to take it: it may look at the whole mail before it answers
PROBE_TIMEOUT = 1.5  # seconds
MAX_MAILS_PER_CONNECTION = 100  # mails; servers hang up on those who never do
MAX_IDLE = 10.0  # seconds for which a connection is kept; less than any mail server does
SMTP_TOO_LARGE = 552  # RFC 1870, 6.1: said before the mail is sent, of its size
SMTP_SERVICE_CLOSING = 421  # RFC 5321, 3.8: the server is about to close, and this mail is not to blame


class AuthServiceClient:
    """`LinkClient`, by the auth service.

    While that does not answer it is asked seldom, by one mail at a time, and all others are told so at once: else each
    would keep a connection to the mail server from other mails until its call times out.
    """

    def __init__(self, client: auth.AuthClient, clock: Callable[[], float] = monotonic) -> None:
        self._client, self._clock = client, clock
        self._failures = 0  # in a row
        self._ask_again_at = 0.0

    async def issue_token(self, link_id: UUID) -> str:
        if self._failures:
            if self._clock() < self._ask_again_at:
                raise UpstreamUnavailable("auth did not answer a moment ago")
            self._back_off()
        try:
            token = (await self._client.issue_link_token(link_id=link_id)).token
        except auth.LinkNotFound:
            self._failures = 0
            raise LinkNotFound from None
        except TransientError:
            self._failures += 1
            self._back_off()
            raise
        self._failures = 0
        return token

    def _back_off(self) -> None:
        self._ask_again_at = self._clock() + backoff_seconds(self._failures, most=MAX_AUTH_BACKOFF)


class SmtpConnection(aiosmtplib.SMTP):
    """aiosmtplib's, which knows of a mail that was sent whole and not answered to, and waits longer for that answer."""

    is_unconfirmed = False
    deadline: asyncio.Timeout

    async def data(
        self, message: str | bytes, /, *, timeout: float | Literal[Default.token] | None = Default.token
    ) -> SMTPResponse:
        """Send a mail as `mime.py` makes it: its lines end with CRLF, and the first does not begin with a dot."""
        begun = await self.execute_command(b"DATA", timeout=timeout)
        if begun.code != SMTPStatus.start_input:
            raise SMTPDataError(begun.code, begun.message)
        if self.protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        whole = message.encode("ascii") if isinstance(message, str) else message
        self.deadline.reschedule(asyncio.get_running_loop().time() + CONFIRMATION_TIMEOUT)
        self.protocol.write(whole.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        self.is_unconfirmed = True
        answer = await self.protocol.read_response()
        self.is_unconfirmed = False
        if answer.code != SMTPStatus.completed:
            raise SMTPDataError(answer.code, answer.message)
        return answer


class SmtpMailer:
    """`Mailer`, by SMTP, over a connection that is kept for a while, and encrypted as `encryption` says.

    With a user it logs in; `ca` are the certificates, as PEM, that the server's is to be signed by, if not by one that
    the system trusts.
    """

    def __init__(
        self, address: str, sender: str, *,
        encryption: Encryption = "if-offered", user: str = "", password: str = "", ca: str = "",
    ) -> None:  # fmt: skip
        host, _, port = address.rpartition(":")
        self._sender = sender
        # Our name is said outright: finding it out would ask the DNS, on every connection.
        self._smtp = SmtpConnection(
            hostname=host, port=int(port), timeout=SEND_TIMEOUT, local_hostname=sender.rpartition("@")[2],
            username=user or None, password=password or None,
            use_tls=encryption == "tls", start_tls={"if-offered": None, "starttls": True, "tls": False}[encryption],
            tls_context=ssl.create_default_context(cadata=ca or None),
        )  # fmt: skip
        self._sent_on_connection = 0
        self._last_used = 0.0

    async def send(self, message: bytes, recipient: str) -> None:
        connected = self._smtp.is_unconfirmed = False
        try:
            async with asyncio.timeout(SEND_TIMEOUT) as self._smtp.deadline:
                await self._connect()
                connected = True
                await self._smtp.sendmail(self._sender, [recipient], message)
        except SMTPRecipientsRefused as rejection:
            raise _classify(rejection.recipients[0]) from None
        except SMTPDataError as rejection:
            raise _classify(rejection) from None
        except SMTPSenderRefused as rejection:
            if rejection.code == SMTP_TOO_LARGE:
                raise PermanentRejection(f"{rejection.code}") from None
            self._smtp.close()
            raise _unavailable(rejection) from rejection
        except (SMTPException, OSError, TimeoutError) as error:
            self._smtp.close()
            if self._smtp.is_unconfirmed:  # also if nobody is reachable now: it had the mail
                raise Unconfirmed(type(error).__name__) from error
            # Who refuses our greeting or our own address refuses us, and not this mail.
            if not connected or isinstance(error, SMTPResponseException) or not await self._is_reachable():
                raise _unavailable(error) from error
            raise ResponseTimeout(type(error).__name__) from error
        # aiosmtplib refuses the address before it says anything. Below OSError, for a bad certificate is both.
        except ValueError as error:
            raise Unsendable(type(error).__name__) from error
        except BaseException as error:
            self._smtp.close()  # left in the middle of a mail, it is of no use for the next
            if self._smtp.is_unconfirmed and isinstance(error, asyncio.CancelledError):  # as its sender ends now
                raise Unconfirmed("not waited for") from error
            raise
        self._sent_on_connection += 1

    async def _is_reachable(self) -> bool:
        """Whether the mail server answers to NOOP within PROBE_TIMEOUT."""
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                await self._connect()
                await self._smtp.noop()
        except (SMTPException, OSError, TimeoutError):
            self._smtp.close()
            return False
        return True

    async def close_if_idle(self) -> None:
        if monotonic() - self._last_used > MAX_IDLE:
            await self.close()

    async def close(self) -> None:
        if self._smtp.is_connected:
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                await self._smtp.quit(timeout=1)
        self._smtp.close()

    async def _connect(self) -> None:
        if self._sent_on_connection >= MAX_MAILS_PER_CONNECTION:
            await self.close()
        await self.close_if_idle()
        self._last_used = monotonic()
        if not self._smtp.is_connected:
            self._sent_on_connection = 0
            await self._smtp.connect()


def _unavailable(error: Exception) -> Unavailable:
    """What became of a mail server that did not serve us; none of it is about a mail."""
    is_denied = (
        # RFC 4954, 6: credentials that are wrong or missing; or it does not send what comes from our address
        (isinstance(error, SMTPResponseException) and error.code >= 500)
        or type(error) is SMTPException  # it has no STARTTLS, or no way to log in that we know
        or isinstance(error, ssl.SSLError)
        or isinstance(error.__cause__, ssl.SSLError)
    )
    code = f" {error.code}" if isinstance(error, SMTPResponseException) else ""
    return (AccessDenied if is_denied else Unavailable)(f"{type(error.__cause__ or error).__name__}{code}")


def _classify(rejection: SMTPRecipientRefused | SMTPDataError) -> Unavailable | Rejection:
    if rejection.code == SMTP_SERVICE_CLOSING:
        return Unavailable("the server is closing")
    exception_type = PermanentRejection if rejection.code >= 500 else Rejection
    return exception_type(f"{rejection.code}")
