"""Accounts and mails, as admins look after them."""

from uuid import UUID

from chassis.web.responses import Response
from generated.clients.auth import AuthClient
from generated.clients.notifications import NotificationsClient
from generated.models.notifications import NotificationStatus
from generated.models.storefront import AccountForm, BareForm
from services.storefront.application.sessions import Sessions
from services.storefront.application.visits import Visit
from services.storefront.handlers.paging import next_page

PAGE_SIZE = 25


class OfficeAccountHandlers:
    def __init__(self, auth: AuthClient, sessions: Sessions, mails: NotificationsClient) -> None:
        self._auth, self._sessions, self._mails = auth, sessions, mails

    async def show_accounts(self, visit: Visit, email_prefix: str | None = None, cursor: str | None = None) -> Response:
        page = await self._auth.list_accounts(
            email_prefix=email_prefix, limit=PAGE_SIZE, cursor=cursor, token=await visit.token()
        )
        more = next_page("/admin/accounts", page.next_cursor, email_prefix=email_prefix)
        return visit.page("admin-accounts.html", accounts=page.items, email_prefix=email_prefix or "", more=more)

    async def close_account(self, visit: Visit, user_id: UUID, body: AccountForm) -> Response:
        await self._auth.disable_account(user_id=user_id, token=await visit.token())
        await self._sessions.end_all(user_id)
        return visit.see_other(body.then or "/admin/accounts")

    async def reopen_account(self, visit: Visit, user_id: UUID, body: AccountForm) -> Response:
        await self._auth.enable_account(user_id=user_id, token=await visit.token())
        return visit.see_other(body.then or "/admin/accounts")

    async def end_account_sessions(self, visit: Visit, user_id: UUID, body: AccountForm) -> Response:
        await self._auth.log_out_account(user_id=user_id, token=await visit.token())
        await self._sessions.end_all(user_id)
        return visit.see_other(body.then or "/admin/accounts")

    async def show_mails(self, visit: Visit, status: str, cursor: str | None = None) -> Response:
        page = await self._mails.list_all_notifications(
            status=NotificationStatus(status), limit=PAGE_SIZE, cursor=cursor, token=await visit.token()
        )
        more = next_page("/admin/mails", page.next_cursor, status=status)
        return visit.page("admin-mails.html", mails=page.items, state=status, more=more)

    async def retry_mail(self, visit: Visit, notification_id: UUID, body: BareForm) -> Response:
        await self._mails.retry_notification(notification_id=notification_id, token=await visit.token())
        return visit.see_other("/admin/mails")
