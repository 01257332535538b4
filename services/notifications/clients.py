"""The mail server and the auth service, behind their ports."""

import asyncio
import contextlib
from time import monotonic
from uuid import UUID

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from generated.clients import auth
from services.notifications.errors import (
    LinkNotFound,
    PermanentRejection,
    Rejection,
    ResponseTimeout,
    Unavailable,
    Unsendable,
)

SEND_TIMEOUT = 5.0  # seconds for one mail in all: with the greeting, less than a process has that is told to stop
PROBE_TIMEOUT = 1.5  # seconds
MAX_MAILS_PER_CONNECTION = 100  # mails; servers hang up on those who never do
MAX_IDLE = 10.0  # seconds for which a connection is kept; less than any mail server does
SMTP_TOO_LARGE = 552  # RFC 1870, 6.1: said before the mail is sent, of its size
SMTP_SERVICE_CLOSING = 421  # RFC 5321, 3.8: the server is about to close, and this mail is not to blame


class AuthServiceClient:
    """`LinkClient`, by the auth service."""

    def __init__(self, client: auth.AuthClient) -> None:
        self._client = client

    async def issue_token(self, link_id: UUID) -> str:
        try:
            return (await self._client.issue_link_token(link_id=link_id)).token
        except auth.LinkNotFound:
            raise LinkNotFound from None


class SmtpMailer:
    """`Mailer`, by SMTP, over a connection that is kept for a while. STARTTLS is used where the server offers it."""

    def __init__(self, address: str, sender: str) -> None:
        host, _, port = address.rpartition(":")
        self._sender = sender
        # Our name is said outright: finding it out would ask the DNS, on every connection.
        self._smtp = aiosmtplib.SMTP(
            hostname=host, port=int(port), timeout=SEND_TIMEOUT, local_hostname=sender.rpartition("@")[2]
        )
        self._sent_on_connection = 0
        self._last_used = 0.0

    async def send(self, message: bytes, recipient: str) -> None:
        connected = False
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
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
            raise Unavailable(type(rejection).__name__) from rejection
        except (SMTPException, OSError, TimeoutError) as error:
            self._smtp.close()
            # Who refuses our greeting or our own address refuses us, and not this mail.
            if not connected or isinstance(error, SMTPResponseException) or not await self._is_reachable():
                raise Unavailable(type(error).__name__) from error
            raise ResponseTimeout(type(error).__name__) from error
        # aiosmtplib refuses the address before it says anything. Below OSError, for a bad certificate is both.
        except ValueError as error:
            raise Unsendable(type(error).__name__) from error
        except BaseException:
            self._smtp.close()  # left in the middle of a mail, it is of no use for the next
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


def _classify(rejection: SMTPRecipientRefused | SMTPDataError) -> Unavailable | Rejection:
    if rejection.code == SMTP_SERVICE_CLOSING:
        return Unavailable("the server is closing")
    exception_type = PermanentRejection if rejection.code >= 500 else Rejection
    return exception_type(f"{rejection.code}")
