"""What a consumer makes of what it is told, and how much of it it needs."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from tests.pacts.terms import Exactly, another, changed, example, leaves, named, without


class Outcome(NamedTuple):
    """What came of a call, in a form that can be compared: two exceptions of the same words are never equal."""

    value: Any
    raised: Exception | None = None

    def told(self) -> Any:
        """The value; or the exception, raised."""
        if self.raised is not None:
            raise self.raised
        return self.value

    def differs_from(self, other: "Outcome") -> bool:
        return self._seen() != other._seen()

    def _seen(self) -> Any:
        return self.value, self.raised and (type(self.raised), str(self.raised), vars(self.raised))


async def outcome_of(call: Awaitable[Any]) -> Outcome:
    """Wait for it, and take what is raised for an outcome too."""
    try:
        return Outcome(await call)
    except Exception as raised:  # noqa: BLE001  # whatever it is, it is what came of it
        return Outcome(None, raised)


async def needed(consumer: Callable[[Any], Awaitable[Outcome]], term: Any) -> list[str]:
    """The places that the consumer reads: where another value makes a difference to it.

    At the others it needs no more than that something is there, and that of the right kind.

    Raises: AssertionError for a place that need not be there at all.
    """
    said, reads = example(term), set()
    whole = await consumer(said)
    for path, leaf in leaves(term):
        lacking = await consumer(without(said, path))
        assert lacking.differs_from(whole), f"the consumer does without {named(path)}: leave it out of the pact"
        if isinstance(leaf, Exactly):
            reads.add(named(path))
            continue
        other = await consumer(changed(said, path, another(leaf)))
        if other.differs_from(whole):
            reads.add(named(path))
    return sorted(reads)
