# Generated from contracts/notifications.yaml by scripts/generate.py. Do not edit.

"""Typed calls to Notifications 2.0.0, for whoever needs something from it."""

from uuid import UUID

from chassis.web.http_client import Client, Problem
from generated.models.common import (
    DeadLetter,
    DeadLetterContent,
    DeadLetterPage,
    DeadLetterStatus,
    Health,
    Info,
    Readiness,
)
from generated.models.notifications import Notification, NotificationPage, NotificationStatus, SentMails


class DeadLetterNotFound(Problem):
    """There is no such dead letter."""


class NotificationNotFound(Problem):
    """There is no such mail."""


class NotificationsClient(Client):
    """One method per operation of contracts/notifications.yaml, under its operationId."""

    async def list_notifications(
        self, *, order_id: UUID, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> NotificationPage:
        """List the mails about an order."""
        answer: NotificationPage = await self._call(
            "list_notifications",
            "GET",
            "/notifications/v1/notifications",
            {200: NotificationPage},
            {},
            query={"order_id": order_id, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def list_all_notifications(
        self,
        *,
        status: NotificationStatus,
        limit: int | None = None,
        cursor: str | None = None,
        token: str | None = None,
    ) -> NotificationPage:
        """List the mails to everybody that are in one state."""
        answer: NotificationPage = await self._call(
            "list_all_notifications",
            "GET",
            "/notifications/v1/admin/notifications",
            {200: NotificationPage},
            {},
            query={"status": status, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def retry_notification(self, *, notification_id: UUID, token: str | None = None) -> Notification:
        """Try to send a mail again that has failed.

        Raises:
            NotificationNotFound: There is no such mail.
        """
        answer: Notification = await self._call(
            "retry_notification",
            "POST",
            f"/notifications/v1/notifications/{notification_id}/retry",
            {200: Notification},
            {"/problems/notification-not-found": NotificationNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def list_sent_mails(self, *, order_id: UUID) -> SentMails:
        """List the mails that were sent about an order."""
        answer: SentMails = await self._call(
            "list_sent_mails", "GET", f"/notifications/v1/orders/{order_id}/mails", {200: SentMails}, {}, safe=True
        )
        return answer

    async def list_notifications_dead_letters(
        self, *, status: DeadLetterStatus, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> DeadLetterPage:
        """List the events that this service could not handle."""
        answer: DeadLetterPage = await self._call(
            "list_notifications_dead_letters",
            "GET",
            "/notifications/v1/admin/dead-letters",
            {200: DeadLetterPage},
            {},
            query={"status": status, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_notifications_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetterContent:
        """Read an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetterContent = await self._call(
            "get_notifications_dead_letter",
            "GET",
            f"/notifications/v1/admin/dead-letters/{letter_id}",
            {200: DeadLetterContent},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def redrive_notifications_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Send back an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "redrive_notifications_dead_letter",
            "POST",
            f"/notifications/v1/admin/dead-letters/{letter_id}/redrive",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def dismiss_notifications_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Give an event up that this service cannot handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "dismiss_notifications_dead_letter",
            "POST",
            f"/notifications/v1/admin/dead-letters/{letter_id}/dismiss",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_notifications_health(self) -> Health:
        """Say whether the process is alive."""
        answer: Health = await self._call(
            "get_notifications_health", "GET", "/notifications/health", {200: Health}, {}, safe=True
        )
        return answer

    async def get_notifications_readiness(self) -> Readiness:
        """Say whether all that the service needs is there."""
        answer: Readiness = await self._call(
            "get_notifications_readiness", "GET", "/notifications/health/ready", {200: Readiness}, {}, safe=True
        )
        return answer

    async def get_notifications_info(self) -> Info:
        """Say which service and version this is."""
        answer: Info = await self._call(
            "get_notifications_info", "GET", "/notifications/v1/_info", {200: Info}, {}, safe=True
        )
        return answer
