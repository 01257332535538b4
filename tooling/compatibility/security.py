"""What has changed in who is let in: `security` of the specifications, and `x-access` of the shop."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tooling.compatibility.compatibility import Change, Location, Node, Reason, abbreviate

Requirement = Mapping[str, frozenset[str]]  # to be let in: the schemes that are needed together, each with its scopes
OPTIONAL_TOKEN = {"token": "optional"}
OPEN_ACCESS = ("public", OPTIONAL_TOKEN)


def requirements_by_name(operation: Node, contract: Node, names: Mapping[str, str]) -> Sequence[Requirement]:
    """Of OpenAPI: by the names of the schemes, or by the ones that are given for them."""
    requirements = operation.get("security", contract.get("security")) or [{}]
    return [
        {names.get(name, name): frozenset(scopes) for name, scopes in requirement.items()}
        for requirement in requirements
    ]


def requirements_by_scheme(described: Node) -> Sequence[Requirement]:
    """Of AsyncAPI: each scheme stands where it is needed."""
    schemes = described.get("security") or [{}]
    spoken = {"description", "scopes"}
    return [
        {str({key: scheme[key] for key in sorted(scheme.keys() - spoken)}): frozenset(scheme.get("scopes", ()))}
        if scheme
        else {}
        for scheme in schemes
    ]


def security_changes(old: Sequence[Requirement], new: Sequence[Requirement], location: Location) -> Iterator[Change]:
    """Whoever was let in still is where one requirement asks for no more than the one that was met."""
    message = f"security was {_describe(old)} and is {_describe(new)}"
    if not all(any(_asks_no_more(other, one) for other in new) for one in old):
        yield location.breaking(message, Reason.UNWANTED)
    elif any(requirement not in old for requirement in new):
        yield location.compatible(message)


def _asks_no_more(new: Requirement, old: Requirement) -> bool:
    return all(scheme in old and scopes <= old[scheme] for scheme, scopes in new.items())


def _describe(requirements: Sequence[Requirement]) -> str:
    schemes = [
        [" ".join([name, *sorted(scopes)]) for name, scopes in requirement.items()] for requirement in requirements
    ]
    return " or ".join(" with ".join(requirement) or "nothing" for requirement in schemes)


def access_changes(old: Any, new: Any, location: Location) -> Iterator[Change]:
    """What has changed in `x-access`; an operation that does not say it is open to all."""
    if old == new:
        return
    if old in OPEN_ACCESS or new in OPEN_ACCESS or not isinstance(old, Mapping) or not isinstance(new, Mapping):
        # A token that is not good was passed over by a public operation, and is refused where it is optional.
        wider = new == "public" or (new == OPTIONAL_TOKEN and old != "public")
        message = f"x-access was {abbreviate(old)} and is {abbreviate(new)}"
        yield location.compatible(message) if wider else location.breaking(message, Reason.UNWANTED)
        return
    for kind in ("roles", "internal"):
        before, after = set(old.get(kind, ())), set(new.get(kind, ()))
        if bool(before) != bool(after):
            yield location.breaking(f"{kind} are {'no longer ' * bool(before)}asked for", Reason.UNWANTED)
        if less := sorted(before - after):
            yield location.breaking(f"{kind} no longer has {abbreviate(less)}", Reason.UNWANTED)
        if more := sorted(after - before):
            yield location.compatible(f"{kind} also has {abbreviate(more)}")
    if new.get("owner") and not old.get("owner"):
        yield location.breaking("only the owner may call", Reason.UNWANTED)
    elif old.get("owner") and not new.get("owner"):
        yield location.compatible("not only the owner may call")
    for name in sorted((old.keys() | new.keys()) - {"roles", "internal", "owner"}):
        if old.get(name) != new.get(name):
            yield location.at(name).breaking(f"{name} is not known", Reason.UNKNOWN)
