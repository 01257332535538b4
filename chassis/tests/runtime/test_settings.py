"""The environment becomes settings, or one sentence that names all that is wrong and quotes nothing."""

from dataclasses import FrozenInstanceError, dataclass

import pytest

from chassis.runtime.settings import Secret, Settings, SettingsError, read_settings

LONG = "k" * 32
DEVELOPMENT = {"PORT": "8004", "ENVIRONMENT": "development"}
PRODUCTION = {"PORT": "8004", "ENVIRONMENT": "production"}


@dataclass(frozen=True, kw_only=True)
class OrderSettings(Settings):
    database_url: str
    internal_key: Secret = Secret("devkey")
    recover_every_seconds: float = 1.0
    mails: bool = True


GOOD = {**DEVELOPMENT, "DATABASE_URL": "postgresql://orders@db/shop"}


def test_each_variable_becomes_the_field_of_its_name_and_type():
    settings = read_settings(
        OrderSettings,
        {
            **GOOD,
            "RECOVER_EVERY_SECONDS": "0.5",
            "MAILS": "false",
            "INTERNAL_KEYS": '{"payment": ["new", "old"]}',
            "LOG_LEVEL": "DEBUG",
            "UNRELATED": "x",
        },
    )

    assert (settings.port, settings.host, settings.database_url) == (8004, "127.0.0.1", GOOD["DATABASE_URL"])
    assert (settings.recover_every_seconds, settings.mails, settings.log_level) == (0.5, False, "DEBUG")
    assert settings.internal_keys == {"payment": ["new", "old"]}
    assert settings.internal_key == "devkey"


def test_networks_are_said_with_commas_between_them():
    settings = read_settings(OrderSettings, {**GOOD, "TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::7"})

    assert str(settings.trusted_proxies) == "10.0.0.0/8,2001:db8::7/128"
    assert not read_settings(OrderSettings, GOOD).trusted_proxies
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES is not of type Networks"):
        read_settings(OrderSettings, {**GOOD, "TRUSTED_PROXIES": "10.0.0.0/33"})


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        read_settings(OrderSettings, GOOD).port = 1


def test_secrets_are_not_shown():
    settings = read_settings(
        OrderSettings, {**GOOD, "INTERNAL_KEYS": '{"payment": ["hidden"]}', "INTERNAL_KEY": "hidden"}
    )

    assert "hidden" not in repr(settings)
    assert settings.internal_key == "hidden"


def test_all_invalid_settings_are_reported_at_once_and_no_value_is_quoted():
    wrong = {"PORT": "SECRET", "LOG_LEVEL": "SECRET", "MAILS": "SECRET", "INTERNAL_KEYS": "{SECRET"}

    with pytest.raises(SettingsError) as caught:
        read_settings(OrderSettings, wrong)

    said = str(caught.value)
    assert "PORT is not of type int" in said
    assert "LOG_LEVEL is not one of DEBUG, INFO, WARNING, ERROR" in said
    assert "MAILS is not of type bool" in said
    assert "INTERNAL_KEYS is not the JSON that is expected" in said
    assert "DATABASE_URL is not set" in said
    assert "SECRET" not in said


@pytest.mark.parametrize("said", ['["a"]', '{"order": "a"}', '{"order": [1]}', "null", ""])
def test_internal_keys_of_another_shape_are_refused(said):
    with pytest.raises(SettingsError, match="INTERNAL_KEYS is not the JSON"):
        read_settings(OrderSettings, {**GOOD, "INTERNAL_KEYS": said})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "INTERNAL_KEY is shorter than 32 bytes"),
        ({"INTERNAL_KEY": "devkey"}, "INTERNAL_KEY is shorter than 32 bytes"),
        ({"INTERNAL_KEY": "k" * 31}, "INTERNAL_KEY is shorter than 32 bytes"),
        ({"INTERNAL_KEY": LONG, "INTERNAL_KEYS": '{"order": ["short"]}'}, "INTERNAL_KEYS is shorter than 32 bytes"),
        ({"INTERNAL_KEY": ""}, "INTERNAL_KEY is shorter than 32 bytes"),
    ],
    ids=["the default", "the default said", "one too short", "one of many", "none"],
)
def test_outside_development_short_and_known_secrets_are_refused(more, said):
    with pytest.raises(SettingsError, match=said):
        read_settings(OrderSettings, {**GOOD, **PRODUCTION, **more})


@pytest.mark.parametrize("environment", [None, "", "production", "Development", "development "])
def test_whoever_does_not_name_development_is_in_production(environment):
    told = {**GOOD, "ENVIRONMENT": environment}
    if environment is None:
        del told["ENVIRONMENT"]

    with pytest.raises(SettingsError, match="INTERNAL_KEY is shorter than 32 bytes"):
        read_settings(OrderSettings, told)

    assert read_settings(OrderSettings, {**told, "INTERNAL_KEY": LONG}).environment != "development"


def test_outside_development_a_long_default_is_refused_too():
    @dataclass(frozen=True, kw_only=True)
    class Careless(Settings):
        internal_key: Secret = Secret("a-default-that-is-quite-long-enough")

    with pytest.raises(SettingsError, match="INTERNAL_KEY is the default, which everybody knows"):
        read_settings(Careless, PRODUCTION)


@pytest.mark.parametrize("said", [{}, {"KEY": ""}], ids=["not set", "empty"])
def test_outside_development_a_secret_may_be_missing_that_need_not_be_there(said):
    @dataclass(frozen=True, kw_only=True)
    class Optional(Settings):
        key: Secret = Secret("")

    assert read_settings(Optional, {**PRODUCTION, **said}).key == ""
    with pytest.raises(SettingsError, match="KEY is shorter than 32 bytes"):
        read_settings(Optional, {**PRODUCTION, "KEY": "short"})


def test_outside_development_long_secrets_are_taken():
    keys = f'{{"payment": ["{LONG}", "{LONG}2"]}}'

    settings = read_settings(OrderSettings, {**GOOD, **PRODUCTION, "INTERNAL_KEY": LONG, "INTERNAL_KEYS": keys})

    assert settings.internal_key == LONG


def test_a_setting_may_be_in_a_file_which_its_variable_names(tmp_path):
    (tmp_path / "url").write_text("postgresql://orders:p%40ss word@db/shop\r\n")
    (tmp_path / "keys").write_text('{"payment": ["new", "old"]}\n')

    settings = read_settings(
        OrderSettings,
        {
            **DEVELOPMENT,
            "DATABASE_URL_FILE": str(tmp_path / "url"),
            "INTERNAL_KEYS_FILE": str(tmp_path / "keys"),
            "SSL_CERT_FILE": "/of/somebody/else",
        },
    )

    assert settings.database_url == "postgresql://orders:p%40ss word@db/shop"
    assert settings.internal_keys == {"payment": ["new", "old"]}


def test_a_short_secret_is_refused_from_a_file_too(tmp_path):
    (tmp_path / "key").write_text("devkey\n")

    with pytest.raises(SettingsError, match="INTERNAL_KEY is shorter than 32 bytes"):
        read_settings(OrderSettings, {**GOOD, **PRODUCTION, "INTERNAL_KEY_FILE": str(tmp_path / "key")})


def test_a_setting_with_both_a_value_and_a_file_is_rejected(tmp_path):
    (tmp_path / "url").write_text("postgresql://orders@db/shop")

    with pytest.raises(SettingsError) as caught:
        read_settings(OrderSettings, {**GOOD, "DATABASE_URL_FILE": str(tmp_path / "url")})

    assert str(caught.value) == "DATABASE_URL is set beside DATABASE_URL_FILE."


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["a missing file", "a file that is no text"])
def test_a_file_that_cannot_be_read_is_named_by_its_variable_alone(tmp_path, content):
    if content:
        (tmp_path / "SECRET").write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        read_settings(OrderSettings, {**DEVELOPMENT, "DATABASE_URL_FILE": str(tmp_path / "SECRET")})

    assert str(caught.value) == "DATABASE_URL_FILE names no file that can be read."
