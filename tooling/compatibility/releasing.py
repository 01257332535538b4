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
from tooling.compatibility.report import format_report
from tooling.project import SHARED_MESSAGES_PATH

ROOT = Path(__file__).resolve().parents[2]
RELEASED_FOLDER = Path("contracts", "released")
# What the others of a folder refer to.
SHARED_CONTRACTS = {
    "contracts": "contracts/common.yaml",
    "asyncapi": SHARED_MESSAGES_PATH,
}
GENERATED_CODE_HEADING = "### Contracts: what changes for generated code only"
SHARED_COMPONENT_PATTERN = re.compile(r"yaml#/components/(?!schemas)(\w+/\w+)")
Version = tuple[int, int, int]


def main(arguments: list[str]) -> int:
    """Release the contracts as they are now, if their versions say truly what has changed."""
    parser = argparse.ArgumentParser(prog="release_contracts.py", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="release nothing; exit 1 if they could not be released")
    parser.add_argument("--again", action="store_true", help="whatever has changed: nobody relies on the release yet")
    parser.add_argument("--root", type=Path, default=ROOT, help="where contracts/ and asyncapi/ are")
    chosen = parser.parse_args(arguments)
    faults = [] if chosen.again else list(find_version_errors(chosen.root))
    print("\n".join(faults), end="\n" if faults else "", file=sys.stderr)
    if not faults and not chosen.check:
        release_contracts(chosen.root)
        print(f"{RELEASED_FOLDER} has the contracts as they are now. Their version in CHANGELOG.md wants its date.")
    return 1 if faults else 0


def release_contracts(root: Path) -> None:
    """Copy the contracts to where the released ones are."""
    for folder in SHARED_CONTRACTS:
        target = root / RELEASED_FOLDER / folder
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path in sorted((root / folder).glob("*.yaml")):
            shutil.copyfile(path, target / path.name)


def find_version_errors(root: Path) -> Iterator[str]:
    """What keeps the contracts from being released: a version that does not say what has changed."""
    versions: dict[str, list[str]] = {}
    for name in list_contract_names(root):
        try:
            if any(
                differs(root / RELEASED_FOLDER / one, root / one)
                for one in (name, SHARED_CONTRACTS[Path(name).parent.name])
            ):
                yield from find_contract_errors(root, name)
            versions.setdefault(format_version(parse_version(Document(root / name).content)), []).append(name)
        except ContractError as fault:
            yield f"{name}: {fault}"
    if len(versions) > 1:
        listing = "".join(f"\n  {one}: {', '.join(names)}" for one, names in sorted(versions.items()))
        yield f"all contracts are released under one version, which client packages and CHANGELOG.md have, too{listing}"


def list_contract_names(root: Path) -> list[str]:
    """What was released or will be; what all contracts share is compared wherever it is referred to."""
    bases = root, root / RELEASED_FOLDER
    names = {
        f"{folder}/{path.name}"
        for folder in SHARED_CONTRACTS
        for base in bases
        for path in (base / folder).glob("*.yaml")
    }
    return sorted(names - {SHARED_CONTRACTS["contracts"]})


def find_contract_errors(root: Path, name: str) -> Iterator[str]:
    """What keeps one contract from being released."""
    before, after = root / RELEASED_FOLDER / name, root / name
    if not after.exists():
        raise ContractError("was released and is gone")
    if not before.exists():
        return
    old, new = Document(before), Document(after)
    released, now = parse_version(old.content), parse_version(new.content)
    # what the messages say is compared once, where they are
    compared = {"contracts": contract_changes, "asyncapi": exchange_changes}[after.parent.name]
    changes = list((event_changes if name == SHARED_MESSAGES_PATH else compared)(old.inlined, new.inlined))
    yield from find_version_mismatches(root, name, released, now, [*changes, *find_removed_shared_components(old, new)])


def differs(one: Path, other: Path) -> bool:
    return not one.exists() or not other.exists() or one.read_bytes() != other.read_bytes()


def find_removed_shared_components(old: Document, new: Document) -> Iterator[Change]:
    """Generated code has what other files name, too; schemas keep their names where they are referred to."""
    before, after = (
        {
            match[1]
            for reference in references_in(document.content)
            if (match := SHARED_COMPONENT_PATTERN.search(reference))
        }
        for document in (old, new)
    )
    for name in sorted(before - after):
        location = Location(f"components/{name}", Direction.REQUEST, ("components", *name.split("/")))
        yield location.source("is gone, or is called otherwise")


def find_version_mismatches(root: Path, name: str, old: Version, new: Version, changes: list[Change]) -> Iterator[str]:
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
    elif Impact.SOURCE_BREAKING in impacts and GENERATED_CODE_HEADING not in read_changelog_section(
        root / "CHANGELOG.md", new
    ):
        missing = f"CHANGELOG.md has no “{GENERATED_CODE_HEADING}” under that version"
        fault = f"{name} {format_version(new)} breaks generated code: {missing}"
    if fault:
        yield fault + format_report(root / name, changes)


def read_changelog_section(changelog: Path, version: Version) -> str:
    """What a changelog says of a version."""
    sections = changelog.read_text("utf-8").split("\n## ") if changelog.exists() else []
    return next(
        (section for section in sections if re.match(rf"{re.escape(format_version(version))}\b(?!\.)", section)), ""
    )


def is_in_changelog(root: Path, text: str) -> bool:
    return any(text in path.read_text("utf-8") for path in (root / "docs" / "decisions").glob("*.md"))


def parse_version(contract: Any) -> Version:
    """`info.version` as numbers.

    Raises:
        ContractError: It is not three of them.
    """
    try:
        match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", contract["info"]["version"], re.ASCII)
    except (KeyError, TypeError):
        match = None
    if match is None:
        raise ContractError("info.version is not like 1.0.0")
    return int(match[1]), int(match[2]), int(match[3])


def format_version(version: Version) -> str:
    return ".".join(map(str, version))
