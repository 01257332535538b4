"""Coming in, staying and leaving: registration, sessions and passwords."""

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import structlog

from services.auth.application.opening import open_account
from services.auth.application.password_guard import PasswordGuard, forgive
from services.auth.domain import (
    Account,
    RateLimits,
    Role,
    canonical_email,
    client_network,
    new_secret_token,
    token_digest,
)
from services.auth.errors import (
    AccountDisabled,
    AccountNotFound,
    EmailTaken,
    RefreshTokenRefused,
    TooManyAttempts,
    WrongCredentials,
    WrongPassword,
)
from services.auth.ports import (
    AccountRepository,
    Keyring,
    PasswordHashService,
    RateLimiter,
    SessionRepository,
    UnitOfWorkFactory,
)

log = structlog.get_logger()


class TokenPair(NamedTuple):
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
        guard: PasswordGuard,
        passwords: PasswordHashService,
        keyring: Keyring,
        limits: RateLimits,
        refresh_leeway: timedelta,
    ) -> None:
        self._accounts, self._sessions, self._rate_limiter = accounts, sessions, rate_limiter
        self._unit_of_work, self._guard, self._passwords = unit_of_work, guard, passwords
        self._keyring, self._limits, self._leeway = keyring, limits, refresh_leeway

    async def register(self, email: str, password: str, client_address: str | None) -> Account:
        """Raises: EmailTaken, TooManyAttempts."""
        attempts = self._limits.registrations_from(client_network(client_address))
        await self._rate_limiter.reserve(*attempts)
        async with self._guard.counted_if((EmailTaken, TooManyAttempts), attempts):
            hashed = await self._passwords.hash(password)
            async with self._unit_of_work() as work:
                account = await open_account(work, email, Role.CUSTOMER, hashed)
                # After the address was found to be free: of many who register it at once, one has a mail sent.
                await work.attempts.take(self._limits.mail_to(account.email))
                await work.attempts.count(*attempts)
        log.info("account opened", account_id=account.id, role=account.role)
        return account

    async def log_in(self, email: str, password: str, client_address: str | None) -> TokenPair:
        """Begin a session. Raises: WrongCredentials, AccountDisabled, TooManyAttempts."""
        email, network = canonical_email(email), client_network(client_address)
        attempts = await self._guard.reserve_login(email, network)
        async with self._guard.counted_if(WrongCredentials, attempts):
            sign, refresh_token = await self._keyring.access_token_signer(), new_secret_token()
            for _ in range(2):  # again, if the hash was replaced meanwhile, perhaps by one of the same password
                account = await self._verified(email, password)
                if account.disabled_at:
                    raise AccountDisabled
                async with self._unit_of_work() as work:
                    if await work.sessions.begin(account, token_digest(refresh_token)):
                        if network:
                            await work.accounts.remember_network(account, network)
                        await forgive(work, attempts)
                        break
            else:
                raise WrongCredentials
        log.info("logged in", account_id=account.id)
        return TokenPair(sign(account), refresh_token)

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Use the token up for new ones. Raises: RefreshTokenRefused."""
        given, successor = token_digest(refresh_token), new_secret_token()
        sign = (
            await self._keyring.access_token_signer()
        )  # first, so that nothing but the answer can fail once the token is used up
        account = await self._sessions.rotate(given, token_digest(successor), self._leeway)
        if account is None:
            if await self._sessions.end_if_reused(given, self._leeway):
                log.warning("refresh token reused, session ended")
            raise RefreshTokenRefused
        return TokenPair(sign(account), successor)

    async def log_out(self, account_id: UUID, refresh_token: str) -> None:
        """End the session of a refresh token, if it is that account's; a repeat changes nothing."""
        await self._sessions.end(account_id, token_digest(refresh_token))

    async def get_account(self, account_id: UUID) -> Account:
        """Raises: AccountNotFound."""
        account = await self._accounts.find(account_id)
        if account is None:
            raise AccountNotFound
        return account

    async def change_password(
        self, account_id: UUID, email: str, *, current: str, new: str, client_address: str | None
    ) -> None:
        """Replace it, end all sessions of the account, and void its links: not everybody who has one knew the password.

        Raises: WrongPassword, TooManyAttempts, Forbidden.
        """
        async with self._guard.confirm_password(account_id, email, current, client_address) as (account, attempts):
            hashed = await self._passwords.hash(new)
            async with self._unit_of_work() as work:
                if not await work.accounts.change_password(account, hashed):
                    raise WrongPassword
                await work.sessions.end_all(account.id)
                await work.links.delete_all(account.id)
                await forgive(work, attempts)
        log.info("password changed", account_id=account.id)

    async def _verified(self, email: str, password: str) -> Account:
        """The account whose password it is; a hash of an older form is replaced."""
        account = await self._accounts.find_by_email(email)
        check = await self._passwords.verify(password, account.password_hash if account else None)
        if account is None or not check.right:
            log.info("log-in refused", account_id=account.id if account else None)
            raise WrongCredentials
        if check.replacement and await self._accounts.change_password(account, check.replacement):
            return replace(account, password_hash=check.replacement)
        return account
