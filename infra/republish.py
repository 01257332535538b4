"""Publish again what was announced since a moment, for as long as the outboxes hold it: seven days.

    python scripts/republish.py --since 36h
    python scripts/republish.py --since 2026-01-05T12:00:00Z --service order

For a broker that has lost its disk: its topics are made by scripts/seed.py, and each service's relay sends the events
again, in their order and as the same bytes. Whoever has handled one knows it by its event_id for 30 days. Among them
they stay in order per key; an event that is announced while this runs may come before them.

The databases are those of ORDER_DATABASE_URL and so on, as for infra/seeding.py, or those of the run folder.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from chassis.events.messages import MessageContract
from chassis.events.outbox import RETENTION_RULE
from chassis.runtime.errors import describe_error
from infra.seeding import ROOT, read_settings

# All at once: a relay that saw a part of them could send what is announced meanwhile before the rest.
REPUBLISH_SQL = "UPDATE outbox SET published_at = NULL WHERE created_at >= %s AND published_at IS NOT NULL"
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def sending_services() -> list[str]:
    """Name the services that have an outbox."""
    contracts = sorted((ROOT / "asyncapi").glob("*.yaml"))
    return [path.stem for path in contracts if MessageContract.load(path).sends]


def parse_moment(text: str) -> datetime:
    """A moment as RFC 3339 says it, or so many minutes, hours or days ago.

    Raises:
        ValueError: It is neither, or the outboxes do not reach back so far.
    """
    now = datetime.now(UTC)
    ago = re.fullmatch(r"(\d{1,6})([mhd])", text)
    moment = now - timedelta(**{UNITS[ago[2]]: int(ago[1])}) if ago else datetime.fromisoformat(text)
    if moment.tzinfo is None or not now - RETENTION_RULE.retention <= moment <= now:
        raise ValueError(text)
    return moment


def republish(database_url: str, since: datetime) -> int:
    """Have the relay of the service whose database this is send its events again; how many they are."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        return connection.execute(REPUBLISH_SQL, [since]).rowcount


def main(argv: Sequence[str]) -> int:
    """Say for each service how many events are sent again; 1 when a database cannot be asked."""
    names = sending_services()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--since", type=parse_moment, required=True, help="36h, or a time with its zone; 7d at most")
    parser.add_argument("--service", choices=names, help="only what this service announced")
    parser.add_argument("--run-dir", type=Path, default=ROOT / ".run", metavar="DIR")
    options = parser.parse_args(argv)
    settings, manifest = read_settings(os.environ), options.run_dir / "seeding.json"
    if not any(name.endswith("_DATABASE_URL") for name in settings) and manifest.exists():
        settings = json.loads(manifest.read_text("utf-8"))
    failed = 0
    for service in [options.service] if options.service else names:
        try:
            events = republish(settings[f"{service.upper()}_DATABASE_URL"], options.since)
            print(f"{service}: {events} events are sent again")
        except (psycopg.Error, KeyError) as error:
            failed = 1
            print(f"Error: {service}: {describe_error(error)}", file=sys.stderr)
    return failed
