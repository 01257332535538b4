"""What the auth service needs from others, in its own words."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from chassis.events.outbox import OutgoingEvent
from services.auth.domain import Account, Attempt, Link, LinkPurpose, LoginRisk, PasswordCheck, Role, SavedAddress


class AccountRepository(Protocol):
    async def find(self, account_id: UUID) -> Account | None: ...

    async def find_by_email(self, email: str) -> Account | None: ...

    async def list_by_email(self, prefix: str, after: tuple[str, UUID], limit: int) -> list[Account]:
        """Those whose address begins so, by their `email_key` and then their id, the first after that pair of both."""

    async def lock_active_admins(self) -> list[UUID]:
        """Who is an admin and not disabled; nobody else changes that until the transaction ends."""

    async def set_disabled(self, account_id: UUID, *, disabled: bool) -> Account | None:
        """Keep the account from being used, or let it again; None if there is none. A repeat changes nothing."""

    async def create(self, account_id: UUID, email: str, role: Role, password_hash: str) -> Account | None:
        """Keep a new account; None if its address has one already."""

    async def lock(self, account_id: UUID) -> Account | None:
        """Read an account, and keep it from everybody else until the transaction ends."""

    async def lock_by_email(self, email: str) -> Account | None:
        """The same for the account of an address."""

    async def lock_unchanged(self, account: Account) -> Account | None:
        """The same for an account that was read, as it is now; None if its password changed or it is disabled."""

    async def reset_password(self, account_id: UUID, password_hash: str) -> None:
        """Replace the password of an account that is locked, whose address is thereby proved."""

    async def set_verified_email(self, account_id: UUID, email: str) -> bool:
        """Give an account that is locked this address, which is proved; False if another account has it."""

    async def delete(self, account_id: UUID) -> None:
        """Delete an account that is locked, with its sessions, links and networks."""

    async def change_password(self, account: Account, password_hash: str) -> bool:
        """Replace the account's password, unless somebody did so since it was read."""

    async def remember_network(self, account: Account, network: str) -> None:
        """Note that the account was signed in to from there."""


class SessionRepository(Protocol):
    async def begin(self, account: Account, digest: bytes) -> bool:
        """Begin a session with its first refresh token.

        False if the account's password changed since it was read, or it is disabled.
        """

    async def rotate(self, digest: bytes, successor: bytes, leeway: timedelta) -> Account | None:
        """Use up a refresh token and keep a successor; None if it does not work (any more).

        A repeat within the leeway after the first use is another tab, or a client that lost the answer: it gets a
        successor of its own beside the first, in the same session.
        """

    async def end_if_reused(self, digest: bytes, leeway: timedelta) -> bool:
        """End the session of a refresh token that was used longer ago; False if there is nothing to end."""

    async def end(self, account_id: UUID, digest: bytes) -> None:
        """End the session of a refresh token, if it is that account's."""

    async def end_all(self, account_id: UUID) -> None: ...


class AddressRepository(Protocol):
    async def list_by_account(self, account_id: UUID) -> list[SavedAddress]:
        """Read what an account has saved, the last one saved first."""

    async def add(self, account_id: UUID, saved: SavedAddress) -> None: ...

    async def remove(self, account_id: UUID, address_id: UUID) -> bool:
        """Delete an address, if it is that account's; False if there is none."""


class LinkRepository(Protocol):
    async def add(self, link: Link) -> None:
        """Keep a link of an account that is locked, instead of the one that it has for the purpose."""

    async def add_token(self, link_id: UUID, digest: bytes) -> bool:
        """Keep another token of a link; False if it is not valid any more."""

    async def find(self, digest: bytes, purpose: LinkPurpose) -> Link | None:
        """The link of a token, if it is valid."""

    async def use(self, link_id: UUID) -> bool:
        """Use a link up; False if it is not valid any more."""

    async def delete_all(self, account_id: UUID) -> None:
        """Void all links of an account."""


class ResetRequestQueue(Protocol):
    async def add(self, email: str) -> None: ...

    async def take(self) -> str | None:
        """Take the oldest that nobody else is taking; its address."""


class RateLimiter(Protocol):
    async def assess_login_risk(self, email: str, network: str | None, anywhere: Attempt) -> LoginRisk: ...

    async def reserve(self, *attempts: Attempt) -> None:
        """Take a turn of each before anything is tried, or of none; all callers give them in one order.

        A turn that is neither counted nor released lapses by itself: its holder died.

        Raises:
            TooManyAttempts: One of them has to wait.
        """


class AttemptRepository(Protocol):
    async def take(self, attempt: Attempt) -> None:
        """Count what is being done in this transaction, if it may be done.

        Raises: TooManyAttempts.
        """

    async def count(self, *attempts: Attempt) -> None:
        """Turn what was reserved into a count."""

    async def release(self, *attempts: Attempt) -> None:
        """Give back what was reserved: it does not count."""

    async def reset(self, attempt: Attempt) -> None:
        """Give back what was reserved, and begin to count anew."""


class UnitOfWork(Protocol):
    """One transaction: what is changed inside is kept together or not at all."""

    @property
    def accounts(self) -> AccountRepository: ...

    @property
    def sessions(self) -> SessionRepository: ...

    @property
    def addresses(self) -> AddressRepository: ...

    @property
    def links(self) -> LinkRepository: ...

    @property
    def reset_requests(self) -> ResetRequestQueue: ...

    @property
    def attempts(self) -> AttemptRepository: ...

    async def publish(self, *outgoing_events: OutgoingEvent) -> None: ...


UnitOfWorkFactory = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


class PasswordHashService(Protocol):
    async def hash(self, password: str) -> str:
        """Raises: Unavailable when too many wait for theirs."""

    async def verify(self, password: str, kept: str | None) -> PasswordCheck:
        """Whether it is the password of that hash, however it is composed; without a hash never, but no sooner.

        Raises: Unavailable when too many wait for theirs.
        """


class Keyring(Protocol):
    async def access_token_signer(self) -> Callable[[Account], str]:
        """Make access tokens with the key whose turn it is."""

    async def jwks(self) -> Mapping[str, Any]:
        """The public keys, as a JSON Web Key Set."""

    def cache_seconds(self) -> int:
        """How long they may be kept."""
