"""Whether a service is alive, and whether it can do its work: the operations that every contract has."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from chassis.runtime.process import Probe
from chassis.web.responses import Response, ok
from chassis.web.shared_handlers import SharedHandlers

log = structlog.get_logger()

PROBE_TIMEOUT = 1.5  # seconds for all probes together


class NotHealthy(Exception):
    """A part of the service has failed."""

    headers: Mapping[str, str] = {"Retry-After": "5"}


class NotReady(Exception):
    """The service is not ready."""

    headers: Mapping[str, str] = {"Retry-After": "1"}

    def __init__(self, checks: list[dict[str, str]]) -> None:
        super().__init__()
        self.members = {"checks": checks}


class Health(SharedHandlers):
    """Handlers of get_<service>_health, …_readiness and …_info. A probe says by raising that what it looks at is away.

    `info` is what get_info tells of the service besides its name and version.
    """

    def __init__(self, service: str, version: str, probes: Mapping[str, Probe] | None = None, **info: str) -> None:
        self._info, self._probes = {"service": service, "version": version, **info}, dict(probes or {})
        self._optional: set[str] = set()
        self.stopping = False
        self.failed: set[str] = set()

    def add_info(self, **info: str) -> None:
        """What get_info tells besides the service's name and version."""
        self._info |= info

    def watch(self, probes: Mapping[str, Probe], *, required: bool = True) -> None:
        """Look at these too before saying that the service is ready, which it is without those not `required`."""
        self._probes |= probes
        if not required:
            self._optional |= probes.keys()

    async def get_health(self) -> Response:
        if self.failed:
            raise NotHealthy
        return ok({"status": "ok"})

    async def get_readiness(self) -> Response:
        checked = await asyncio.gather(*(self._check(name, probe) for name, probe in self._probes.items()))
        checks = [*checked, *({"name": name, "status": "failed"} for name in sorted(self.failed))]
        if self.stopping:
            checks.append({"name": "stopping", "status": "failed"})
        if any(check["status"] == "failed" and check["name"] not in self._optional for check in checks):
            raise NotReady(checks)
        return ok({"status": "ok", "checks": checks})

    async def get_info(self) -> Response:
        return ok(self._info)

    async def _check(self, name: str, probe: Probe) -> dict[str, Any]:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                await probe()
        except Exception as error:  # noqa: BLE001 (whatever it raises, what it looks at is not there)
            log.warning("probe failed", probe=name, fault=type(error).__name__)
            return {"name": name, "status": "failed"}
        return {"name": name, "status": "ok"}
