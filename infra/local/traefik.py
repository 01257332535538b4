"""Traefik as the gateway, configured as in containers but for its addresses."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import yaml

from chassis.runtime.networks import Networks
from infra.local.process import Command, ProcessSpec, StackError, check_http, find_script
from infra.local.run_dir import ROOT, RunDir

STATIC_CONFIG_FILE = ROOT / "infra" / "traefik" / "traefik.yml"
ROUTES_FILE = ROOT / "generated" / "gateway" / "routes.yml"


def gateway_port(run_dir: RunDir) -> int:
    """Claim the port at which shoppers find the shop."""
    return run_dir.ports.claim("gateway", 8080)


def traefik_processes(
    run_dir: RunDir,
    urls: Mapping[str, Sequence[str]],
    after: Sequence[str] = (),
    changes: Mapping[str, str] = MappingProxyType({}),
) -> list[ProcessSpec]:
    """Make the process; it reads the routes again whenever they are generated anew.

    `urls` are those of what is behind it; the replicas of a service get its requests in turn. `changes` may have
    CORS_ORIGINS, whose pages browsers let call the shop, and TRUSTED_PROXIES, both with commas between them.
    """
    home, port, admin = (
        run_dir.folder / "traefik",
        gateway_port(run_dir),
        run_dir.ports.claim("gateway admin"),
    )

    async def launch() -> Command:
        if not ROUTES_FILE.exists():
            raise StackError(
                f"{ROUTES_FILE.relative_to(ROOT)} is missing: scripts/generate.py makes it from the contracts."
            )
        home.mkdir(parents=True, exist_ok=True)
        static = yaml.safe_load(STATIC_CONFIG_FILE.read_text("utf-8"))
        static["entryPoints"]["web"]["address"] = f"127.0.0.1:{port}"
        trusted = Networks(changes.get("TRUSTED_PROXIES", ""))
        static["entryPoints"]["web"]["forwardedHeaders"]["trustedIPs"] = str(trusted).split(",") if trusted else []
        static["entryPoints"]["admin"]["address"] = f"127.0.0.1:{admin}"
        static["providers"]["file"]["directory"] = str(ROUTES_FILE.parent)
        (home / "traefik.yml").write_text(json.dumps(static), "utf-8")  # JSON is YAML without questions of quoting
        addresses = {f"{name.upper()}_URL": ",".join(replicas) for name, replicas in urls.items()}
        settings = {**addresses, "CORS_ORIGINS": changes.get("CORS_ORIGINS", ""),
                    "TRUSTED_PROXIES": str(trusted),
                    "RATE_LIMITS": changes.get("RATE_LIMITS", "off")}  # fmt: skip  # all of a machine are one address
        return Command([find_script("traefik"), "--configFile=traefik.yml"], home, settings)

    async def ready() -> None:
        await check_http(admin, "/ping")
        await check_http(port, "/auth/health", (*range(200, 300), 502, 503, 504))  # 404: the routes are not read yet

    info = {"url": f"http://127.0.0.1:{port}"}
    return [ProcessSpec(name="traefik", kind="traefik", launch=launch, ready=ready, after=after, info=info)]
