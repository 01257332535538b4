"""Queue a mail about what happened to an order, list mails, and try again what has failed."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from chassis.events.delivery import Delivery
from generated.states import NotificationStatus
from services.notifications.domain import Mail, Notification, Order, is_email_address
from services.notifications.errors import InvalidRecipient, NotificationNotFound
from services.notifications.ports import MailRepository, UnitOfWork, UnitOfWorkFactory


class NotificationService:
    """`domain` is the right side of the Message-IDs; `wake_dispatcher` is called when a mail is queued.

    So long after an account is deleted, by `account_erasure`, nothing is mailed there any more, whatever comes.
    """

    def __init__(
        self,
        mails: MailRepository,
        unit_of_work: UnitOfWorkFactory,
        domain: str,
        wake_dispatcher: Callable[[], None] = lambda: None,
        *,
        account_erasure: timedelta,
    ) -> None:
        self._mails, self._unit_of_work, self._domain = mails, unit_of_work, domain
        self._wake_dispatcher, self._account_erasure = wake_dispatcher, account_erasure

    async def list_by_order(self, order_id: UUID, owner: UUID | None, after: UUID | None, limit: int) -> list[Mail]:
        """Read the mails of an order, the first queued first; with an owner, only those to that shopper."""
        return await self._mails.list_by_order(order_id, owner, after, limit)

    async def list_by_status(self, status: NotificationStatus, before: UUID | None, limit: int) -> list[Mail]:
        """Read everybody's mails in that state, the last one queued first."""
        return await self._mails.list_by_status(status, before=before, limit=limit)

    async def list_sent(self, order_id: UUID, limit: int) -> list[Mail]:
        """Read the mails about an order that were sent, the first one sent first."""
        return await self._mails.list_sent(order_id, limit)

    async def retry(self, mail_id: UUID) -> Mail:
        """Send a mail that has failed after all; one that is queued or was sent stays as it is.

        Raises:
            NotificationNotFound: There is none.
        """
        if await self._mails.requeue_failed(mail_id):
            self._wake_dispatcher()
        mail = await self._mails.find(mail_id)
        if mail is None:
            raise NotificationNotFound
        return mail

    async def notify(
        self,
        notification: Notification,
        delivery: Delivery,
        order: Order | None = None,
        deleted_account: UUID | None = None,
        removed: Order | None = None,
    ) -> None:
        """Queue a mail, unless nobody is to be told; keeps what was ordered for this mail and all later ones.

        What is `removed` went out of the order: later mails list what is left.

        Of a deleted account the mails about it are deleted before, and the others lose their recipient later.

        A repeat queues no other.

        Raises:
            InvalidRecipient: It is not for one plain e-mail address.
        """
        if notification.is_mailed and not is_email_address(notification.recipient):
            raise InvalidRecipient("user_email is not one plain address")

        async def queue(work: UnitOfWork) -> bool:
            if deleted_account:
                await work.mails.delete_about_account(deleted_account)
                await work.deleted_accounts.add(deleted_account)
            if notification.is_mailed:
                if order:
                    await work.orders.add(order)
                if removed and not await work.mails.is_queued(notification):
                    await work.orders.remove(removed)
                await work.mails.add(notification, notification.message_id(self._domain), self._account_erasure)
            return notification.is_mailed

        if await self._unit_of_work.run_for_delivery(delivery, queue):
            self._wake_dispatcher()
