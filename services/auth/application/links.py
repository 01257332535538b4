"""What is done by the link of a mail: another password, and proving that an address is one's own.

A link is told to others by its id, which is no secret. Whoever composes its mail asks for a token then, of which only
a digest is kept here; each copy of the mail has a token of its own, and one use of any ends them all.
"""

import asyncio
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from services.auth import outgoing_events
from services.auth.application.password_guard import PasswordGuard, forgive
from services.auth.domain import (
    Account,
    Link,
    LinkPurpose,
    LoginRisk,
    RateLimits,
    canonical_email,
    client_network,
    new_secret_token,
    token_digest,
)
from services.auth.errors import (
    AccountNotFound,
    EmailTaken,
    LinkNotFound,
    LinkRefused,
    WrongPassword,
)
from services.auth.ports import (
    AccountRepository,
    LinkRepository,
    PasswordHashService,
    RateLimiter,
    UnitOfWork,
    UnitOfWorkFactory,
)

log = structlog.get_logger()


class AccountLinks:
    """`client_address` is the IP address a request came from, where the gateway says it."""

    def __init__(
        self,
        *,
        accounts: AccountRepository,
        links: LinkRepository,
        rate_limiter: RateLimiter,
        unit_of_work: UnitOfWorkFactory,
        guard: PasswordGuard,
        passwords: PasswordHashService,
        limits: RateLimits,
    ) -> None:
        self._accounts, self._links, self._rate_limiter = accounts, links, rate_limiter
        self._unit_of_work, self._guard, self._passwords = unit_of_work, guard, passwords
        self._limits = limits

    async def issue_token(self, link_id: UUID) -> str:
        """A token for one copy of the link's mail. Raises: LinkNotFound."""
        token = new_secret_token()
        if not await self._links.add_token(link_id, token_digest(token)):
            raise LinkNotFound
        return token

    async def request_password_reset(self, email: str, client_address: str | None) -> None:
        """Note that somebody forgot it. Whether there is such an account is looked up later, so that nobody can tell.

        Raises: TooManyAttempts.
        """
        email = canonical_email(email)
        attempts = self._limits.mails_to(email, client_network(client_address))
        await self._rate_limiter.reserve(*attempts)
        async with self._unit_of_work() as work:
            await work.reset_requests.add(email)
            await work.attempts.count(*attempts)

    async def handle_reset_requests(self, stopping: asyncio.Event) -> None:
        """Have the mails sent that were asked for, to those who have an account."""
        while not stopping.is_set():
            async with self._unit_of_work() as work:
                email = await work.reset_requests.take()
                if email is None:
                    return
                account = await work.accounts.lock_by_email(email)
                if account is not None and account.disabled_at is None:
                    link = Link(uuid7(), account.id, LinkPurpose.RESET_PASSWORD, account.email)
                    await work.links.add(link)
                    await work.publish(outgoing_events.password_forgotten_event(link))
                    log.info("password reset requested", account_id=account.id)

    async def reset_password(self, token: str, password: str, client_address: str | None) -> UUID:
        """Replace the password, end all sessions of the account, and take its address for verified. A link works once.

        The answer is whose it is.

        Raises: LinkRefused.
        """
        link = await self._find(token, LinkPurpose.RESET_PASSWORD)
        hashed = await self._passwords.hash(password)
        async with self._unit_of_work() as work:
            account = await _use(work, link)
            await work.accounts.reset_password(account.id, hashed)
            await work.sessions.end_all(account.id)
            await work.links.delete_all(account.id)
            # Who guessed in vain before is not kept waiting with the new one.
            known = LoginRisk(known_network=True, failures=0)
            own, *_ = self._limits.login_attempts(account.email, client_network(client_address), known)
            await work.attempts.reset(own)
        log.info("password reset", account_id=account.id)
        return account.id

    async def request_verification(self, account_id: UUID, client_address: str | None) -> None:
        """Have a mail sent by whose link the address of the account is verified, unless it is.

        Raises: AccountNotFound, TooManyAttempts.
        """
        account = await self._accounts.find(account_id)
        if account is None or account.disabled_at:
            raise AccountNotFound
        if account.verified_at:
            return
        attempts = self._limits.mails_to(account.email, client_network(client_address))
        await self._rate_limiter.reserve(*attempts)
        async with self._unit_of_work() as work:
            current = await work.accounts.lock(account.id)
            if current is None or current.disabled_at:
                raise AccountNotFound
            if current.verified_at or current.email != account.email:
                return
            link = Link(uuid7(), account.id, LinkPurpose.VERIFY_EMAIL, account.email)
            await work.links.add(link)
            await work.publish(outgoing_events.verification_requested_event(link))
            await work.attempts.count(*attempts)

    async def request_email_change(
        self, account_id: UUID, email: str, *, new_email: str, password: str, client_address: str | None
    ) -> None:
        """Have a mail sent to the new address, by whose link the account gets it, and a notice to a verified one.

        Raises: WrongPassword, EmailTaken, TooManyAttempts, Forbidden.
        """
        new_email = canonical_email(new_email)
        mails = self._limits.mails_to(new_email, client_network(client_address))
        async with self._guard.confirm_password(account_id, email, password, client_address) as (account, attempts):
            await self._rate_limiter.reserve(*mails)
            # Who has an account here is told as seldom as somebody is mailed.
            async with self._guard.counted_if(EmailTaken, mails):
                if await self._accounts.find_by_email(new_email):
                    raise EmailTaken
                async with self._unit_of_work() as work:
                    current = await work.accounts.lock_unchanged(account)
                    if current is None:
                        raise WrongPassword
                    link = Link(uuid7(), account.id, LinkPurpose.VERIFY_EMAIL, new_email)
                    await work.links.add(link)
                    await work.publish(outgoing_events.verification_requested_event(link))
                    if current.verified_at:  # another address may be that of somebody who never heard of us
                        await work.publish(outgoing_events.email_requested_event(current, link))
                    await work.attempts.count(*mails)
                    await forgive(work, attempts)
        log.info("change of address requested", account_id=account.id)

    async def verify_email(self, token: str) -> None:
        """Take the address that the link was mailed to for the account's own. A link works once.

        Raises: LinkRefused, EmailTaken.
        """
        link = await self._find(token, LinkPurpose.VERIFY_EMAIL)
        async with self._unit_of_work() as work:
            account = await _use(work, link)
            if not await work.accounts.set_verified_email(account.id, link.email):
                raise EmailTaken
            if link.email != account.email:  # a link that was mailed to the old address is of no use any more
                await work.links.delete_all(account.id)
        log.info("address verified", account_id=account.id)

    async def _find(self, token: str, purpose: LinkPurpose) -> Link:
        link = await self._links.find(token_digest(token), purpose)
        if link is None:
            raise LinkRefused
        return link


async def _use(work: UnitOfWork, link: Link) -> Account:
    """Use the link up for its account, which is locked first, as by whoever makes a new link."""
    account = await work.accounts.lock(link.account_id)
    if account is None or account.disabled_at or not await work.links.use(link.id):
        raise LinkRefused
    return account
