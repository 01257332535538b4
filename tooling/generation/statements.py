"""The statements that services have written with SQLAlchemy, as text: no service imports SQLAlchemy while it runs."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from subprocess import PIPE
from types import NoneType
from typing import Any
from uuid import UUID

from chassis.data.statement import RowLock, Statement

SOURCE = "services/{}/statements.py"
IMPORTS = """
import uuid
import datetime
from typing import Any

from chassis.data.statement import RowLock, Statement

"""


PLAIN_TYPES = (str, int, float, NoneType, timedelta, UUID)


def render_statements(root: Path, generated: Path) -> dict[str, str]:
    """A module for each service that has a `statements.py`, by name.

    They are imported in a process of their own, with what is being generated instead of what was generated before.
    """
    names = sorted(path.parent.name for path in root.glob(SOURCE.format("*")))
    if not names:
        return {}
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(generated.parent), str(root), *sys.path))}
    made = subprocess.run(
        [sys.executable, "-m", __name__, *names], env=environment, cwd=generated.parent, check=True, stdout=PIPE
    )
    texts: dict[str, str] = json.loads(made.stdout)
    return texts


def render_module(service: str) -> str:
    """Its statements, and the constants that its repository shares with them."""
    module = import_module(f"services.{service}.statements")
    source = Path(str(module.__file__)).read_text("utf-8")
    lines = [line for name in public_names(source) for line in render_constant(name, getattr(module, name))]
    return f'"""{module.__doc__}"""\n{IMPORTS}' + "\n".join(lines) + "\n"


def public_names(source: str) -> Iterator[str]:
    """What a module gives a name to, in its order."""
    for node in ast.parse(source).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            yield from (
                part.id for part in ast.walk(target) if isinstance(part, ast.Name) and not part.id.startswith("_")
            )


def render_constant(name: str, value: Any) -> Iterator[str]:
    """An assignment of it; none of what only SQLAlchemy knows."""
    if isinstance(value, dict) and value and all(isinstance(each, Statement) for each in value.values()):
        yield f"{name}: dict[Any, Statement[dict[str, Any]]] = {to_source(value)}"
    elif isinstance(value, Statement | RowLock) or is_plain(value):
        yield f"{name} = {to_source(value)}"


def is_plain(value: Any) -> bool:
    """Whether it is made of nothing but Python's own values, and statements."""
    if isinstance(value, list | tuple):
        return all(isinstance(item, Statement) or is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(map(is_plain, value.values()))
    return isinstance(value, PLAIN_TYPES)


def to_source(value: Any) -> str:
    """The Python that makes it.

    Raises:
        TypeError: A value that is fixed in a statement has no such.
    """
    match value:
        case Statement(sql=sql, fixed=fixed):
            text = f"Statement({quote(sql)}{f', {to_source(fixed)}' if fixed else ''})"
        case RowLock():
            parts = {name: to_source(getattr(value, name)) for name in ("locked", "unlocked", "unchanged")}
            text = f"RowLock({', '.join(f'{name}={part}' for name, part in parts.items())})"
        case dict():
            text = f"{{{', '.join(f'{to_source(key)}: {to_source(item)}' for key, item in value.items())}}}"
        case list():
            text = f"[{', '.join(map(to_source, value))}]"
        case tuple():
            text = f"({''.join(f'{to_source(item)}, ' for item in value)})"
        case str():  # a name of SQLAlchemy's, or an enum's value, too
            text = repr(str(value))
        case UUID():
            text = f"uuid.{value!r}"
        case _ if is_plain(value):
            text = repr(value)
        case _:
            raise TypeError(f"a statement has a value that cannot be written down: {value!r}")
    return text


def quote(sql: str) -> str:
    """Lines as SQLAlchemy breaks them, without the blanks at their ends."""
    text = "\n".join(line.rstrip() for line in sql.split("\n"))
    return repr(text) if "\\" in text or '"""' in text or text.endswith('"') else f'"""{text}"""'


if __name__ == "__main__":
    print(json.dumps({name: render_module(name) for name in sys.argv[1:]}))
