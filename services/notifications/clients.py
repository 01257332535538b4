"""The mail server, behind its port."""

import asyncio
import contextlib
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from services.notifications.ports import Away, Refused, RefusedForGood, Unanswered, Unsendable

LONGEST = 5.0  # seconds for one mail in all: with the greeting, less than a process has that is told to stop
LONGEST_GREETING = 1.5  # seconds
MOST_PER_CONNECTION = 100  # mails; servers hang up on those who never do
UNFOLDED = SMTP.clone(max_line_length=300)  # not every receiver knows a Message-ID again that was folded
CLOSING = 421  # RFC 5321, 3.8: the server is about to close, and this mail is not to blame


class SmtpMailer:
    """`Mailer`, by SMTP; one connection serves a burst of mails. STARTTLS is used where the server offers it."""

    def __init__(self, address: str, sender: str) -> None:
        host, _, port = address.rpartition(":")
        self._sender = sender
        # Our name is said outright: finding it out would ask the DNS, on every connection.
        self._smtp = aiosmtplib.SMTP(
            hostname=host, port=int(port), timeout=LONGEST, local_hostname=sender.rpartition("@")[2]
        )
        self._sent = 0

    async def send(self, message: EmailMessage, recipient: str) -> None:
        greeted = False
        try:
            async with asyncio.timeout(LONGEST):
                await self._connect()
                greeted = True
                await self._smtp.sendmail(self._sender, [recipient], message.as_bytes(policy=UNFOLDED))
        except SMTPRecipientsRefused as refusal:
            raise _sorted(refusal.recipients[0]) from None
        except SMTPDataError as refusal:
            raise _sorted(refusal) from None
        except (SMTPException, OSError, TimeoutError) as trouble:
            self._smtp.close()
            # Who refuses our greeting or our own address refuses us, and not this mail.
            if not greeted or isinstance(trouble, SMTPResponseException) or not await self._is_there():
                raise Away(type(trouble).__name__) from trouble
            raise Unanswered(type(trouble).__name__) from trouble
        # aiosmtplib refuses the address before it says anything. Below OSError, for a bad certificate is both.
        except ValueError as misfit:
            raise Unsendable(type(misfit).__name__) from misfit
        except BaseException:
            self._smtp.close()  # left in the middle of a mail, it is of no use for the next
            raise
        self._sent += 1

    async def _is_there(self) -> bool:
        """Whether the mail server that did not answer to a mail answers at all."""
        try:
            async with asyncio.timeout(LONGEST_GREETING):
                await self._connect()
                await self._smtp.noop()
        except (SMTPException, OSError, TimeoutError):
            self._smtp.close()
            return False
        return True

    async def rest(self) -> None:
        if self._smtp.is_connected:
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                await self._smtp.quit(timeout=1)
        self._smtp.close()

    async def _connect(self) -> None:
        if self._sent >= MOST_PER_CONNECTION:
            await self.rest()
        if not self._smtp.is_connected:
            self._sent = 0
            await self._smtp.connect()


def _sorted(refusal: SMTPRecipientRefused | SMTPDataError) -> Away | Refused:
    if refusal.code == CLOSING:
        return Away("the server is closing")
    kind = RefusedForGood if refusal.code >= 500 else Refused
    return kind(f"{refusal.code}")
