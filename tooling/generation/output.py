"""A folder whose files are all made, and files beside it: how they differ from what is wanted, and making them so."""

from collections.abc import Mapping
from pathlib import Path


def differences(folder: Path, wanted: Mapping[str, bytes]) -> dict[str, str]:
    """Each file that differs, is missing or is surplus."""
    found = {path.relative_to(folder).as_posix(): path for path in files(folder)}
    found |= {name: folder / name for name in wanted if name.startswith("../") and (folder / name).exists()}
    said = dict.fromkeys(found.keys() - wanted.keys(), "surplus")
    said |= dict.fromkeys(wanted.keys() - found.keys(), "missing")
    said |= {name: "differs" for name in wanted.keys() & found.keys() if found[name].read_bytes() != wanted[name]}
    return dict(sorted(said.items()))


def replace(folder: Path, wanted: Mapping[str, bytes]) -> None:
    """Write what differs, remove what is surplus; files that are right stay untouched.

    Each file changes in one step: whoever imports it meanwhile reads it as it was or as it will be.
    """
    for name in differences(folder, wanted):
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".fresh")
            fresh.write_bytes(wanted[name])
            fresh.replace(path)
        else:
            path.unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
