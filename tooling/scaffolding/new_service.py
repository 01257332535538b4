"""Makes a service that works: contract, package, migration, tests and its entry in services.toml."""

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from keyword import iskeyword
from pathlib import Path
from typing import NamedTuple

import jinja2

from chassis.contracts.asyncapi import EventApi
from tooling.project import SHARED_MESSAGES_PATH

ROOT = Path(__file__).resolve().parents[2]
SERVICE_NAME_PATTERN = re.compile("[a-z]{3,20}")
JINJA_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # noqa: S701 - Python and YAML are made here, no HTML
)
PACKAGE_MODULES = ("settings", "errors", "domain", "application", "handlers", "main")
EVENTS_MIGRATION = """    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="{name}",
    )
    op.create_index("inbox_by_age", "inbox", ["received_at"], schema="{name}")
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("operation", sa.Text),
        sa.Column("event_id", sa.Uuid),
        sa.Column("key", sa.Uuid),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redriven_at", sa.DateTime(timezone=True)),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Index("dead_letters_by_status", "status", "id"),
        sa.Index("dead_letters_by_age", "failed_at"),
        schema="{name}",
    )"""


class ReceivedEvent(NamedTuple):
    """A shared message that the service receives: entry.made as on_entry_made(EntryMade)."""

    name: str
    model: str
    channel: str

    @property
    def operation(self) -> str:
        return f"on_{self.name.replace('.', '_')}"


class UsageError(Exception):
    """A service cannot be made from these arguments."""


def main(arguments: Sequence[str]) -> int:
    """Make a service in this project; 2 if there is one of its name, or it cannot be called so."""
    parser = argparse.ArgumentParser(description="Make a service that works, to be changed from there: contract first.")
    parser.add_argument("name", help="a plural in lower case, which is its package, path and database schema: reviews")
    parser.add_argument("--item", help="one of them, where that is not the name without its s")
    parser.add_argument("--database", action="store_true", help="with tables in a schema of its own")
    parser.add_argument("--events", default="", metavar="NAME,…", help="that receives these events: entry.made")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        files = render_service_files(options)
    except UsageError as mistake:
        print(f"Error: {mistake}.", file=sys.stderr)
        return 2
    for path, text in files.items():
        file = options.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        print(f"made: {path}")
    services = options.root / "services.toml"
    services.write_text(f"{services.read_text('utf-8')}{options.name} = {{port = {_free_port(services)}}}\n", "utf-8")
    print("changed: services.toml")
    ruff, own = [sys.executable, "-m", "ruff"], f"services/{options.name}"
    for command in (["check", "--quiet", "--fix", own], ["format", "--quiet", own]):
        subprocess.run([*ruff, *command], cwd=options.root, check=True)
    return subprocess.run([sys.executable, "scripts/generate.py"], cwd=options.root, check=False).returncode


def render_service_files(options: argparse.Namespace) -> dict[str, str]:
    """The text of each new file, by its path.

    Raises:
        Mistake: A name is no name of a package, is taken, or is of no event; events are to be kept nowhere.
    """
    name: str = options.name
    item: str = options.item or name.removesuffix("s")
    if (options.root / "services" / name).exists() or (options.root / "contracts" / f"{name}.yaml").exists():
        raise UsageError(f"there is a service {name} already")
    for word in (name, item):
        if not SERVICE_NAME_PATTERN.fullmatch(word) or iskeyword(word):
            raise UsageError(f"{word!r} cannot be its name: 3 to 20 letters in lower case")
    if item == name:
        raise UsageError(f"say with --item what one of the {name} is called")
    events = list(_events(options.root, [event for event in options.events.split(",") if event]))
    if events and not options.database:
        raise UsageError("events that are received once need a database, --database")
    facts = {
        "name": name,
        "title": name.capitalize(),
        "item": item,
        "model": item.capitalize(),
        "database": options.database,
        "events": events,
        "event_tables": EVENTS_MIGRATION.format(name=name),
    }
    return {
        path: JINJA_ENVIRONMENT.get_template(f"{template}.jinja").render(**facts)
        for path, template in _paths(name, facts)
    }


def _paths(name: str, facts: dict[str, object]) -> Iterator[tuple[str, str]]:
    package = f"services/{name}"
    yield f"contracts/{name}.yaml", "contract.yaml"
    yield f"{package}/__init__.py", "init.py"
    yield f"{package}/README.md", "README.md"
    for module in PACKAGE_MODULES:
        yield f"{package}/{module}.py", f"{module}.py"
    for file in ("conftest", "test_contract", "test_handlers"):
        yield f"{package}/tests/{file}.py", f"{file}.py"
    yield f"{package}/tests/__init__.py", "empty.py"
    if facts["database"]:
        for module in ("ports", "tables", "statements", "repository"):
            yield f"{package}/{module}.py", f"{module}.py"
        yield f"{package}/alembic.ini", "alembic.ini"
        yield f"{package}/alembic/env.py", "env.py"
        yield f"{package}/alembic/versions/0001_keep_{name}.py", "migration.py"
        yield f"{package}/tests/test_repository.py", "test_repository.py"
    if facts["events"]:
        yield f"asyncapi/{name}.yaml", "events.yaml"
        yield f"{package}/subscribers.py", "subscribers.py"


def _events(root: Path, names: Sequence[str]) -> Iterator[ReceivedEvent]:
    channels = EventApi.load(root / SHARED_MESSAGES_PATH).channels
    known = {
        message.name: ReceivedEvent(message.name, message.id, channel.id)
        for channel in channels.values()
        for message in channel.messages.values()
    }
    for name in names:
        if name not in known:
            raise UsageError(f"{name!r} is none of the events: {', '.join(sorted(known))}")
        yield known[name]


def _free_port(services: Path) -> int:
    ports: list[int] = [entry["port"] for entry in tomllib.loads(services.read_text("utf-8")).values()]
    return max(ports) + 1
