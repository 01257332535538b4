"""Whose name the image store is asked in: a key that the settings have, or one that AWS' usual chain finds."""

import asyncio
from typing import Any, NamedTuple, Protocol

import structlog

from chassis.web.problems import Unavailable

log = structlog.get_logger()

REFRESH_INTERVAL = 60.0  # seconds; the chain asks anew minutes before a key ends, and else answers from memory


class Credentials(NamedTuple):
    key: str
    secret: str
    token: str = ""  # of a key that ends


class CredentialsSource(Protocol):
    def current(self) -> Credentials:
        """Raise Unavailable when there are none for now."""


class StaticCredentials(NamedTuple):
    """A key that does not end."""

    credentials: Credentials

    def current(self) -> Credentials:
        return self.credentials


class ChainCredentials:
    """What the variables and files of AWS name, or what the cloud gives to this pod, container or machine.

    botocore finds them, and waits for the network where it has to: in a thread. It is loaded only where it is needed,
    for it takes 20 MiB.
    """

    def __init__(self) -> None:
        self._found: Any = None
        self._current: Credentials | None = None

    def current(self) -> Credentials:
        if self._current is None:
            raise Unavailable
        return self._current

    async def keep_current(self) -> None:
        """Look for them, and again before they end, until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_INTERVAL)

    async def refresh(self) -> None:
        """Look once; what was found before stays while the cloud does not answer."""
        try:
            self._current = await asyncio.to_thread(self._look)
        except Exception as error:  # noqa: BLE001 - whatever botocore raises, requests say what follows from it
            log.error("no credentials for the image store", fault=type(error).__name__)

    def _look(self) -> Credentials:
        if self._found is None:
            from botocore.session import get_session  # noqa: PLC0415

            self._found = get_session().get_credentials()
        if self._found is None:
            raise LookupError
        frozen = self._found.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")
