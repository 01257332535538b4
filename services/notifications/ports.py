"""What the notifications service needs from others, in its own words."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from email.message import EmailMessage
from typing import Protocol
from uuid import UUID

from services.chassis.inbox import Event
from services.notifications.domain import Mail, News, Order


class Away(Exception):
    """The mail server could not be reached, or did not serve us: nothing is wrong with the mail."""


class Refused(Exception):
    """The mail server refuses this mail for now."""


class Unanswered(Refused):
    """The mail server fell silent or hung up over this mail, though it is there for others."""


class RefusedForGood(Refused):
    """The mail server refuses this mail, and says that a repeat will not help."""


class Unsendable(RefusedForGood):
    """No mail can be made of it."""


class Mails(Protocol):
    async def about(self, order_id: UUID, owner: UUID | None, after: UUID | None, limit: int) -> list[Mail]:
        """Read the mails of an order, or those of them that are the owner's, in the order in which they were queued."""

    async def take(self, patience: timedelta, lease: timedelta) -> tuple[Mail, Order | None] | None:
        """Take the mail that is due for the longest; for the time of the lease nobody else gets it.

        A mail of an order that is not known yet is due after so much patience. Mails of one order are taken in the
        order in which things happened, but for those that have failed before: nothing waits for them, and they name
        the carrier and number that were corrected since. The lease is longer each time, so that a mail on which its
        sender dies each time is not sent all the time.
        """

    async def settle(self, mail: Mail) -> None:
        """Write down what became of a mail that was taken. A repeat changes nothing."""


class Work(Protocol):
    """One transaction: what is changed inside is kept together or not at all."""

    async def queue(self, news: News, message_id: str) -> None:
        """Have the shopper told, unless news of that kind is in the ledger already. The sender hears of it."""

    async def remember(self, order: Order) -> None:
        """Keep what was ordered; once known, it stays as it is."""

    async def first_sight_of(self, event: Event) -> bool: ...


UnitOfWork = Callable[[], AbstractAsyncContextManager[Work]]


class Mailer(Protocol):
    async def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand a mail to the mail server, for one recipient.

        Raises:
            Away: The mail server is away, or serves nobody.
            Refused: It would not have this mail, or did not answer to it in time.
        """

    async def rest(self) -> None:
        """Nothing more is to be sent for now."""
