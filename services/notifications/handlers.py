"""One method per operation of contracts/notifications.yaml, under its operationId."""

from collections.abc import Sequence
from uuid import UUID

from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.responses import Response, ok
from generated.models import notifications as api
from generated.states import NotificationStatus
from services.notifications.application.notifications import NotificationService
from services.notifications.domain import Mail

MAX_SENT_MAILS = 100  # there are nine kinds of news, and only a correction may come again


class NotificationsHandlers:
    def __init__(self, notifications: NotificationService) -> None:
        self._notifications = notifications

    async def list_notifications(
        self, order_id: UUID, owner: UUID | None, limit: int, cursor: str | None = None
    ) -> Response:
        after = decode_cursor(cursor, UUID)[0] if cursor else None
        return _page(await self._notifications.list_by_order(order_id, owner, after, limit + 1), limit)

    async def list_all_notifications(
        self, status: NotificationStatus, limit: int, cursor: str | None = None
    ) -> Response:
        before = decode_cursor(cursor, UUID)[0] if cursor else None
        return _page(await self._notifications.list_by_status(status, before, limit + 1), limit)

    async def retry_notification(self, notification_id: UUID) -> Response:
        return ok(_to_api_notification(await self._notifications.retry(notification_id)))

    async def list_sent_mails(self, order_id: UUID) -> Response:
        sent = await self._notifications.list_sent(order_id, MAX_SENT_MAILS)
        return ok(api.SentMails(items=[_to_api_sent_mail(mail) for mail in sent]))


def _page(mails: Sequence[Mail], limit: int) -> Response:
    """As many as it may have, given one more where there are others."""
    next_cursor = encode_cursor(mails[limit - 1].id) if len(mails) > limit else None
    items = [_to_api_notification(mail) for mail in mails[:limit]]
    return ok(api.NotificationPage(items=items, next_cursor=next_cursor))


def _to_api_notification(mail: Mail) -> api.Notification:
    return api.Notification(
        id=mail.id,
        order_id=mail.notification.order_id,
        kind=api.NotificationKind(mail.notification.kind),
        recipient=mail.notification.recipient,
        status=api.NotificationStatus(mail.status),
        queued_at=mail.queued_at,
        sent_at=mail.sent_at,
    )


def _to_api_sent_mail(mail: Mail) -> api.SentMail:
    if mail.sent_at is None:
        raise ValueError(f"mail {mail.id} was not sent")
    return api.SentMail(id=mail.id, kind=api.NotificationKind(mail.notification.kind), sent_at=mail.sent_at)
