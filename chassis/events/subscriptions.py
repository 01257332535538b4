"""The methods of a service that receive its messages, held against its contract."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_type_hints

import msgspec

from chassis.contracts.errors import ContractError
from chassis.events.messages import InvalidMessage, MessageContract


class Subscription:
    """The method that receives a message, and the type of its event."""

    def __init__(self, operation: str, method: Callable[..., Awaitable[None]]) -> None:
        takes = list(inspect.signature(method).parameters)
        kind = get_type_hints(method).get(takes[0]) if len(takes) == 1 else None
        if kind is None or not inspect.iscoroutinefunction(method):
            raise ContractError(f"{operation} must be `async def {operation}(self, event: <its type>) -> None`")
        self._kind, self._method = kind, method

    async def __call__(self, body: Any) -> None:
        try:
            event = msgspec.convert(body, self._kind)
        except msgspec.ValidationError as error:
            raise InvalidMessage(f"not a {self._kind.__name__}: {error}") from error
        await self._method(event)


def subscriptions(messages: MessageContract, subscribers: object) -> Mapping[str, Subscription]:
    """What receives each message: for every receive operation of the contract the method of its name.

    Raises:
        ContractError: A method is missing, or there is one too many, or one cannot take an event.
    """
    there = {name for name in dir(subscribers) if name.startswith("on_")}
    if there != messages.receives.keys():
        raise ContractError(
            f"{type(subscribers).__name__} lacks {sorted(messages.receives.keys() - there)}"
            f" and has no contract for {sorted(there - messages.receives.keys())}"
        )
    return {name: Subscription(name, getattr(subscribers, name)) for name in there}
