"""Each container's secrets: made once, its own alone, and none that everybody knows in production."""

import json
import stat

import pytest

from generated.services import SERVICES
from infra.docker import secret_files

PRODUCTION = {"ENVIRONMENT": "production", "ADMIN_PASSWORD": "correct horse battery", "OPERATOR_KEY": "o" * 32}
WORLD_READABLE = "".join(chr(ord(letter) + 0xFEE0) for letter in "P@ssw0rd!")  # the same password to auth, in 27 bytes


@pytest.fixture
def folder(tmp_path):
    for name in ("kept", *secret_files.build_secret_files({}, PRODUCTION)):
        (tmp_path / name).mkdir()
    return tmp_path


def read_contents(folder):
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_secrets_are_made_once_and_handed_out_again(folder, monkeypatch):
    monkeypatch.setenv("ENVIRONMENT", "development")

    assert secret_files.main(folder) == 0
    first = read_contents(folder)
    assert secret_files.main(folder) == 0

    assert read_contents(folder) == first
    assert len(first) > 20


def test_two_shops_have_no_secret_in_common():
    one, other = secret_files.build_secret_files({}, PRODUCTION), secret_files.build_secret_files({}, PRODUCTION)

    assert not {*one["postgres"].values()} & {*other["postgres"].values()}
    assert one["order"]["internal_key"] != other["order"]["internal_key"]
    assert one["minio"] != other["minio"]


def test_a_containers_files_can_be_read_by_any_user_and_the_kept_ones_by_the_job_alone(folder, monkeypatch):
    monkeypatch.setenv("ENVIRONMENT", "development")

    secret_files.main(folder)

    modes = {file: stat.S_IMODE(file.stat().st_mode) for file in folder.rglob("*") if file.is_file()}
    assert modes.pop(folder / "kept" / "secrets.json") == 0o400
    assert set(modes.values()) == {0o444}


def test_callers_and_called_agree_on_keys_and_nobody_else_knows_them():
    files = secret_files.build_secret_files({}, PRODUCTION)
    keys = {name: files[name]["internal_key"] for name in SERVICES if "internal_key" in files[name]}

    for name in SERVICES:
        for caller, accepted in json.loads(files[name]["internal_keys"]).items():
            assert accepted == [keys.get(caller, PRODUCTION["OPERATOR_KEY"])]
    knowing = {name for name in SERVICES if PRODUCTION["OPERATOR_KEY"] in files[name]["internal_keys"]}
    assert knowing == {"catalog"}


def test_every_role_of_the_database_has_a_password_of_its_own():
    files = secret_files.build_secret_files({}, PRODUCTION)
    urls = [own["database_url"] for own in files.values() if "database_url" in own] + [files["seed"]["postgres_url"]]

    assert len({url.partition("://")[2].partition("@")[0].partition(":")[2] for url in urls}) == len(urls)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ADMIN_PASSWORD": None}, "ADMIN_PASSWORD is not set"),
        ({"OPERATOR_KEY": None}, "OPERATOR_KEY is not set"),
        ({"ADMIN_PASSWORD": "P@ssw0rd!"}, "ADMIN_PASSWORD is the default, which everybody knows, or shorter than 16"),
        ({"ADMIN_PASSWORD": WORLD_READABLE}, "ADMIN_PASSWORD is the default, which everybody knows"),
        ({"OPERATOR_KEY": "devkey"}, "OPERATOR_KEY is the default, which everybody knows, or shorter than 32"),
        ({"OPERATOR_KEY": "o" * 31}, "OPERATOR_KEY is the default, which everybody knows, or shorter than 32"),
    ],
    ids=["no password", "no key", "a known password", "a known password in wide letters", "a known key", "a short key"],
)
def test_production_refuses_what_everybody_may_know(change, said, folder, monkeypatch, capsys):
    for name, value in {**PRODUCTION, **change}.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)

    assert secret_files.main(folder) == 2

    assert said in capsys.readouterr().err
    assert read_contents(folder) == {}


def test_a_secret_that_people_give_anew_replaces_the_one_before(folder, monkeypatch):
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    secret_files.main(folder)
    monkeypatch.setenv("OPERATOR_KEY", "n" * 32)

    secret_files.main(folder)

    assert json.loads((folder / "catalog" / "internal_keys").read_text())["operator"] == ["n" * 32]
