"""Count, list, read and send back what services could not handle: their dead-letter operations, for a terminal.

    python scripts/redrive.py                                          # how many are open, and why
    python scripts/redrive.py list --service order --operation on_payment_succeeded
    python scripts/redrive.py show 0198c3c5-0a4e-7c6e-9d26-3f1f4be2c901
    python scripts/redrive.py send --error AmountDiffers               # all that fit; the others stay as they are

Sending back can be repeated: every consumer knows the events it has handled. The shop is the one of the run folder; one
behind another --gateway is asked as the admin of ADMIN_EMAIL and ADMIN_PASSWORD.
"""

import argparse
import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.runtime.settings import SettingsError
from chassis.web.http_client import Problem, UpstreamUnavailable
from generated.access import OPERATIONS
from generated.clients.auth import AuthClient
from generated.models.auth import Credentials
from generated.models.common import DeadLetter, DeadLetterStatus
from infra.credentials import ADMIN_CREDENTIALS, read_credential
from infra.seeding import ROOT

RECEIVERS = [name for name, operations in OPERATIONS.items() if f"list_{name}_dead_letters" in operations]
TIMEOUT = 10.0  # seconds; to send one back takes two connections to the broker


class DeadLetterDesk:
    """The dead letters of all services behind a gateway, for an admin."""

    def __init__(self, gateway: str, token: str) -> None:
        self._clients: Mapping[str, Any] = {name: _client(name)(gateway, timeout=TIMEOUT) for name in RECEIVERS}
        self._token = token

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()

    async def list_all(self, services: Sequence[str], status: str) -> AsyncIterator[tuple[str, DeadLetter]]:
        """Every letter in a state with its service, page by page."""
        for service in services:
            cursor: str | None = None
            while True:
                page = await self._call("list", service, "s", status=DeadLetterStatus(status), limit=100, cursor=cursor)
                for letter in page.items:
                    yield service, letter
                if (cursor := page.next_cursor) is None:
                    break

    async def read(self, service: str, letter_id: UUID) -> Any:
        """The letter and its event."""
        return await self._call("get", service, letter_id=letter_id)

    async def send_back(self, service: str, letter_id: UUID) -> DeadLetter:
        letter: DeadLetter = await self._call("redrive", service, letter_id=letter_id)
        return letter

    async def _call(self, verb: str, service: str, plural: str = "", **arguments: Any) -> Any:
        operation = getattr(self._clients[service], f"{verb}_{service}_dead_letter{plural}")
        return await operation(token=self._token, **arguments)


def _client(service: str) -> Any:
    return getattr(import_module(f"generated.clients.{service}"), f"{service.capitalize()}Client")


def main(argv: Sequence[str]) -> int:
    """Do what is asked for; 1 when the shop cannot be asked, or there is no such letter."""
    options = _parsed(argv)
    try:
        shop = _named_shop(options.gateway) if options.gateway else _running_shop(options.run_dir)
        return asyncio.run(_run(options, *shop))
    except (OSError, SettingsError, UpstreamUnavailable, Problem) as trouble:
        print(f"Error: {trouble}", file=sys.stderr)
        return 1


def _named_shop(gateway: str) -> tuple[str, Credentials]:
    email = os.environ.get("ADMIN_EMAIL", ADMIN_CREDENTIALS["email"])
    return gateway, Credentials(email=email, password=read_credential("ADMIN_PASSWORD"))


def _running_shop(run_dir: Path) -> tuple[str, Credentials]:
    manifest = json.loads((run_dir / "shop.json").read_text("utf-8"))
    return manifest["gateway"], Credentials(**manifest["admin"])


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["count", "list", "show", "send"], default="count")
    parser.add_argument("ids", nargs="*", type=UUID, metavar="ID", help="only these")
    parser.add_argument("--service", choices=RECEIVERS, help="only what this service put aside")
    parser.add_argument("--status", choices=list(DeadLetterStatus), default="OPEN")
    parser.add_argument("--operation", default="", help="only what this could not handle")
    parser.add_argument("--error", default="", help="only what was put aside for an error that contains this")
    parser.add_argument("--gateway", help="where the shop is, instead of the one in the run folder")
    parser.add_argument("--run-dir", type=lambda text: Path(text).absolute(), default=ROOT / ".run", metavar="DIR")
    return parser.parse_args(argv)


async def _run(options: argparse.Namespace, gateway: str, credentials: Credentials) -> int:
    async with AsyncExitStack() as resources:
        auth = await resources.enter_async_context(AuthClient(gateway, timeout=TIMEOUT))
        desk = DeadLetterDesk(gateway, (await auth.log_in(body=credentials)).access_token)
        resources.push_async_callback(desk.close)
        services = [options.service] if options.service else RECEIVERS
        # All of them first: what is sent back leaves the list that is being read.
        found = [(service, letter) async for service, letter in desk.list_all(services, options.status)
                 if _fits(letter, options)]  # fmt: skip
        if options.what == "count":
            reasons = Counter(
                (service, letter.topic, letter.operation or "-", letter.error) for service, letter in found
            )
            for reason, letters in reasons.most_common():
                print(f"{letters:6}  {'  '.join(reason)}")
        for service, letter in found if options.what != "count" else []:
            print(_line(service, letter))
            if options.what == "show":
                content = await desk.read(service, letter.id)
                print(f"{content.size} bytes: {content.value}")
            if options.what == "send":
                print(f"    is {(await desk.send_back(service, letter.id)).status}")
    print(f"{len(found)} dead letters that are {options.status}{', sent back' * (options.what == 'send')}.")
    return 1 if options.ids and len(found) < len(options.ids) else 0


def _fits(letter: DeadLetter, options: argparse.Namespace) -> bool:
    wanted = not options.ids or letter.id in options.ids
    return wanted and options.operation in (letter.operation or "") and options.error in letter.error


def _reason(letter: DeadLetter) -> tuple[str, str, str]:
    return letter.topic, letter.operation or "-", letter.error


def _line(service: str, letter: DeadLetter) -> str:
    return "  ".join((str(letter.id), f"{letter.failed_at:%Y-%m-%d %H:%M:%S}", service, *_reason(letter)))
