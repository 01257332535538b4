"""What has changed between two versions of a contract: in its operations, or in its channels and messages."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.contracts.compatibility import Change, Impact, Node, Way, compared, gone_and_new, schema_changes

METHODS = ("get", "put", "post", "delete", "patch")
PROBLEM = "application/problem+json"
OPTIONAL_TOKEN = {"token": "optional"}
OPEN = ("public", OPTIONAL_TOKEN)


def contract_changes(old: Node, new: Node) -> Iterator[Change]:
    """What has changed between two OpenAPI documents in which all references are followed."""
    before, after = dict(_operations(old)), dict(_operations(new))
    yield from gone_and_new(before, after, "operation")
    for name in sorted(before.keys() & after.keys()):
        yield from _operation(name, before[name], after[name])


def event_changes(old: Node, new: Node) -> Iterator[Change]:
    """What has changed between two AsyncAPI documents in which all references are followed."""
    before, after = old.get("operations", {}), new.get("operations", {})
    yield from gone_and_new(before, after, "operations")
    for name in sorted(before.keys() & after.keys()):
        if _exchanged(before[name]) != _exchanged(after[name]):
            yield Change(name, "sends or receives something else", Impact.MAJOR)
    if before or after:  # a service's file: what the messages say is compared once, in shop.yaml
        return
    channels, now = old["channels"], new["channels"]
    yield from gone_and_new(channels, now, "channels")
    for name in sorted(channels.keys() & now.keys()):
        yield from _channel(name, channels[name], now[name])


def _operations(contract: Node) -> Iterator[tuple[str, Node]]:
    for path, item in contract["paths"].items():
        for method in METHODS:
            if method in item:
                shared = [*item.get("parameters", []), *item[method].get("parameters", [])]
                yield f"{method} {path}", {**item[method], "parameters": shared}


def _operation(at: str, old: Node, new: Node) -> Iterator[Change]:
    if old["operationId"] != new["operationId"]:
        yield Change(at, f"{old['operationId']} is now called {new['operationId']}", Impact.MAJOR)
    yield from _access(at, old["x-access"], new["x-access"])
    if old.get("x-idempotent", False) != new.get("x-idempotent", False):
        promised = old.get("x-idempotent", False)
        yield Change(at, "what a repeat does has changed", Impact.MAJOR if promised else Impact.MINOR)
    for how in compared("maximum", old.get("x-body-limit"), new.get("x-body-limit")):
        yield Change(at, f"x-body-limit is {how}", Way.REQUEST.breaks(how))
    yield from _parameters(at, old["parameters"], new["parameters"])
    yield from _body(f"{at} body", old.get("requestBody"), new.get("requestBody"))
    yield from _answers(at, old["responses"], new["responses"])


def _access(at: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if old in OPEN or new in OPEN:
        # A token that is not good was passed over by a public operation, and is refused where it is optional.
        wider = new == "public" or (new == OPTIONAL_TOKEN and old != "public")
        yield Change(at, "who may call has changed", Impact.MINOR if wider else Impact.MAJOR)
        return
    for kind in ("roles", "internal"):
        if bool(old.get(kind)) != bool(new.get(kind)):
            yield Change(at, f"{kind} are asked for, or no longer", Impact.MAJOR)
        yield from gone_and_new(dict.fromkeys(old.get(kind, [])), dict.fromkeys(new.get(kind, [])), f"{at} {kind}")
    if bool(old.get("owner")) != bool(new.get("owner")):
        yield Change(at, "who owns it matters, or no longer", Impact.MAJOR if new.get("owner") else Impact.MINOR)


def _parameters(at: str, old: list[Node], new: list[Node]) -> Iterator[Change]:
    before, after = ({f"{one['in']} {one['name']}": one for one in those} for those in (old, new))
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            wanted = now is not None and now.get("required")
            impact = Impact.MAJOR if was or wanted else Impact.MINOR
            yield Change(f"{at} {name}", "is gone" if was else "is new and required" if wanted else "is new", impact)
            continue
        if bool(was.get("required")) != bool(now.get("required")):
            yield Change(f"{at} {name}", "may be left out, or no longer", Way.REQUEST.breaks(_stricter(was, now)))
        yield from schema_changes(was["schema"], now["schema"], Way.REQUEST, f"{at} {name}")


def _stricter(old: Node, new: Node) -> str:
    return "narrower" if new.get("required") and not old.get("required") else "wider"


def _body(at: str, old: Node | None, new: Node | None) -> Iterator[Change]:
    if old is None or new is None:
        if old is not new:
            unasked = old is None and new is not None and not new.get("required")
            yield Change(at, "is gone" if old else "is new", Impact.MINOR if unasked else Impact.MAJOR)
        return
    if bool(old.get("required")) != bool(new.get("required")):
        yield Change(at, "may be left out, or no longer", Way.REQUEST.breaks(_stricter(old, new)))
    yield from gone_and_new(old["content"], new["content"], at)
    for kind in sorted(old["content"].keys() & new["content"].keys()):
        yield from schema_changes(old["content"][kind]["schema"], new["content"][kind]["schema"], Way.REQUEST, at)


def _answers(at: str, old: Mapping[str, Node], new: Mapping[str, Node]) -> Iterator[Change]:
    yield from gone_and_new(old, new, f"{at} answers")
    for status in sorted(old.keys() & new.keys()):
        here, was, now = f"{at} {status}", old[status], new[status]
        headers, sent = was.get("headers", {}), now.get("headers", {})
        yield from gone_and_new(headers, sent, f"{here} headers")
        for name in sorted(headers.keys() & sent.keys()):
            if bool(headers[name].get("required")) != bool(sent[name].get("required")):
                how = _stricter(headers[name], sent[name])
                yield Change(f"{here} {name}", f"the promise of it is {how}", Way.ANSWER.breaks(how))
            yield from schema_changes(headers[name]["schema"], sent[name]["schema"], Way.ANSWER, f"{here} {name}")
        before, after = was.get("content", {}), now.get("content", {})
        yield from gone_and_new(before, after, here)
        for kind in sorted(before.keys() & after.keys()):
            yield from schema_changes(before[kind]["schema"], after[kind]["schema"], Way.ANSWER, here)
        yield from gone_and_new(_problems(before), _problems(after), f"{here} problems")


def _problems(content: Mapping[str, Node]) -> dict[str, None]:
    """The problems that examples name: callers tell them apart by their type."""
    said = content.get(PROBLEM, {})
    examples = [said.get("example"), *(named["value"] for named in said.get("examples", {}).values())]
    return {f"{one['type']} ({one['title']})": None for one in examples if one is not None}


def _exchanged(operation: Node) -> tuple[Any, ...]:
    return operation["action"], operation["channel"]["address"], [one["name"] for one in operation["messages"]]


def _channel(at: str, old: Node, new: Node) -> Iterator[Change]:
    if old["address"] != new["address"] or old.get("bindings") != new.get("bindings"):
        yield Change(at, "has another topic, or its topic other partitions", Impact.MAJOR)
    before, after = old["messages"], new["messages"]
    yield from gone_and_new(before, after, at)
    for name in sorted(before.keys() & after.keys()):
        was, now = before[name], after[name]
        if any(was[word] != now[word] for word in ("name", "contentType", "bindings")):
            yield Change(name, "is called, keyed or encoded otherwise", Impact.MAJOR)
        for part in ("headers", "payload"):
            yield from schema_changes(was[part], now[part], Way.EVENT, f"{name} {part}")
