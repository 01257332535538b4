"""Who visits the shop, and what is kept of that between two pages."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Account:
    """Whose session it is."""

    id: UUID
    email: str
    role: str


@dataclass(frozen=True)
class Tokens:
    """What the other services are asked with. They never leave the server."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime  # of the access token


@dataclass(frozen=True)
class Session:
    """A visitor whom the cookie makes known: its `id` is a secret between the browser and us."""

    id: str = field(repr=False)
    csrf_token: str = field(repr=False)
    account: Account | None = None
    tokens: Tokens | None = None
