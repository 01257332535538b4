"""What a caller is told when the answer is no: RFC 9457 problems that never repeat what was sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec.json import encode

from chassis.runtime.retry import TransientError


class ResponseContractViolation(Exception):
    """The service was about to send what its contract does not allow."""


def problem_slug(kind: type[BaseException]) -> str:
    """The problem type of an exception class: NotFound is /problems/not-found."""
    return "/problems/" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", kind.__name__).lower()


class ProblemError(Exception):
    """The request was refused by the chassis itself.

    A direct subclass's docstring is its problem's title, its name the problem's type. What a domain refuses is a plain
    exception, for which the contract's examples say both (see operations.py).
    """

    status: ClassVar[int]
    type: ClassVar[str]
    title: ClassVar[str]
    bare: ClassVar[bytes]

    def __init_subclass__(cls) -> None:
        if ProblemError in cls.__bases__:
            cls.type, cls.title = problem_slug(cls), (cls.__doc__ or cls.__name__).split("\n")[0].rstrip(".")
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


class InvalidRequest(ProblemError):
    """The request is not what the contract says."""

    status = 400


class Unauthorized(ProblemError):
    """Who is asking is not known."""

    status = 401


class Forbidden(ProblemError):
    """Whoever is asking may not do this."""

    status = 403


class NotFound(ProblemError):
    """There is no such thing."""

    status = 404


class MethodNotAllowed(ProblemError):
    """This cannot be done to this thing."""

    status = 405


class TooLarge(ProblemError):
    """The request is too large."""

    status = 413


class UnsupportedMediaType(ProblemError):
    """The request is of a type that is not read here."""

    status = 415


class IdempotencyKeyReused(ProblemError):
    """This Idempotency-Key was used for another request."""

    status = 422


class TooManyRequests(ProblemError):
    """There were too many attempts."""

    status = 429

    def __init__(self, detail: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class ServerFault(ProblemError):
    """Something went wrong on our side."""

    status = 500


class Unavailable(ProblemError, TransientError):
    """Something that this needs is away for now."""

    status = 503

    def __init__(self, detail: str | None = None, *, retry_after: int = 1, nothing_done: bool = False) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
        self.nothing_done = nothing_done  # where it is certain, though the operation had begun


class OutcomeUnknown(ProblemError):
    """Something that this needs is away for now, and the change may have been made."""

    status = 503

    def __init__(self, *, headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)


BUILTIN_PROBLEMS: Mapping[str, type[ProblemError]] = {kind.type: kind for kind in ProblemError.__subclasses__()}
