"""The methods of a service that receive its messages, held against its contract."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import get_type_hints

import msgspec

from chassis.contracts.errors import ContractError
from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage, MessageContract


class Subscription:
    """The method that receives a message, and the type of its event; the delivery it came with is injected by name."""

    def __init__(self, operation: str, method: Callable[..., Awaitable[None]]) -> None:
        takes = list(inspect.signature(method).parameters)
        kind = get_type_hints(method).get(takes[0]) if takes[1:] in ([], ["delivery"]) and takes else None
        if kind is None or not inspect.iscoroutinefunction(method):
            raise ContractError(
                f"{operation} must be `async def {operation}(self, event: <its type>[, delivery]) -> None`"
            )
        self._kind, self._method, self._wants_delivery = kind, method, len(takes) > 1

    async def __call__(self, delivery: Delivery) -> None:
        try:
            event = msgspec.convert(delivery.event, self._kind)
        except msgspec.ValidationError as error:
            raise InvalidMessage(f"not a {self._kind.__name__}: {error}") from error
        await (self._method(event, delivery) if self._wants_delivery else self._method(event))


def build_subscriptions(messages: MessageContract, subscribers: object) -> Mapping[str, Subscription]:
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
