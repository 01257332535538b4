"""What admins do with accounts."""

from uuid import UUID

import structlog

from chassis.web.problems import Forbidden
from services.auth.application.opening import open_account
from services.auth.domain import Account, Role, canonical_email
from services.auth.errors import AccountNotFound, LastAdmin, OwnAccount
from services.auth.ports import AccountRepository, PasswordHashService, UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger()


class AccountAdministration:
    """`admin_id` is who asks; Forbidden is raised if their own account was disabled since their token was issued."""

    def __init__(
        self, accounts: AccountRepository, unit_of_work: UnitOfWorkFactory, passwords: PasswordHashService
    ) -> None:
        self._accounts, self._unit_of_work, self._passwords = accounts, unit_of_work, passwords

    async def open_account(self, admin_id: UUID, email: str, password: str, role: Role) -> Account:
        """Raises: EmailTaken, Forbidden."""
        hashed = await self._passwords.hash(password)
        async with self._unit_of_work() as work:
            await _lock_admins(work, admin_id)
            account = await open_account(work, email, role, hashed)
        log.info("account opened", account_id=account.id, role=account.role, admin_id=admin_id)
        return account

    async def list_accounts(self, email_prefix: str, after: tuple[str, UUID] | None, limit: int) -> list[Account]:
        """Those whose address begins so, after that pair of `email_key` and id."""
        return await self._accounts.list_by_email(canonical_email(email_prefix), after or ("", UUID(int=0)), limit)

    async def disable(self, account_id: UUID, admin_id: UUID) -> Account:
        """Keep the account from being used, end its sessions and void its links; a repeat changes nothing.

        Raises: AccountNotFound, OwnAccount, LastAdmin, Forbidden.
        """
        async with self._unit_of_work() as work:
            admins = await _lock_admins(work, admin_id)
            if account_id == admin_id:
                raise LastAdmin if admins == [admin_id] else OwnAccount
            account = await work.accounts.set_disabled(account_id, disabled=True)
            if account is None:
                raise AccountNotFound
            await work.sessions.end_all(account_id)
            await work.links.delete_all(account_id)
        log.info("account disabled", account_id=account_id, admin_id=admin_id)
        return account

    async def enable(self, account_id: UUID, admin_id: UUID) -> Account:
        """Let the account be used again; a repeat changes nothing. Raises: AccountNotFound, Forbidden."""
        async with self._unit_of_work() as work:
            await _lock_admins(work, admin_id)
            account = await work.accounts.set_disabled(account_id, disabled=False)
            if account is None:
                raise AccountNotFound
        log.info("account enabled", account_id=account_id, admin_id=admin_id)
        return account

    async def log_out_everywhere(self, account_id: UUID, admin_id: UUID) -> None:
        """End all sessions of the account; a repeat changes nothing. Raises: AccountNotFound, Forbidden."""
        async with self._unit_of_work() as work:
            await _lock_admins(work, admin_id)
            if await work.accounts.find(account_id) is None:
                raise AccountNotFound
            await work.sessions.end_all(account_id)
        log.info("sessions ended", account_id=account_id, admin_id=admin_id)


async def _lock_admins(work: UnitOfWork, admin_id: UUID) -> list[UUID]:
    """All admins who are not disabled, as they stay until the transaction ends.

    Raises: Forbidden, unless the one who asks is among them: an access token outlives that for minutes.
    """
    admins = await work.accounts.lock_active_admins()
    if admin_id not in admins:
        raise Forbidden
    return admins
