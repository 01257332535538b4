"""The mutants that mutmut makes of the services' code, with names that outlive a change beside them."""

import ast
import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name


class Mutant(NamedTuple):
    """A change of an expression."""

    key: str  # as mutmut calls it, by a number that moves with every change of the function
    file: str
    name: str  # the function, and its lines before and after


def generate_mutants(root: Path, files: Iterable[Path]) -> Iterator[Mutant]:
    """All mutants of the files, which are named from the root."""
    for file in files:
        mutated = mutate_file_contents(str(file), undecorate_properties((root / file).read_text("utf-8")))
        lines, spans = mutated.code.splitlines(), mutated.line_span_by_function_name
        for name in mutated.mutant_names:
            function = name.rpartition("__mutmut_")[0]
            before, after = (
                [line.replace(variant, "") for line in lines[spans[variant].start - 1 : spans[variant].end]]
                for variant in (f"{function}__mutmut_orig", name)
            )
            module = ".".join(file.with_suffix("").parts[1:])
            place = f"{module} {function[2:].replace('ǁ', '.')}"
            yield Mutant(get_mutant_name(file, name), file.as_posix(), f"{place}: {changed_lines(before, after)}")


def undecorate_properties(source: str) -> str:
    """The same module with `name = property(name)` after each property: mutmut changes nothing that has a decorator."""
    lines = source.splitlines(keepends=True)
    functions = [
        (function, function.decorator_list[0])
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        for function in node.body
        if isinstance(function, ast.FunctionDef) and len(function.decorator_list) == 1
    ]
    for function, decorator in sorted(functions, key=lambda pair: -pair[0].lineno):  # from the end, for lines move
        if isinstance(decorator, ast.Name) and decorator.id == "property":
            indent = " " * function.col_offset
            lines.insert(function.end_lineno or 0, f"{indent}{function.name} = property({function.name})\n")
            del lines[decorator.lineno - 1]
    return "".join(lines)


def changed_lines(before: list[str], after: list[str]) -> str:
    """The lines that differ: `before -> after`."""
    changed = [line for line in difflib.ndiff(before, after) if line.startswith(("- ", "+ "))]
    return " -> ".join(" ".join(line[2:].strip() for line in changed if line.startswith(sign)) for sign in "-+")
