"""Deleting one's own account."""

from uuid import UUID

import structlog

from services.auth import outgoing_events
from services.auth.application.password_guard import PasswordGuard, forgive
from services.auth.domain import Role
from services.auth.errors import LastAdmin, WrongPassword
from services.auth.ports import UnitOfWorkFactory

log = structlog.get_logger()


class AccountDeletion:
    def __init__(self, unit_of_work: UnitOfWorkFactory, guard: PasswordGuard) -> None:
        self._unit_of_work, self._guard = unit_of_work, guard

    async def delete(self, account_id: UUID, email: str, password: str, client_address: str | None) -> None:
        """Delete the account with all that auth knows of it, and tell the others.

        Raises: WrongPassword, LastAdmin, TooManyAttempts, Forbidden.
        """
        async with (
            self._guard.confirm_password(account_id, email, password, client_address) as (account, attempts),
            self._unit_of_work() as work,
        ):
            if account.role is Role.ADMIN and await work.accounts.lock_active_admins() == [account.id]:
                raise LastAdmin
            current = await work.accounts.lock_unchanged(account)
            if current is None:
                raise WrongPassword
            await work.publish(outgoing_events.account_deleted_event(current))
            await work.accounts.delete(account.id)
            await forgive(work, attempts)
        log.info("account deleted", account_id=account_id)
