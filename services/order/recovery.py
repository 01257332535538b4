"""Ends what a crash, a neighbour that was away, or a shopper who changed their mind left open."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from services.chassis.bounds import passes
from services.order.cancelling import Cancelling
from services.order.checkout import Checkout
from services.order.domain import Reason
from services.order.errors import AlreadyDispatched
from services.order.ports import Orders

log = structlog.get_logger()

IN_HAND = timedelta(seconds=10)  # how long a request may be busy cancelling before its intent counts as left behind


class Recovery:
    """Deadlines are judged by the database's clock, and by one process at a time (leading.py); each step may be
    repeated, so a second one would do no harm.
    """  # fmt: skip

    def __init__(
        self, orders: Orders, checkout: Checkout, cancelling: Cancelling, *, abandoned_after: timedelta
    ) -> None:
        self._orders, self._checkout, self._cancelling = orders, checkout, cancelling
        self._abandoned_after = abandoned_after

    async def look_round(self) -> None:
        """Do all there is to do just now; what cannot be done is met again next time."""
        await self._each(await self._orders.abandoned(self._abandoned_after), self._abandon)
        await self._each(await self._orders.intended(IN_HAND), self._finish)
        await self._each(await self._orders.overdue(), self._cancelling.expire)

    async def _abandon(self, order_id: UUID) -> None:
        await self._checkout.give_up(order_id, Reason.GIVEN_UP)

    async def _finish(self, order_id: UUID) -> None:
        try:
            await self._cancelling.finish(order_id)
        except AlreadyDispatched:
            log.info("cancelled too late", order_id=str(order_id))

    async def _each(self, orders: Sequence[UUID], settle: Callable[[UUID], Awaitable[None]]) -> None:
        for order_id in orders:
            try:
                await settle(order_id)
            except Exception as trouble:
                if not passes(trouble):
                    raise
                log.warning("settled later", order_id=str(order_id), trouble=repr(trouble))
