"""How many requests for an operation are worked on at a time: what cannot begin soon is refused, and does nothing."""

import asyncio
from collections import deque

from prometheus_client import Counter
from starlette.types import Receive

from chassis.runtime.deadline import time_left
from chassis.runtime.metrics import REGISTRY
from chassis.web.problems import Unavailable
from chassis.web.request_parsing import ClientDisconnected

MAX_WAITING = 64
MAX_WAIT_SECONDS = 0.5
RETRY_AFTER_SECONDS = 2  # refusing costs something, too
REFUSED_REQUESTS_COUNTER = Counter(
    "requests_refused_under_load", "Requests that could not begin soon.", ["operation"], registry=REGISTRY
)


class ConcurrencyLimit:
    """Lets so many in at a time, and the others in their turn, each within a moment."""

    def __init__(
        self,
        operation: str,
        concurrent: int,
        max_waiting: int = MAX_WAITING,
        max_wait_seconds: float = MAX_WAIT_SECONDS,
    ) -> None:
        self._free, self._max_waiting, self._max_wait_seconds = concurrent, max_waiting, max_wait_seconds
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._refusals = REFUSED_REQUESTS_COUNTER.labels(operation)

    async def enter(self, receive: Receive) -> None:
        """Take a place among those that are worked on; `leave` gives it back.

        Raises:
            Unavailable: None became free in time, or while the caller waits; or too many wait already.
            ClientDisconnected: The client left while it waited.
        """
        if self._free:
            self._free -= 1
        else:
            await self._wait(receive)

    def leave(self) -> None:
        """Hand the place on to whoever has waited longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def _wait(self, receive: Receive) -> None:
        seconds = time_left(self._max_wait_seconds)
        if not seconds or len(self._waiting) >= self._max_waiting:
            self._refuse()
        turn, leaving = asyncio.get_running_loop().create_future(), asyncio.ensure_future(_disconnected(receive))
        self._waiting.append(turn)
        try:
            await asyncio.wait((turn, leaving), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                raise ClientDisconnected
            if not turn.done():
                self._refuse()
        except BaseException:
            if turn.done():
                self.leave()
            else:
                self._waiting.remove(turn)
            raise
        finally:
            leaving.cancel()

    def _refuse(self) -> None:
        self._refusals.inc()
        raise Unavailable(retry_after=RETRY_AFTER_SECONDS, nothing_done=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass  # a body that the operation does not read
