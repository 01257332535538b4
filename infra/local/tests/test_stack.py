import json
import os
import socket
import stat
import subprocess
import sys
from contextlib import suppress

import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg import sql

from infra.local import control, process_registry
from infra.local.process import StackError
from infra.local.run_dir import ROOT

KEYS = {"gateway", "mail", "smtp", "kafka", "redis", "s3", "s3_key", "postgres", "supervisor", "services",
        "infrastructure", "admin", "internal_keys", "settings"}  # fmt: skip
PARTS = {"postgres", "valkey", "s3", "kafka", "mail", "traefik", "seed", "problems"}


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """Give the run folder of a shop without its services."""
    folder = tmp_path_factory.mktemp("shop with spaces and ключи")
    control.start(folder, "--services", "none")
    yield folder
    control.stop(folder)


def test_shop_json_says_where_everything_is_and_only_to_its_owner(run_dir):
    shop = control.read_manifest(run_dir)

    assert set(shop) == KEYS
    assert set(shop["infrastructure"]) == PARTS
    assert shop["infrastructure"]["kafka"]["kind"] == "apache-kafka 4.3.1, KRaft"
    assert shop["admin"] == {"email": "admin@example.com", "password": "P@ssw0rd!"}
    assert shop["internal_keys"]["operator"] == "devkey"
    assert len(shop["internal_keys"]["order"]) >= 32
    for name in "shop.json", "secrets.json", "seeding.json":
        assert stat.S_IMODE((run_dir / name).stat().st_mode) == 0o600


def test_the_passwords_of_a_shop_cost_as_much_as_postgresql_thinks_fit(run_dir):
    with psycopg.connect(control.read_manifest(run_dir)["postgres"]) as connection:
        kept = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()

    assert {password.split(":")[0] for (password,) in kept} == {"SCRAM-SHA-256$4096"}


def test_seeding_twice_changes_nothing(run_dir):
    def roles_and_rows():
        with psycopg.connect(control.read_manifest(run_dir)["postgres"]) as connection:
            roles = connection.execute("SELECT rolname FROM pg_roles WHERE rolcanlogin ORDER BY 1").fetchall()
            tables = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_)' ORDER BY 1, 2"
            ).fetchall()
            rows = {
                table: connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table))).fetchone()
                for table in tables
            }
        return roles, rows

    before = roles_and_rows()
    assert before[1][("auth", "alembic_version")] == (1,)

    again = subprocess.run([sys.executable, "scripts/seed.py", "--run-dir", str(run_dir)], cwd=ROOT,
                           capture_output=True, text=True, check=False)  # fmt: skip

    assert again.returncode == 0, again.stderr
    assert "everything is seeded" in again.stdout
    assert roles_and_rows() == before


@pytest.fixture
def tables_ahead(run_dir):
    """The tables of auth, as a later release leaves them; afterwards they are as before."""
    with psycopg.connect(control.read_manifest(run_dir)["postgres"], autocommit=True) as connection:
        ((before,),) = connection.execute("SELECT version_num FROM auth.alembic_version").fetchall()
        connection.execute("UPDATE auth.alembic_version SET version_num = '9999'")
        yield lambda: connection.execute("SELECT version_num FROM auth.alembic_version").fetchall()
        connection.execute("UPDATE auth.alembic_version SET version_num = %s", [before])


def test_the_seed_of_an_older_release_says_that_tables_are_ahead_and_goes_on(run_dir, tables_ahead):
    older = subprocess.run([sys.executable, "scripts/seed.py", "--run-dir", str(run_dir)], cwd=ROOT,
                           capture_output=True, text=True, check=False)  # fmt: skip

    assert older.returncode == 0, older.stderr
    assert "the tables of auth are at migration 9999 of a later release, and stay so" in older.stdout
    assert "the tables of order are at their latest migration" in older.stdout
    assert "everything is seeded" in older.stdout
    assert tables_ahead() == [("9999",)]


def seed_in_production(run_dir, **changes):
    settings = json.loads((run_dir / "seeding.json").read_text())
    environment = {**os.environ, **settings, "ENVIRONMENT": "production", **changes}
    return subprocess.run([sys.executable, "-m", "infra.seeding"], cwd=ROOT, env=environment, capture_output=True,
                          text=True, check=False)  # fmt: skip


def test_production_does_not_start_with_a_password_that_everybody_knows(run_dir):
    def password_hash():
        with psycopg.connect(control.read_manifest(run_dir)["postgres"]) as connection:
            (row,) = connection.execute("SELECT password_hash FROM auth.accounts WHERE role = 'admin'").fetchall()
        return row[0]

    before = password_hash()
    refused = seed_in_production(run_dir)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == ("Error: ADMIN_PASSWORD is the default, which everybody knows, or shorter than 16 bytes\n")
    assert password_hash() == before

    taken_over = seed_in_production(run_dir, ADMIN_PASSWORD="correct horse battery")

    assert taken_over.returncode == 0, taken_over.stderr
    assert "had the password of development: it is replaced, and no session goes on" in taken_over.stdout
    PasswordHasher().verify(password_hash(), "correct horse battery")
    assert "had the password" not in seed_in_production(run_dir, ADMIN_PASSWORD="correct horse battery").stdout


def test_a_second_shop_in_the_same_folder_is_refused_and_the_first_stays(run_dir):
    before = control.read_manifest(run_dir)

    second = subprocess.run([sys.executable, "scripts/up.py", "--ports", "free", "--run-dir", str(run_dir)],
                            cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip

    assert second.returncode == 1
    assert "is already running" in second.stdout
    assert control.read_manifest(run_dir) == before


def test_a_busy_fixed_port_is_named_and_nothing_is_started(tmp_path):
    with socket.socket() as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # busy without us is as good
            ours.bind(("127.0.0.1", 5432))
            ours.listen()

        refused = subprocess.run([sys.executable, "scripts/up.py", "--run-dir", str(tmp_path)], cwd=ROOT,
                                 capture_output=True, text=True, check=False)  # fmt: skip

    assert refused.returncode == 1
    assert refused.stdout == (
        "The shop cannot start: port 5432 (postgres) is in use: stop what has it, or use --ports free.\n"
    )
    assert process_registry.read_registry(tmp_path).running == {}


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--services", "order,carrt", "carrt is none of auth, catalog"), ("--set", "DEADLINE", "is not NAME=VALUE")],
    ids=["a service that is none", "a setting without a value"],
)
def test_an_option_that_makes_no_sense_is_refused(tmp_path, option, value, said):
    with pytest.raises(StackError, match=said):
        control.start(tmp_path, option, value)

    assert not (tmp_path / "processes.json").exists()


def test_seeding_without_addresses_says_which_is_missing(tmp_path):
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}

    refused = subprocess.run([sys.executable, "-m", "infra.seeding", "--run-dir", str(tmp_path)], cwd=ROOT, env=clean,
                             capture_output=True, text=True, check=False)  # fmt: skip

    assert refused.returncode == 1
    assert "is not set, and no shop runs in" in refused.stderr


@pytest.mark.parametrize(
    ("option", "expected"), [([], "on"), (["--no-fsync"], "off")], ids=["of a shop to keep", "of one for tests"]
)
def test_a_database_waits_for_the_disk_unless_nobody_keeps_its_data(tmp_path, option, expected):
    up = [sys.executable, "scripts/up.py", "--services", "none", "--ports", "free", "--run-dir", str(tmp_path)]

    try:
        subprocess.run([*up, "--detach", *option], cwd=ROOT, check=True, capture_output=True)
        with psycopg.connect(control.read_manifest(tmp_path)["postgres"]) as connection:
            said = [connection.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "full_page_writes")]
    finally:
        control.stop(tmp_path)

    assert said == [expected, expected]


def test_after_stop_nothing_of_a_shop_runs(tmp_path):
    control.start(tmp_path, "--services", "none")
    pids = [record["pid"] for record in process_registry.read_registry(tmp_path).running.values()]

    control.stop(tmp_path)

    assert len(pids) == len(PARTS)  # the supervisor, and all but the seed, which has ended
    assert [pid for pid in pids if process_registry.process_start_time(pid)] == []
    assert not (tmp_path / "shop.json").exists()
    assert json.loads((tmp_path / "ports.json").read_text())["gateway"]
