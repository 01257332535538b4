"""The contracts as last released, and what the next release must be called.

What only adds raises the minor part of `info.version`; what breaks anybody, be it generated code alone, raises the
major part, and a record in docs/decisions names the file and its new version ("contracts/entries.yaml 2.0.0"). All
contracts have one version, and under it the changelog tells apart what changes for generated code only.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chassis.contracts.errors import ContractError
from chassis.contracts.references import Document, references_in
from tooling.compatibility.changes import contract_changes
from tooling.compatibility.compatibility import Change, Direction, Impact, Location
from tooling.compatibility.event_changes import event_changes, exchange_changes
from tooling.compatibility.report import report
from tooling.project import MESSAGES

ROOT = Path(__file__).resolve().parents[2]
RELEASED = Path("contracts", "released")
# What the others of a folder refer to.
SHARED = {
    "contracts": "contracts/common.yaml",
    "asyncapi": MESSAGES,
}
GENERATED_CODE = "### Contracts: what changes for generated code only"
SHARED_COMPONENT = re.compile(r"yaml#/components/(?!schemas)(\w+/\w+)")
Version = tuple[int, int, int]


def main(arguments: list[str]) -> int:
    """Release the contracts as they are now, if their versions say truly what has changed."""
    parser = argparse.ArgumentParser(prog="release_contracts.py", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="release nothing; exit 1 if they could not be released")
    parser.add_argument("--again", action="store_true", help="whatever has changed: nobody relies on the release yet")
    parser.add_argument("--root", type=Path, default=ROOT, help="where contracts/ and asyncapi/ are")
    chosen = parser.parse_args(arguments)
    faults = [] if chosen.again else list(version_errors(chosen.root))
    print("\n".join(faults), end="\n" if faults else "", file=sys.stderr)
    if not faults and not chosen.check:
        release(chosen.root)
        print(f"{RELEASED} has the contracts as they are now. Their version in CHANGELOG.md wants its date.")
    return 1 if faults else 0


def release(root: Path) -> None:
    """Copy the contracts to where the released ones are."""
    for folder in SHARED:
        target = root / RELEASED / folder
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path in sorted((root / folder).glob("*.yaml")):
            shutil.copyfile(path, target / path.name)


def version_errors(root: Path) -> Iterator[str]:
    """What keeps the contracts from being released: a version that does not say what has changed."""
    versions: dict[str, list[str]] = {}
    for name in contract_names(root):
        try:
            if any(differs(root / RELEASED / one, root / one) for one in (name, SHARED[Path(name).parent.name])):
                yield from contract_errors(root, name)
            versions.setdefault(format_version(version(Document(root / name).content)), []).append(name)
        except ContractError as fault:
            yield f"{name}: {fault}"
    if len(versions) > 1:
        said = "".join(f"\n  {one}: {', '.join(names)}" for one, names in sorted(versions.items()))
        yield f"all contracts are released under one version, which client packages and CHANGELOG.md have, too{said}"


def contract_names(root: Path) -> list[str]:
    """What was released or will be; what all contracts share is compared wherever it is referred to."""
    bases = root, root / RELEASED
    found = {f"{folder}/{path.name}" for folder in SHARED for base in bases for path in (base / folder).glob("*.yaml")}
    return sorted(found - {SHARED["contracts"]})


def contract_errors(root: Path, name: str) -> Iterator[str]:
    """What keeps one contract from being released."""
    before, after = root / RELEASED / name, root / name
    if not after.exists():
        raise ContractError("was released and is gone")
    if not before.exists():
        return
    old, new = Document(before), Document(after)
    said, now = version(old.content), version(new.content)
    # what the messages say is compared once, where they are
    compared = {"contracts": contract_changes, "asyncapi": exchange_changes}[after.parent.name]
    changes = list((event_changes if name == MESSAGES else compared)(old.inlined, new.inlined))
    yield from version_mismatch(root, name, said, now, [*changes, *removed_shared_components(old, new)])


def differs(one: Path, other: Path) -> bool:
    return not one.exists() or not other.exists() or one.read_bytes() != other.read_bytes()


def removed_shared_components(old: Document, new: Document) -> Iterator[Change]:
    """Generated code has what other files name, too; schemas keep their names where they are referred to."""
    before, after = (
        {found[1] for one in references_in(document.content) if (found := SHARED_COMPONENT.search(one))}
        for document in (old, new)
    )
    for name in sorted(before - after):
        location = Location(f"components/{name}", Direction.REQUEST, ("components", *name.split("/")))
        yield location.source("is gone, or is called otherwise")


def version_mismatch(root: Path, name: str, old: Version, new: Version, changes: list[Change]) -> Iterator[str]:
    """Why the new version is not one that these changes allow."""
    impacts = {change.impact for change in changes}
    breaking = impacts & {Impact.BREAKING, Impact.SOURCE_BREAKING}
    least = (old[0] + 1, 0, 0) if breaking else (old[0], old[1] + 1, 0) if impacts else old
    fault = ""
    if new < least:
        fault = f"{name} is {format_version(new)} and must be at least {format_version(least)}"
    elif breaking and not is_in_changelog(root, f"{name} {format_version(new)}"):
        whom = f"who relies on {format_version(old)}"
        fault = f"{name} {format_version(new)} breaks {whom}: no record in docs/decisions names it"
    elif Impact.SOURCE_BREAKING in impacts and GENERATED_CODE not in changelog_section(root / "CHANGELOG.md", new):
        missing = f"CHANGELOG.md has no “{GENERATED_CODE}” under that version"
        fault = f"{name} {format_version(new)} breaks generated code: {missing}"
    if fault:
        yield fault + report(root / name, changes)


def changelog_section(changelog: Path, version: Version) -> str:
    """What a changelog says of a version."""
    sections = changelog.read_text("utf-8").split("\n## ") if changelog.exists() else []
    return next((one for one in sections if re.match(rf"{re.escape(format_version(version))}\b(?!\.)", one)), "")


def is_in_changelog(root: Path, what: str) -> bool:
    return any(what in path.read_text("utf-8") for path in (root / "docs" / "decisions").glob("*.md"))


def version(contract: Any) -> Version:
    """`info.version` as numbers.

    Raises:
        ContractError: It is not three of them.
    """
    try:
        said = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", contract["info"]["version"], re.ASCII)
    except (KeyError, TypeError):
        said = None
    if said is None:
        raise ContractError("info.version is not like 1.0.0")
    return int(said[1]), int(said[2]), int(said[3])


def format_version(version: Version) -> str:
    return ".".join(map(str, version))
