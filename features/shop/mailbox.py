"""The inbox of everybody, by MailHog's API."""

import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any, Self
from uuid import UUID

import httpx

from chassis.testing.eventually import eventually
from features.shop.recording_transport import RecordingTransport

# What a shopper is told, and the subject that says so.
SUBJECTS = {
    "order is confirmed": "Your order {} is confirmed",
    "order is cancelled": "Your order {} is cancelled",
    "order is cancelled in part": "A part of your order {} is cancelled",
    "sent back pieces have arrived": "What you sent back of your order {} has arrived",
    "payment arrived": "We have your payment for order {}",
    "payment failed": "Your payment for order {} did not go through",
    "money is refunded": "We have refunded your order {}",
    "money is refunded in part": "We have refunded a part of your order {}",
    "parcel is ready": "Your order {} is ready to ship",
    "parcel is on its way": "Your order {} is on its way",
    "parcel has another tracking number": "Your order {} has another tracking number",
    "parcel has arrived": "Your order {} has arrived",
}


def subject_of(news: str, order_id: UUID) -> str:
    """Give the subject under which a shopper is told such news."""
    return SUBJECTS[news].format(str(order_id)[-8:].upper())


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    arrived_at: datetime
    raw: str

    @classmethod
    def read(cls, item: dict[str, Any]) -> Self:
        """Read a mail as MailHog shows it."""
        to, subject = (
            str(make_header(decode_header(item["Content"]["Headers"][name][0]))) for name in ("To", "Subject")
        )
        return cls(to, subject, datetime.fromisoformat(item["Created"]), item["Raw"]["Data"])

    @property
    def text(self) -> str:
        """What it says to those who read no HTML."""
        message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(self.raw.encode())
        body = message.get_body(("plain",))
        return str(body.get_content()) if body else ""


class Mailbox:
    def __init__(self, url: str, transport: RecordingTransport) -> None:
        self._http = httpx.AsyncClient(base_url=url, transport=transport, timeout=10)

    async def list_mails(self, address: str, *, latest: int = 250) -> list[Mail]:
        """The latest mails to an address, the first one first."""
        wanted = httpx.QueryParams(kind="to", query=address, limit=latest)
        found = await self._http.get("/api/v2/search", params=wanted)
        return sorted(map(Mail.read, found.raise_for_status().json()["items"]), key=lambda mail: mail.arrived_at)

    async def wait_for_link_token(self, subject: str, *, to: str) -> str:
        """Wait for a mail with a link, and read the token of the latest."""
        return (await self.wait_for_link(subject, to=to)).partition("?token=")[2]

    async def wait_for_link(self, subject: str, *, to: str) -> str:
        """Wait for a mail with a link, and read that of the latest."""
        await self.wait_for_mail(subject, to=to)
        *_, latest = [mail for mail in await self.list_mails(to, latest=10) if mail.subject == subject]
        return next(word for word in latest.text.split() if "?token=" in word)

    async def wait_for_mail(self, subject: str, *, to: str, within: float = 10) -> Mail:
        """Wait for a mail, and find it among the latest."""

        async def arrived() -> Mail:
            mails = await self.list_mails(to, latest=10)
            known = [mail.subject for mail in mails]
            assert subject in known, f"{to} has mails {known}, and none that says {subject!r}"
            return mails[known.index(subject)]

        return await eventually(arrived, within)
