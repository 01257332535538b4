"""What a caller is told when the answer is no: RFC 9457 problems that never repeat what was sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec.json import encode

PROBLEM = "application/problem+json"


class ContractError(Exception):
    """The contract and the code do not fit together: the service must not start."""


class BrokenContract(Exception):
    """The service was about to send what its contract does not allow."""


def slug_of(kind: type[BaseException]) -> str:
    """The problem type of an exception class: OutOfStock is /problems/out-of-stock."""
    return "/problems/" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", kind.__name__).lower()


class Refusal(Exception):
    """The request was refused by the chassis itself.

    A direct subclass's docstring is its problem's title, its name the problem's type. What a domain refuses is a plain
    exception, for which the contract's examples say both (see operations.py).
    """

    status: ClassVar[int]
    type: ClassVar[str]
    title: ClassVar[str]
    bare: ClassVar[bytes]

    def __init_subclass__(cls) -> None:
        if Refusal in cls.__bases__:
            cls.type, cls.title = slug_of(cls), (cls.__doc__ or cls.__name__).split("\n")[0].rstrip(".")
            cls.bare = encode({"type": cls.type, "title": cls.title, "status": cls.status})

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail, self.errors, self.headers = detail, errors, headers or {}

    def body(self) -> bytes:
        """The problem as it goes on the wire."""
        if self.detail is None and not self.errors:
            return self.bare
        told: dict[str, Any] = {"type": self.type, "title": self.title, "status": self.status}
        if self.detail is not None:
            told["detail"] = self.detail
        if self.errors:
            told["errors"] = self.errors
        return encode(told)


class InvalidRequest(Refusal):
    """The request is not what the contract says."""

    status = 400


class Unauthorized(Refusal):
    """Who is asking is not known."""

    status = 401


class Forbidden(Refusal):
    """Whoever is asking may not do this."""

    status = 403


class NotFound(Refusal):
    """There is no such thing."""

    status = 404


class MethodNotAllowed(Refusal):
    """This cannot be done to this thing."""

    status = 405


class TooLarge(Refusal):
    """The request is too large."""

    status = 413


class UnsupportedMediaType(Refusal):
    """The request is of a type that is not read here."""

    status = 415


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key was used for another request."""

    status = 422


class TooManyRequests(Refusal):
    """There were too many attempts."""

    status = 429

    def __init__(self, detail: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class ServerFault(Refusal):
    """Something went wrong on our side."""

    status = 500


class Unavailable(Refusal):
    """Something that this needs is away for now."""

    status = 503

    def __init__(self, detail: str | None = None, *, retry_after: int = 1, nothing_done: bool = False) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
        self.nothing_done = nothing_done  # where it is certain, though the operation had begun


class OutcomeUnknown(Refusal):
    """Something that this needs is away for now, and the change may have been made."""

    status = 503

    def __init__(self, *, headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)


CHASSIS: Mapping[str, type[Refusal]] = {kind.type: kind for kind in Refusal.__subclasses__()}
