"""What a consumer makes of what it is told, and how much of it it needs."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from tests.pacts.matchers import (
    ExactValue,
    different_value,
    example,
    format_path,
    iterate_leaves,
    remove_at,
    replace_at,
)


class CallResult(NamedTuple):
    """What came of a call, in a form that can be compared: two exceptions of the same words are never equal."""

    value: Any
    raised: Exception | None = None

    def unwrap(self) -> Any:
        """The value; or the exception, raised."""
        if self.raised is not None:
            raise self.raised
        return self.value

    def differs_from(self, other: "CallResult") -> bool:
        return self._seen() != other._seen()

    def _seen(self) -> Any:
        return self.value, self.raised and (type(self.raised), str(self.raised), vars(self.raised))


async def capture(call: Awaitable[Any]) -> CallResult:
    """Wait for it, and take what is raised for an outcome too."""
    try:
        return CallResult(await call)
    except Exception as raised:  # noqa: BLE001  # whatever it is, it is what came of it
        return CallResult(None, raised)


async def find_read_fields(consumer: Callable[[Any], Awaitable[CallResult]], term: Any) -> list[str]:
    """The places that the consumer reads: where another value makes a difference to it.

    At the others it needs no more than that something is there, and that of the right kind.

    Raises: AssertionError for a place that need not be there at all.
    """
    said, reads = example(term), set()
    whole = await consumer(said)
    for path, leaf in iterate_leaves(term):
        lacking = await consumer(remove_at(said, path))
        assert lacking.differs_from(whole), f"the consumer does without {format_path(path)}: leave it out of the pact"
        if isinstance(leaf, ExactValue):
            reads.add(format_path(path))
            continue
        other = await consumer(replace_at(said, path, different_value(leaf)))
        if other.differs_from(whole):
            reads.add(format_path(path))
    return sorted(reads)
