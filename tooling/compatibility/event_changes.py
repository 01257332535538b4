"""What has changed between two versions of an AsyncAPI document, in which all references are followed."""

from collections.abc import Iterator, Mapping
from typing import Any

from tooling.compatibility.changes import ROOT_LOCATION, component_changes, server_addresses
from tooling.compatibility.compatibility import (
    Change,
    Direction,
    Location,
    Node,
    Reason,
    added_and_removed_members,
    diff_spec_objects,
)
from tooling.compatibility.security import requirements_by_scheme, security_changes

Named = Mapping[Any, tuple[str, Node]]  # by what is seen on the wire, with the name in the document


def event_changes(old: Node, new: Node) -> Iterator[Change]:
    """What has changed in what is exchanged, and in what the messages say."""
    yield from exchange_changes(old, new)
    yield from _channels(old, new)


def exchange_changes(old: Node, new: Node) -> Iterator[Change]:
    """What has changed in what is sent and received, but for what the messages say."""
    yield from diff_spec_objects("AsyncAPI", old, new, ROOT_LOCATION)
    yield from component_changes(old, new)
    yield from _servers(_by_address(old), _by_address(new), ROOT_LOCATION.at("servers", label="server"))
    before, after = (
        {_exchanged(operation): (name, operation) for name, operation in node.get("operations", {}).items()}
        for node in (old, new)
    )
    for key in sorted(before.keys() | after.keys()):
        action, address, messages = key
        name, operation = after.get(key) or before[key]
        here = ROOT_LOCATION.at("operations", name, label=f"{action} {', '.join(messages)} on {address}")
        if key not in after:
            yield here.breaking("is gone", Reason.GONE)
        elif key not in before:
            yield here.compatible("is new")
        else:
            yield from _renamed(before[key][0], name, here)
            was = apply_traits(before[key][1])
            yield from diff_spec_objects("AsyncOperation", was, apply_traits(operation), here)
            yield from security_changes(
                requirements_by_scheme(was), requirements_by_scheme(apply_traits(operation)), here.at("security")
            )


def apply_traits(described: Node) -> Node:
    """What an operation or message says together with its traits: its own word goes before theirs."""
    merged: dict[str, Any] = {}
    for trait in (*described.get("traits", ()), described):
        merged = _merged(merged, trait)
    return {name: value for name, value in merged.items() if name != "traits"}


def _merged(one: Any, other: Any) -> Any:
    """By JSON Merge Patch (RFC 7396), but that null is a value."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other
    return {**one, **{name: _merged(one.get(name), value) for name, value in other.items()}}


def _names(old: Named, new: Named) -> dict[str, str]:
    return {key: name for key, (name, _) in {**old, **new}.items()}


def _renamed(old: str, new: str, location: Location) -> Iterator[Change]:
    if old != new:
        yield location.source(f"{old} is now called {new}")


def _exchanged(operation: Node) -> tuple[str, str, tuple[str, ...]]:
    channel = operation["channel"]
    messages = operation.get("messages") or channel.get("messages", {}).values()
    return operation["action"], str(channel["address"]), tuple(sorted(_name(message, channel) for message in messages))


def _name(message: Node, channel: Node) -> str:
    """What a message is called on the wire, or else in its channel."""
    keys = (key for key, candidate in channel.get("messages", {}).items() if candidate == message)
    return str(message.get("name") or next(keys, ""))


def _by_address(document: Node) -> Named:
    return {_address(server): (name, server) for name, server in document.get("servers", {}).items()}


def _address(server: Node) -> str:
    return f"{server['protocol']}://{server['host']}{server.get('pathname', '')}"


def _servers_of(channel: Node, document: Node) -> dict[str, None]:
    return {_address(server): None for server in channel.get("servers") or document.get("servers", {}).values()}


def _servers(old: Named, new: Named, location: Location) -> Iterator[Change]:
    yield from server_addresses(old, new, location)
    for address in sorted(old.keys() & new.keys()):
        (was, old_server), (now, new_server) = old[address], new[address]
        here = location.at(now, label=f" {address}")
        yield from _renamed(was, now, here)
        yield from diff_spec_objects("AsyncServer", old_server, new_server, here)
        yield from security_changes(
            requirements_by_scheme(old_server), requirements_by_scheme(new_server), here.at("security")
        )


def _channels(old: Node, new: Node) -> Iterator[Change]:
    before, after = (
        {str(channel["address"]): (name, channel) for name, channel in node.get("channels", {}).items()}
        for node in (old, new)
    )
    yield from added_and_removed_members(
        before, after, ROOT_LOCATION.at("channels"), "topic ", names=_names(before, after)
    )
    for address in sorted(before.keys() & after.keys()):
        (was, channel), (now, other) = before[address], after[address]
        here = ROOT_LOCATION.at("channels", now, label=address)
        yield from _renamed(was, now, here)
        yield from diff_spec_objects("Channel", channel, other, here)
        if channel.get("servers") or other.get("servers"):  # where it says none it is on each
            yield from server_addresses(_servers_of(channel, old), _servers_of(other, new), here.at("servers"))
        types = old.get("defaultContentType"), new.get("defaultContentType")
        yield from _messages(_messages_of(channel, types[0]), _messages_of(other, types[1]), here.at("messages"))


def _messages_of(channel: Node, content_type: str | None) -> Named:
    whole = {
        name: {"contentType": content_type, **apply_traits(message)}
        for name, message in channel.get("messages", {}).items()
    }
    return {message.get("name", name): (name, message) for name, message in whole.items()}


def _messages(old: Named, new: Named, location: Location) -> Iterator[Change]:
    yield from added_and_removed_members(old, new, location, "message ", names=_names(old, new))
    for name in sorted(old.keys() & new.keys()):
        (was, old_message), (now, new_message) = old[name], new[name]
        here = Location(name, Direction.EVENT, (*location.pointer, now))
        yield from _renamed(was, now, here)
        yield from diff_spec_objects("Message", old_message, new_message, here)
