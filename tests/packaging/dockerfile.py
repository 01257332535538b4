"""A Dockerfile, read: its stages, and what an image takes from the folder it is built in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from docker.utils.build import exclude_paths

ROOT = Path(__file__).resolve().parents[2]


class Instruction(NamedTuple):
    word: str
    said: str


class Stage(NamedTuple):
    name: str
    base: str
    instructions: list[Instruction]

    def all(self, word: str) -> list[str]:
        return [said for what, said in self.instructions if what == word]


def stages(text: str) -> dict[str, Stage]:
    """The stages by name; ARGs before the first are filled in."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    known: dict[str, str] = {}
    found: dict[str, Stage] = {}
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        word, _, said = line.partition(" ")
        if word == "FROM":
            base, _, name = said.partition(" AS ")
            found[name] = stage = Stage(name, _filled_in(base, known), [])
        elif not found:
            argument, _, default = said.partition("=")
            known[argument] = default
        else:
            stage.instructions.append(Instruction(word, said))
    return found


def stage_chain(stages_: dict[str, Stage], name: str) -> list[Stage]:
    """A stage and those it stands on, the lowest first."""
    stage = stages_[name]
    return [*(stage_chain(stages_, stage.base) if stage.base in stages_ else ()), stage]


def offered_files() -> set[Path]:
    """The files that reach a builder, by Docker's own reading of .dockerignore."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    return {Path(path) for path in exclude_paths(str(ROOT), patterns) if (ROOT / path).is_file()}


def copied_files(stages_: dict[str, Stage], name: str, arguments: dict[str, str]) -> Iterator[tuple[Path, Path]]:
    """What an image takes: each file with its place under the working folder."""
    here = offered_files()
    for stage in stage_chain(stages_, name):
        for said in stage.all("COPY"):
            if said.startswith("--from"):
                continue
            source, target = (Path(_filled_in(word, arguments)) for word in said.split())
            files = [file for file in here if file == source or source in file.parents]
            assert files, f"{source} is not offered to builders"
            yield from ((file, target / file.relative_to(source)) for file in files)


def _filled_in(text: str, arguments: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], text)
