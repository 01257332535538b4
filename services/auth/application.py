"""The use cases of the auth service: accounts, sessions and passwords, and how often any of them may be tried."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from chassis.web.problems import Forbidden
from services.auth.domain import (
    Account,
    Attempt,
    Limits,
    Role,
    canonical_email,
    digest_of,
    network_of,
    new_refresh_token,
)
from services.auth.errors import (
    AccountDisabled,
    AccountNotFound,
    EmailTaken,
    LastAdmin,
    OwnAccount,
    RefreshTokenRefused,
    WrongCredentials,
    WrongPassword,
)
from services.auth.ports import (
    AccountRepository,
    Keyring,
    Passwords,
    RateLimiter,
    SessionRepository,
    UnitOfWork,
    UnitOfWorkFactory,
)

log = structlog.get_logger()


class Tokens(NamedTuple):
    access_token: str
    refresh_token: str


class AuthService:
    """`client_address` is the IP address a request came from, where the gateway says it."""

    def __init__(
        self,
        *,
        accounts: AccountRepository,
        sessions: SessionRepository,
        rate_limiter: RateLimiter,
        unit_of_work: UnitOfWorkFactory,
        passwords: Passwords,
        keyring: Keyring,
        limits: Limits,
        refresh_leeway: timedelta,
    ) -> None:
        self._accounts, self._sessions, self._rate_limiter = accounts, sessions, rate_limiter
        self._unit_of_work, self._passwords = unit_of_work, passwords
        self._keyring, self._limits, self._leeway = keyring, limits, refresh_leeway

    async def register(self, email: str, password: str, client_address: str | None) -> Account:
        """Raises: EmailTaken, TooManyAttempts."""
        attempts = self._limits.registrations_from(network_of(client_address))
        await self._rate_limiter.reserve(*attempts)
        async with self._counted_if(EmailTaken, attempts):
            return await self._create_account(email, password, Role.CUSTOMER, attempts)

    async def create_account(self, admin_id: UUID, email: str, password: str, role: Role) -> Account:
        """Raises: EmailTaken, Forbidden."""
        return await self._create_account(email, password, role, opened_by=admin_id)

    async def _create_account(
        self,
        email: str,
        password: str,
        role: Role,
        attempts: Sequence[Attempt] = (),
        *,
        opened_by: UUID | None = None,
    ) -> Account:
        hashed = await self._passwords.hash(password)
        async with self._unit_of_work() as work:
            if opened_by:
                await _lock_admins(work, opened_by)
            account = await work.accounts.create(uuid7(), canonical_email(email), role, hashed)
            if account is None:
                raise EmailTaken
            await work.attempts.count(*attempts)
        log.info("account opened", account_id=account.id, role=account.role)
        return account

    async def log_in(self, email: str, password: str, client_address: str | None) -> Tokens:
        """Begin a session. Raises: WrongCredentials, AccountDisabled, TooManyAttempts."""
        email, network = canonical_email(email), network_of(client_address)
        attempts = await self._reserve_login(email, network)
        async with self._counted_if(WrongCredentials, attempts):
            sign, refresh_token = await self._keyring.access_token_signer(), new_refresh_token()
            for _ in range(2):  # again, if the hash was replaced meanwhile, perhaps by one of the same password
                account = await self._verified(email, password)
                if account.disabled_at:
                    raise AccountDisabled
                async with self._unit_of_work() as work:
                    if await work.sessions.begin(account, digest_of(refresh_token)):
                        if network:
                            await work.accounts.remember_network(account, network)
                        await _forgive(work, attempts)
                        break
            else:
                raise WrongCredentials
        log.info("logged in", account_id=account.id)
        return Tokens(sign(account), refresh_token)

    async def refresh(self, refresh_token: str) -> Tokens:
        """Use the token up for new ones. Raises: RefreshTokenRefused."""
        given, successor = digest_of(refresh_token), new_refresh_token()
        sign = (
            await self._keyring.access_token_signer()
        )  # first, so that nothing but the answer can fail once the token is used up
        account = await self._sessions.rotate(given, digest_of(successor), self._leeway)
        if account is None:
            if await self._sessions.end_if_reused(given, self._leeway):
                log.warning("refresh token reused, session ended")
            raise RefreshTokenRefused
        return Tokens(sign(account), successor)

    async def log_out(self, account_id: UUID, refresh_token: str) -> None:
        """End the session of a refresh token, if it is that account's; a repeat changes nothing."""
        await self._sessions.end(account_id, digest_of(refresh_token))

    async def get_account(self, account_id: UUID) -> Account:
        """Raises: AccountNotFound."""
        account = await self._accounts.find(account_id)
        if account is None:
            raise AccountNotFound
        return account

    async def list_accounts(self, email_prefix: str, after: tuple[str, UUID] | None, limit: int) -> list[Account]:
        """Those whose address begins so, after that pair of `email_key` and id."""
        return await self._accounts.list_by_email(canonical_email(email_prefix), after or ("", UUID(int=0)), limit)

    async def disable(self, account_id: UUID, admin_id: UUID) -> Account:
        """Keep the account from being used, and end its sessions; a repeat changes nothing.

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

    async def change_password(
        self, account_id: UUID, email: str, *, current: str, new: str, client_address: str | None
    ) -> None:
        """Replace it, and end all sessions of the account. Raises: WrongPassword, TooManyAttempts, Forbidden."""
        attempts = await self._reserve_login(email, network_of(client_address))
        async with self._counted_if(WrongPassword, attempts):
            account = await self._accounts.find(account_id)
            check = await self._passwords.check(current, account.password_hash if account else None)
            if account is None or not check.right:
                log.info("password change refused", account_id=account_id)
                raise WrongPassword
            if account.disabled_at:
                raise Forbidden
            hashed = await self._passwords.hash(new)
            async with self._unit_of_work() as work:
                if not await work.accounts.change_password(account, hashed):
                    raise WrongPassword
                await work.sessions.end_all(account.id)
                await _forgive(work, attempts)
        log.info("password changed", account_id=account.id)

    async def _verified(self, email: str, password: str) -> Account:
        """The account whose password it is; a hash of an older form is replaced."""
        account = await self._accounts.find_by_email(email)
        check = await self._passwords.check(password, account.password_hash if account else None)
        if account is None or not check.right:
            log.info("log-in refused", account_id=account.id if account else None)
            raise WrongCredentials
        if check.replacement and await self._accounts.change_password(account, check.replacement):
            return replace(account, password_hash=check.replacement)
        return account

    async def _reserve_login(self, email: str, network: str | None) -> list[Attempt]:
        """Take a turn at the account's password, beforehand: of many at once no more are tried than are allowed."""
        anywhere = self._limits.login_attempts_anywhere(email)
        history = await self._rate_limiter.login_history(email, network, anywhere)
        attempts = self._limits.login_attempts(email, network, history)
        await self._rate_limiter.reserve(*attempts)
        return attempts

    @asynccontextmanager
    async def _counted_if(self, refusal: type[Exception], attempts: Sequence[Attempt]) -> AsyncIterator[None]:
        """Count what was reserved if it is refused so, before anybody learns of it; release it otherwise."""
        try:
            yield
        except refusal:
            async with self._unit_of_work() as work:
                await work.attempts.count(*attempts)
            raise
        except Exception:
            async with self._unit_of_work() as work:
                await work.attempts.release(*attempts)
            raise


async def _lock_admins(work: UnitOfWork, admin_id: UUID) -> list[UUID]:
    """All admins who are not disabled, as they stay until the transaction ends.

    Raises: Forbidden, unless the one who asks is among them: an access token outlives that for minutes.
    """
    admins = await work.accounts.lock_active_admins()
    if admin_id not in admins:
        raise Forbidden
    return admins


async def _forgive(work: UnitOfWork, attempts: Sequence[Attempt]) -> None:
    """A success: what was tried at this account from this network before counts no more."""
    own, *shared = attempts
    await work.attempts.reset(own)
    await work.attempts.release(*shared)
