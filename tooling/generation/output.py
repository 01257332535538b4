"""A folder whose files are all made, and files beside it: how they differ from what is wanted, and making them so."""

from collections.abc import Mapping
from pathlib import Path


def find_differences(folder: Path, wanted: Mapping[str, bytes]) -> dict[str, str]:
    """Each file that differs, is missing or is surplus."""
    existing = {path.relative_to(folder).as_posix(): path for path in list_files(folder)}
    existing |= {name: folder / name for name in wanted if name.startswith("../") and (folder / name).exists()}
    differences = dict.fromkeys(existing.keys() - wanted.keys(), "surplus")
    differences |= dict.fromkeys(wanted.keys() - existing.keys(), "missing")
    differences |= {
        name: "differs" for name in wanted.keys() & existing.keys() if existing[name].read_bytes() != wanted[name]
    }
    return dict(sorted(differences.items()))


def replace_folder(folder: Path, wanted: Mapping[str, bytes]) -> None:
    """Write what differs, remove what is surplus; files that are right stay untouched.

    Each file changes in one step: whoever imports it meanwhile reads it as it was or as it will be.
    """
    for name in find_differences(folder, wanted):
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


def list_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
