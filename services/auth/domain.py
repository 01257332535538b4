"""Accounts, refresh tokens, how often something may be tried, and which key signs when."""

import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import pairwise
from uuid import UUID

ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)
SESSION_LIFETIME = timedelta(days=14)
MIN_PASSWORD_LENGTH = 8
MAX_REFRESHES = 10_000  # of one session: five tabs that each refresh every ten minutes for 14 days
KNOWN_NETWORK_RETENTION = timedelta(days=90)  # after the last log-in from there
KEY_PUBLICATION_LEAD = timedelta(minutes=10)  # twice as long as services keep the keys they fetched
KEY_PUBLICATION_OVERLAP = timedelta(minutes=15)  # longer than the last token that the key signed can live


class Role(StrEnum):
    CUSTOMER = "customer"
    ADMIN = "admin"


@dataclass(frozen=True)
class Account:
    id: UUID
    email: str
    role: Role
    password_hash: str = field(repr=False)
    created_at: datetime
    disabled_at: datetime | None = None
    verified_at: datetime | None = None  # when somebody proved that its address is theirs


MAX_ADDRESSES = 20  # that an account has saved


@dataclass(frozen=True)
class Address:
    """Where a parcel may go."""

    address_line1: str
    address_line2: str | None
    city: str
    country: str
    postcode: str | None  # not every country has them


@dataclass(frozen=True)
class SavedAddress:
    id: UUID
    address: Address


class LinkPurpose(StrEnum):
    RESET_PASSWORD = "reset-password"  # noqa: S105 (what a link is for)
    VERIFY_EMAIL = "verify-email"

    @property
    def valid_for(self) -> timedelta:
        return timedelta(hours=1) if self is LinkPurpose.RESET_PASSWORD else timedelta(days=3)


@dataclass(frozen=True)
class Link:
    """What a mail to the address asks its reader to follow; of each purpose an account has one, the newest."""

    id: UUID
    account_id: UUID
    purpose: LinkPurpose
    email: str


def canonical_email(email: str) -> str:
    """The spelling under which an address is kept: capitals make no other account."""
    return email.lower()


def email_key(email: str) -> str:
    """What accounts are listed by: a cursor has to hold it."""
    return email[:96]


def normalize_password(typed: str) -> str:
    """The form in which a password is hashed: the same from every keyboard, however it composes letters."""
    return unicodedata.normalize("NFKC", typed)


@dataclass(frozen=True)
class PasswordCheck:
    """Whether it was the password, and a hash to keep instead if the kept one is of an older form."""

    right: bool
    replacement: str | None = field(default=None, repr=False)


def new_secret_token() -> str:
    """256 random bits; only whoever is given them has them."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    """What is kept of a secret token. There is nothing to guess in 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True)
class RateLimit:
    """So many attempts in a window of time; each further one waits twice as long, until the window has passed.

    Without a pause there is no further one. A window that is `rolling` begins anew with each attempt that counts: then
    no stretch of time that is as long has more of them, wherever it begins.
    """

    max_attempts: int
    window: timedelta
    pause: timedelta | None = timedelta(seconds=30)
    rolling: bool = False


@dataclass(frozen=True)
class Attempt:
    """Something that is counted, under its key."""

    key: str
    limit: RateLimit


@dataclass(frozen=True)
class LoginRisk:
    """What an account and a network have had to do with each other."""

    known_network: bool  # the account was signed in to from there
    failures: int  # at the account lately, from all networks from which it never was


@dataclass(frozen=True)
class RateLimits:
    """How often what may be tried, and by whom."""

    failures_per_account_and_address: int
    failures_per_account_anywhere: int
    failures_per_address: int
    registrations_per_address: int
    mails_per_recipient: int
    mails_per_address: int

    def login_attempts(self, email: str, network: str | None, risk: LoginRisk) -> list[Attempt]:
        """As what a password that is tried counts, whether the account exists or not; the pair of both comes first.

        Where the owner has been before nobody else's failures count. Anywhere else there is a brake on each account
        and each network; it slows before it stops: after a tenth of an account's failures each network has one try
        instead of several, so that an owner who types rightly still gets in from a new place.
        """
        max_attempts = self.failures_per_account_and_address
        if not risk.known_network and risk.failures >= self.failures_per_account_anywhere // 10:
            max_attempts = 1
        own = _failures(f"login {email} from {network or 'nowhere'}", max_attempts)
        if risk.known_network:
            return [own]
        by_network = [_failures(f"address {network}", self.failures_per_address)] if network else []
        return [own, self.login_attempt_anywhere(email), *by_network]

    def login_attempt_anywhere(self, email: str) -> Attempt:
        return _failures(f"account {email}", self.failures_per_account_anywhere)

    def registrations_from(self, network: str | None) -> list[Attempt]:
        limit = RateLimit(self.registrations_per_address, timedelta(hours=1))
        return [Attempt(f"registrations {network}", limit)] if network else []

    def mail_to(self, email: str) -> Attempt:
        """As what a mail counts for its recipient, whether that has an account or not."""
        limit = RateLimit(self.mails_per_recipient, timedelta(hours=1), pause=None, rolling=True)
        return Attempt(f"mails to {email}", limit)

    def mails_to(self, email: str, network: str | None) -> list[Attempt]:
        """The same with who asks for it."""
        limit = RateLimit(self.mails_per_address, timedelta(hours=1), pause=None)
        return [self.mail_to(email), *([Attempt(f"mails from {network}", limit)] if network else [])]


def _failures(key: str, max_attempts: int) -> Attempt:
    return Attempt(key, RateLimit(max_attempts, timedelta(minutes=15)))


def client_network(address: str | None) -> str | None:
    """Who an address is: behind IPv6 the /64, all of whose addresses one household has; None without an address."""
    if not address:
        return None
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
    return str(known)


@dataclass(frozen=True)
class SigningKey:
    """A private key. It signs until the next one does."""

    kid: str
    private: bytes = field(repr=False)
    active_from: datetime


class SigningKeys:
    """All keys there are, of which there is one at least."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        self._keys = sorted(keys, key=lambda key: (key.active_from, key.kid))

    def signing(self, now: datetime) -> SigningKey:
        """The key whose turn it is; before the first one's turn, by a clock that is behind, the first."""
        return [self._keys[0], *(key for key in self._keys if key.active_from <= now)][-1]

    def waiting(self, now: datetime) -> SigningKey | None:
        """The last key, if it does not sign yet."""
        return self._keys[-1] if self._keys[-1].active_from > now else None

    def published(self, now: datetime) -> list[SigningKey]:
        """The keys whose tokens can be valid, and those that will sign."""
        gone = {
            key.kid for key, successor in pairwise(self._keys) if successor.active_from + KEY_PUBLICATION_OVERLAP <= now
        }
        return [key for key in self._keys if key.kid not in gone]

    def withdrawn(self, now: datetime) -> list[str]:
        """The ids of those that are of no use any more."""
        published = self.published(now)
        return [key.kid for key in self._keys if key not in published]
