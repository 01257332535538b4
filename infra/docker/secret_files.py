"""Makes the secrets of a shop in containers, once, and hands each container only its own, as files.

Every secret between machines is random and made here; nobody needs to know one. Two are people's: the first admin's
password and the operator's key. Outside development they must be given (ADMIN_PASSWORD_FILE, OPERATOR_KEY_FILE); in
development those that the README names stand in. Running again makes nothing anew; what people gave is taken as given
last.
"""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from chassis.runtime.settings import SettingsError
from generated.access import OPERATIONS
from generated.services import SERVICES
from infra.credentials import read_credential

SECRETS_FOLDER = Path("/secrets")  # for each container a folder, which is a volume that it alone has besides this job
SecretFiles = Mapping[str, Mapping[str, str]]


def build_secret_files(kept: dict[str, str], environ: Mapping[str, str] = os.environ) -> SecretFiles:
    """The files of every container. `kept` are the random secrets; those that are missing are added to it.

    Raises:
        SettingsError: A secret that people give is missing, too short, or known to everybody.
    """

    def random(name: str) -> str:
        return kept.setdefault(name, secrets.token_urlsafe(32))

    def database(user: str) -> str:
        return f"postgresql://{user}:{random(f'database role {user}')}@postgres:5432/shop"

    admin_password = read_credential("ADMIN_PASSWORD", environ)
    keys = {name: random(f"internal key of {name}") for name, service in SERVICES.items() if service.calls_others}
    keys["operator"] = read_credential("OPERATOR_KEY", environ)
    redis, s3, monitor = random("redis"), random("s3"), random("database role monitor")
    databases = {name: database(service.schema) for name, service in SERVICES.items() if service.schema}

    files: dict[str, dict[str, str]] = {name: {} for name in SERVICES}
    for name, own in files.items():
        own["internal_keys"] = json.dumps({caller: [keys[caller]] for caller in _callers_of(name)})
        if name in databases:
            own["database_url"] = databases[name]
        if name in keys:
            own["internal_key"] = keys[name]
        if "valkey" in SERVICES[name].stores:
            own["redis_url"] = f"redis://:{redis}@redis:6379/0"
    files["catalog"]["s3_secret"] = s3
    return {
        **files,
        "seed": {
            "postgres_url": database("postgres"),
            **{f"{name}_database_url": url for name, url in databases.items()},
            "s3_secret": s3,
            "admin_password": admin_password,
        },
        "postgres": {"password": random("database role postgres"), "monitor_password": monitor},
        "redis": {"password": redis, "redis.conf": f"requirepass {redis}\n"},
        "minio": {"root_password": s3},
        "grafana": {"admin_password": admin_password},
        "postgres-exporter": {"password": monitor},
        "redis-exporter": {"passwords.json": json.dumps({"redis://redis:6379": redis})},
    }


def _callers_of(service: str) -> list[str]:
    return sorted({caller for access in OPERATIONS[service].values() for caller in access.internal})


def write_files(folder: Path, files: SecretFiles) -> None:
    """Write each file whole, for its container's user to read, whoever that is: nobody else has the folder."""
    for container, own in files.items():
        for name, content in own.items():
            _write(folder / container / name, content, 0o444)


def _write(file: Path, content: str, mode: int) -> None:
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as writing:
        writing.write(content)
    new.chmod(mode)  # whatever the umask took
    new.replace(file)


def main(folder: Path = SECRETS_FOLDER) -> int:
    """Make what is missing, and hand all of it out; the process's exit code."""
    known = folder / "kept" / "secrets.json"
    kept: dict[str, str] = json.loads(known.read_text("utf-8")) if known.exists() else {}
    try:
        files = build_secret_files(kept)
    except SettingsError as error:
        print(f"Error: {error}.", file=sys.stderr)
        return 2
    _write(known, json.dumps(kept), 0o400)  # before any of them is in use
    write_files(folder, files)
    print(f"{len(files)} containers have their secrets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
