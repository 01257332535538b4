"""Answers the same request with the same Idempotency-Key as it was answered the first time.

After draft-ietf-httpapi-idempotency-key-header: what is replayed is the first outcome, an order or a refusal; a request
that could not be served (503) has no outcome, and its key may be used again at once.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from services.chassis.refusals import IdempotencyKeyReused
from services.order import errors

LEASE = timedelta(seconds=30)  # longer than a checkout takes; after that the process that claimed it must have died
KEPT = timedelta(hours=48)
REFUSALS = (
    errors.CartIsEmpty,
    errors.OutOfStock,
    errors.ProductUnavailable,
    errors.PriceChanged,
    errors.CheckoutGivenUp,
)


class Requests(Protocol):
    async def claim(self, user_id: UUID, key: str, fingerprint: bytes, lease: timedelta) -> bool:
        """Say whether the request is ours to serve: it is new, or whoever began to serve it has died."""

    async def find(self, user_id: UUID, key: str) -> Mapping[str, Any]:
        """Read what is known of the request; of one that is not known, nothing."""

    async def keep(self, user_id: UUID, key: str, outcome: Mapping[str, Any]) -> None:
        """Note how the request ended."""

    async def let_go(self, user_id: UUID, key: str) -> None:
        """Note that the request has not ended, and that nobody serves it."""


class Idempotency:
    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def once(
        self, user_id: UUID, key: str, request: bytes, serve: Callable[[UUID | None], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """The answer of `serve`, which is told the order that an earlier try has made already.

        Raises:
            IdempotencyKeyReused: The key came with another request before.
            IdempotencyKeyInUse: The first request has not ended yet.
        """
        fingerprint = hashlib.blake2b(request, digest_size=16).digest()
        ours = await self._requests.claim(user_id, key, fingerprint, LEASE)
        known = await self._requests.find(user_id, key)
        if bytes(known["fingerprint"]) != fingerprint:
            raise IdempotencyKeyReused
        if not ours:
            return _replayed(known["outcome"])
        try:
            answer = await serve(known["order_id"])
        except REFUSALS as refusal:
            await self._requests.keep(user_id, key, {"refused": type(refusal).__name__, "args": _args(refusal)})
            raise
        except BaseException:
            await self._requests.let_go(user_id, key)
            raise
        await self._requests.keep(user_id, key, {"answer": answer})
        return answer


def _args(refusal: Exception) -> list[Any]:
    return [refusal.members["lines"]] if isinstance(refusal, errors.PriceChanged) else list(refusal.args)


def _replayed(outcome: Mapping[str, Any] | None) -> dict[str, Any]:
    if outcome is None:
        raise errors.IdempotencyKeyInUse
    if "refused" in outcome:
        kinds: dict[str, type[Exception]] = {kind.__name__: kind for kind in REFUSALS}
        raise kinds[outcome["refused"]](*outcome["args"])
    answer: dict[str, Any] = outcome["answer"]
    return answer
