"""Traefik as the gateway, configured as in containers but for its addresses."""

import json
from collections.abc import Mapping, Sequence

import yaml

from infra.local.part import Command, Part, Trouble, expect, script
from infra.local.place import ROOT, Place

STATIC = ROOT / "infra" / "traefik" / "traefik.yml"
ROUTES = ROOT / "generated" / "gateway" / "routes.yml"


def traefik(
    place: Place, urls: Mapping[str, Sequence[str]], after: Sequence[str] = (), cors_origins: str = ""
) -> list[Part]:
    """Make the part; it reads the routes again whenever they are generated anew.

    `urls` are those of what is behind it; the replicas of a service get its requests in turn. Browsers let pages of
    `cors_origins`, with commas between them, call the shop.
    """
    home, port, admin = place.folder / "traefik", place.ports.claim("gateway", 8080), place.ports.claim("gateway admin")

    async def launch() -> Command:
        if not ROUTES.exists():
            raise Trouble(f"{ROUTES.relative_to(ROOT)} is missing: scripts/generate.py makes it from the contracts.")
        home.mkdir(parents=True, exist_ok=True)
        static = yaml.safe_load(STATIC.read_text("utf-8"))
        static["entryPoints"]["web"]["address"] = f"127.0.0.1:{port}"
        static["entryPoints"]["admin"]["address"] = f"127.0.0.1:{admin}"
        static["providers"]["file"]["directory"] = str(ROUTES.parent)
        (home / "traefik.yml").write_text(json.dumps(static), "utf-8")  # JSON is YAML without questions of quoting
        addresses = {f"{name.upper()}_URL": ",".join(replicas) for name, replicas in urls.items()}
        settings = {**addresses, "CORS_ORIGINS": cors_origins}
        return Command([script("traefik"), "--configFile=traefik.yml"], home, settings)

    async def ready() -> None:
        await expect(admin, "/ping")
        await expect(port, "/auth/health", (*range(200, 300), 502, 503, 504))  # 404: the routes are not read yet

    facts = {"url": f"http://127.0.0.1:{port}"}
    return [Part(name="traefik", kind="traefik", launch=launch, ready=ready, after=after, facts=facts)]
