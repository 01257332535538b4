"""One method per operation of contracts/auth.yaml, under its operationId."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import structlog
from uuid_utils.compat import uuid7

from chassis.web.access import Shopper
from chassis.web.responses import Response, created, no_content, ok
from generated.models import auth as api
from services.auth.domain import (
    ACCESS_FOR,
    Account,
    Attempt,
    Limits,
    Role,
    digest_of,
    network_of,
    new_refresh_token,
    one_spelling,
)
from services.auth.errors import AccountNotFound, EmailTaken, RefreshTokenRefused, WrongCredentials, WrongPassword
from services.auth.passwords import check_new_password
from services.auth.ports import Accounts, Keyring, Passwords, RateLimiter, Sessions, UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger()


class AuthHandlers:
    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: Sessions,
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

    async def register_shopper(self, body: api.Registration, x_real_ip: str | None = None) -> Response:
        check_new_password(body.password, "/body/password")
        attempts = self._limits.registrations_from(network_of(x_real_ip))
        await self._rate_limiter.reserve(*attempts)
        async with self._counted_if(EmailTaken, attempts):
            return await self._open(body.email, body.password, Role.CUSTOMER, attempts)

    async def open_account(self, body: api.AccountRegistration) -> Response:
        check_new_password(body.password, "/body/password")
        return await self._open(body.email, body.password, Role(body.role))

    async def log_in(self, body: api.Credentials, x_real_ip: str | None = None) -> Response:
        email, network = one_spelling(body.email), network_of(x_real_ip)
        attempts = await self._reserve_login(email, network)
        async with self._counted_if(WrongCredentials, attempts):
            sign, refresh_token = await self._keyring.signer(), new_refresh_token()
            for _ in range(2):  # again, if the hash was replaced meanwhile, perhaps by one of the same password
                account = await self._verified(email, body.password)
                async with self._unit_of_work() as work:
                    if await work.sessions.begin(account, digest_of(refresh_token)):
                        if network:
                            await work.accounts.remember_network(account, network)
                        await _forgive(work, attempts)
                        break
            else:
                raise WrongCredentials
        log.info("logged in", account_id=account.id)
        return _tokens(sign(account), refresh_token)

    async def refresh_tokens(self, body: api.SessionToken) -> Response:
        given, successor = digest_of(body.refresh_token), new_refresh_token()
        sign = await self._keyring.signer()  # first, so that nothing but the answer can fail once the token is used up
        account = await self._sessions.rotate(given, digest_of(successor), self._leeway)
        if account is None:
            if await self._sessions.end_if_reused(given, self._leeway):
                log.warning("refresh token reused, session ended")
            raise RefreshTokenRefused
        return _tokens(sign(account), successor)

    async def log_out(self, body: api.SessionToken, shopper: Shopper) -> Response:
        await self._sessions.end(shopper.id, digest_of(body.refresh_token))
        return no_content()

    async def get_own_account(self, shopper: Shopper) -> Response:
        account = await self._accounts.find(shopper.id)
        if account is None:
            raise AccountNotFound
        return ok(_as_api(account))

    async def change_own_password(
        self, body: api.PasswordChange, shopper: Shopper, x_real_ip: str | None = None
    ) -> Response:
        check_new_password(body.new_password, "/body/new_password")
        attempts = await self._reserve_login(shopper.email, network_of(x_real_ip))
        async with self._counted_if(WrongPassword, attempts):
            account = await self._accounts.find(shopper.id)
            check = await self._passwords.check(body.current_password, account.password_hash if account else None)
            if account is None or not check.right:
                log.info("password change refused", account_id=shopper.id)
                raise WrongPassword
            new = await self._passwords.hashed(body.new_password)
            async with self._unit_of_work() as work:
                if not await work.accounts.change_password(account, new):
                    raise WrongPassword
                await work.sessions.end_all(account.id)
                await _forgive(work, attempts)
        log.info("password changed", account_id=account.id)
        return no_content()

    async def get_keys(self) -> Response:
        jwks = await self._keyring.jwks()
        return Response(jwks, headers={"Cache-Control": f"public, max-age={self._keyring.cache_seconds()}"})

    async def _open(self, email: str, password: str, role: Role, attempts: Sequence[Attempt] = ()) -> Response:
        hashed = await self._passwords.hashed(password)
        async with self._unit_of_work() as work:
            account = await work.accounts.open(uuid7(), one_spelling(email), role, hashed)
            if account is None:
                raise EmailTaken
            await work.attempts.count(*attempts)
        log.info("account opened", account_id=account.id, role=account.role)
        return created(_as_api(account))

    async def _verified(self, email: str, password: str) -> Account:
        """The account whose password it is; a hash of an older form is replaced."""
        account = await self._accounts.find_by(email)
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


async def _forgive(work: UnitOfWork, attempts: Sequence[Attempt]) -> None:
    """A success: what was tried at this account from this network before counts no more."""
    own, *shared = attempts
    await work.attempts.reset(own)
    await work.attempts.release(*shared)


def _tokens(access_token: str, refresh_token: str) -> Response:
    tokens = api.Tokens(
        access_token=access_token,
        refresh_token=refresh_token,
        token_type="bearer",  # noqa: S106 (what kind of token it is)
        expires_in=int(ACCESS_FOR.total_seconds()),
    )
    return Response(tokens, headers={"Cache-Control": "no-store"})


def _as_api(account: Account) -> api.Account:
    return api.Account(id=account.id, email=account.email, role=api.Role(account.role), created_at=account.created_at)
