"""How often a password may be tried, and what only those may do who know theirs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from chassis.web.problems import Forbidden
from services.auth.domain import Account, Attempt, RateLimits, client_network
from services.auth.errors import WrongPassword
from services.auth.ports import AccountRepository, PasswordHashService, RateLimiter, UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger()


class PasswordGuard:
    """`client_address` is the IP address a request came from, where the gateway says it."""

    def __init__(
        self,
        *,
        accounts: AccountRepository,
        rate_limiter: RateLimiter,
        unit_of_work: UnitOfWorkFactory,
        passwords: PasswordHashService,
        limits: RateLimits,
    ) -> None:
        self._accounts, self._rate_limiter, self._passwords = accounts, rate_limiter, passwords
        self._unit_of_work, self._limits = unit_of_work, limits

    async def reserve_login(self, email: str, network: str | None) -> list[Attempt]:
        """Take a turn at the account's password, beforehand: of many at once no more are tried than are allowed."""
        anywhere = self._limits.login_attempt_anywhere(email)
        risk = await self._rate_limiter.assess_login_risk(email, network, anywhere)
        attempts = self._limits.login_attempts(email, network, risk)
        await self._rate_limiter.reserve(*attempts)
        return attempts

    @asynccontextmanager
    async def confirm_password(
        self, account_id: UUID, email: str, password: str, client_address: str | None
    ) -> AsyncIterator[tuple[Account, list[Attempt]]]:
        """Let in who knows the password of their own account, which is given with the attempts to `forgive`.

        Whether it is still the same the caller asks in the transaction.

        Raises: WrongPassword, TooManyAttempts, Forbidden.
        """
        attempts = await self.reserve_login(email, client_network(client_address))
        async with self.counted_if(WrongPassword, attempts):
            account = await self._accounts.find(account_id)
            check = await self._passwords.verify(password, account.password_hash if account else None)
            if account is None or not check.right:
                log.info("own password refused", account_id=account_id)
                raise WrongPassword
            if account.disabled_at:
                raise Forbidden
            yield account, attempts

    @asynccontextmanager
    async def counted_if(
        self, refusals: type[Exception] | tuple[type[Exception], ...], attempts: Sequence[Attempt]
    ) -> AsyncIterator[None]:
        """Count what was reserved if it is refused so, before anybody learns of it; release it otherwise."""
        try:
            yield
        except refusals:
            async with self._unit_of_work() as work:
                await work.attempts.count(*attempts)
            raise
        except Exception:
            async with self._unit_of_work() as work:
                await work.attempts.release(*attempts)
            raise


async def forgive(work: UnitOfWork, attempts: Sequence[Attempt]) -> None:
    """A success: what was tried at this account from this network before counts no more."""
    own, *shared = attempts
    await work.attempts.reset(own)
    await work.attempts.release(*shared)
