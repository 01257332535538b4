"""What the notifications service needs from others, in its own words."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from chassis import unit_of_work
from generated.states import NotificationStatus
from services.notifications.domain import Mail, Notification, Order


class MailRepository(Protocol):
    async def list_by_order(self, order_id: UUID, owner: UUID | None, after: UUID | None, limit: int) -> list[Mail]:
        """Read the mails of an order, or those of them that are the owner's, in the order in which they were queued."""

    async def list_by_status(self, status: NotificationStatus, *, before: UUID | None, limit: int) -> list[Mail]:
        """Read everybody's mails in that state, the last one queued first, from the one after `before`."""

    async def list_sent(self, order_id: UUID, limit: int) -> list[Mail]:
        """Read the mails about an order that were sent, the first one sent first."""

    async def find(self, mail_id: UUID) -> Mail | None: ...

    async def requeue_failed(self, mail_id: UUID) -> bool:
        """Make a mail that has failed due again; False if there is none, or it has not failed."""

    async def claim(
        self, limit: int, order_details_timeout: timedelta, lease: timedelta
    ) -> list[tuple[Mail, Order | None]]:
        """Claim the mails that are due for the longest; for the time of the lease nobody else gets them.

        A mail of an order that is not known yet is due after `order_details_timeout`. Mails of one order are
        claimed one after the other, in the order in which things happened, but for those that have failed before:
        nothing waits for them, and they name the carrier and number that were corrected since. The lease is longer
        each time, so that a mail on which its sender dies each time is not sent all the time.
        """

    async def complete(self, mails: Sequence[Mail]) -> None:
        """Record the outcome of claimed mails; those that are withdrawn are deleted. A repeat changes nothing."""

    async def delete_about_account(self, user_id: UUID) -> None:
        """Delete the mails that are about the account itself, sent or not."""

    async def add(self, notification: Notification, message_id: str, account_erasure: timedelta) -> None:
        """Queue a mail, unless there is one of that order or account, kind and occurrence.

        Nor is it queued if its account was deleted so long ago.
        """

    async def is_queued(self, notification: Notification) -> bool:
        """Whether there is a mail of that order, kind and occurrence, sent or not."""


class OrderRepository(Protocol):
    async def add(self, order: Order) -> None:
        """Insert an order's lines and total; a repeat changes nothing."""

    async def remove(self, removed: Order) -> None:
        """Take these pieces out of an order's lines and total, if it is known; a repeat takes more."""


class DeletedAccountRepository(Protocol):
    async def add(self, user_id: UUID) -> None:
        """Remember the account, whose address is erased from all mails later; a repeat changes nothing."""


class UnitOfWork(Protocol):
    """One transaction: what is changed inside is kept together or not at all."""

    @property
    def mails(self) -> MailRepository: ...

    @property
    def orders(self) -> OrderRepository: ...

    @property
    def deleted_accounts(self) -> DeletedAccountRepository: ...


UnitOfWorkFactory = unit_of_work.UnitOfWorkFactory[UnitOfWork]


class LinkClient(Protocol):
    async def issue_token(self, link_id: UUID) -> str:
        """Get a token for one copy of a link's mail; those of other copies stay good.

        Raises:
            LinkNotFound: The mail is of no use any more.
            UpstreamUnavailable: Nobody can say for now.
        """


class Mailer(Protocol):
    async def send(self, message: bytes, recipient: str) -> None:
        """Hand a mail to the mail server, for one recipient.

        Raises:
            Unavailable: The mail server is away, or serves nobody.
            Unconfirmed: It was given the whole mail, and did not say whether it took it.
            Rejection: It would not have this mail, or did not answer to it in time.
        """

    async def close(self) -> None:
        """Close the connection; the next mail opens a new one."""

    async def close_if_idle(self) -> None:
        """Close the connection if nothing was sent over it for a while."""
