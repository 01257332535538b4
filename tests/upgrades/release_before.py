"""The release before this one: a checkout of its own, and its services beside those of this one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from sqlalchemy import make_url

from chassis.testing.eventually import eventually_sync
from chassis.testing.ports import free_port
from generated.services import SERVICES
from infra.local.run_dir import ROOT

MIGRATIONS = ":(glob)services/*/alembic/versions/*"


class NoReleaseBefore(Exception):
    """Why there is none to be had here."""


class ReleaseBefore(NamedTuple):
    commit: str
    folder: Path

    @property
    def knows_tables_that_are_ahead(self) -> bool:
        """Whether it knows that later migrations take nothing away from it."""
        return "is_at_least" in (self.folder / "chassis" / "data" / "schema_version.py").read_text("utf-8")

    @property
    def services(self) -> list[str]:
        return [name for name in SERVICES if (self.folder / "services" / name / "main.py").exists()]

    def run(self, module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one of its programs to its end, with the packages of this release."""
        return subprocess.run([sys.executable, "-m", module, *arguments], cwd=self.folder, env=self.environment(),
                              capture_output=True, text=True, check=False)  # fmt: skip

    def environment(self, **settings: str) -> dict[str, str]:
        cache = os.environ.get("SHOP_CACHE") or str(ROOT / ".cache")
        return {**os.environ, "SHOP_CACHE": cache, "PYTHONPATH": str(self.folder), **settings}


def find_commit() -> str:
    """What SHOP_RELEASE_BEFORE names, else the last tag, else what was there before the last migration came.

    Raises:
        NoReleaseBefore: There is no such commit here, as in a clone without its history, or no repository.
    """
    try:
        if named := os.environ.get("SHOP_RELEASE_BEFORE"):
            return _git("rev-parse", "--verify", "--quiet", f"{named}^{{commit}}")
        try:
            return _git(
                "rev-parse", "--verify", "--quiet", f"{_git('describe', '--tags', '--abbrev=0', 'HEAD^')}^{{commit}}"
            )
        except subprocess.CalledProcessError:
            latest = _git("log", "-1", "--format=%H", "--", MIGRATIONS)
            return _git("rev-parse", "--verify", "--quiet", f"{latest}^")
    except (subprocess.CalledProcessError, FileNotFoundError) as missing:
        raise NoReleaseBefore(
            "no older commit is here: this is no repository, or a clone without its history (`git fetch --unshallow`), "
            "or SHOP_RELEASE_BEFORE names none"
        ) from missing


@contextmanager
def check_out(commit: str, folder: Path) -> Iterator[ReleaseBefore]:
    """Its files, in a folder that was not there before and is not afterwards."""
    _git("worktree", "add", "--quiet", "--detach", str(folder), commit)
    try:
        folder.chmod(0o755)
        yield ReleaseBefore(commit, folder)
    finally:
        _git("worktree", "remove", "--force", str(folder))


@contextmanager
def services_beside(release: ReleaseBefore, run_dir: Path, manifest: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Run its services as further replicas of the shop that runs; where each of them is."""
    ports = {name: free_port() for name in release.services}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    with ExitStack() as stack:
        for name, port in ports.items():
            settings = _settings(run_dir, manifest, name)
            settings |= {f"{other.upper()}_URL": url for other, url in urls.items()} | {"PORT": str(port)}
            log = stack.enter_context((run_dir / "logs" / f"{name}-before.log").open("wb"))
            process = subprocess.Popen([sys.executable, "-m", f"services.{name}.main"], cwd=release.folder,
                                       env=release.environment(**settings), stdout=log, stderr=log)  # fmt: skip
            stack.callback(process.wait)
            stack.callback(process.terminate)
        for name, url in urls.items():
            eventually_sync(lambda at=f"{url}/{name}/health": _answers(at), within=60)
        yield urls


def readiness(urls: Mapping[str, str]) -> dict[str, int]:
    return {name: httpx.get(f"{url}/{name}/health/ready", timeout=10).status_code for name, url in urls.items()}


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _settings(run_dir: Path, manifest: Mapping[str, Any], name: str) -> dict[str, str]:
    """What a service of the shop is told, as infra/local/services.py does."""
    secrets = json.loads((run_dir / "secrets.json").read_text("utf-8"))
    s3_key, s3_secret = manifest["s3_key"]
    settings = {
        "HOST": "127.0.0.1", "ENVIRONMENT": "development", "INSTANCE": "1", "LOG_LEVEL": "INFO",
        "INTERNAL_KEYS": json.dumps({caller: [key] for caller, key in manifest["internal_keys"].items()}),
        "INTERNAL_KEY": manifest["internal_keys"].get(name, ""), "KAFKA": manifest["kafka"],
        "REDIS_URL": manifest["redis"], "SMTP": manifest["smtp"], "MAIL_FROM": "shop@example.com",
        "PICTURES_ORIGIN": manifest["s3"], "S3_URL": manifest["s3"], "S3_KEY": s3_key, "S3_SECRET": s3_secret,
        "S3_BUCKET": json.loads((run_dir / "seeding.json").read_text("utf-8"))["S3_BUCKET"],
        **manifest["settings"],
    }  # fmt: skip
    if schema := SERVICES[name].schema:
        login = make_url(manifest["postgres"]).set(username=schema, password=secrets[f"database role {schema}"])
        settings["DATABASE_URL"] = login.render_as_string(hide_password=False)
    return settings


def _git(*words: str) -> str:
    found = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return found.stdout.strip()
