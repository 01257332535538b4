"""The settings of a service: the environment, read once into one frozen dataclass."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from chassis.runtime.networks import Networks

DEVELOPMENT_ENVIRONMENT, PRODUCTION_ENVIRONMENT = "development", "production"
MIN_SECRET_LENGTH = 32  # bytes


class Secret(str):
    """A string that is not shown by accident. Outside development it is long, and never the one in our source."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(…)"


class SettingsError(Exception):
    """The environment does not say what the service needs to know: the service must not start."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every service is told; each adds its own."""

    port: int
    metrics_port: int = 0  # 0: nothing is told to Prometheus
    otel_exporter_otlp_endpoint: str = ""  # where spans go, if anywhere
    host: str = "127.0.0.1"
    environment: str = PRODUCTION_ENVIRONMENT
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    internal_keys: dict[str, list[Secret]] = field(default_factory=dict)
    trusted_proxies: Networks = field(default_factory=Networks)  # in front of the gateway, which add who spoke to them


S = TypeVar("S")


def is_development(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether it is development, which has to be said by name: with nothing said it is production."""
    return environ.get("ENVIRONMENT") == DEVELOPMENT_ENVIRONMENT


def read_settings(kind: type[S], environ: Mapping[str, str] = os.environ) -> S:
    """The settings of that kind; each field is the variable of its name in capitals, or the file that it is in.

    Raises: SettingsError, which names everything that is wrong and quotes nothing.
    """
    hints, wrong, values = get_type_hints(kind), [], {}
    strict = not is_development(environ)
    for one in fields(kind):  # type: ignore[arg-type]  # a dataclass, which a type variable cannot say
        name = one.name.upper()
        try:
            said = read_env_or_file(name, environ)
        except SettingsError as trouble:
            wrong.append(str(trouble))
            continue
        given = one.default_factory() if one.default_factory is not MISSING else one.default
        if hints[one.name] is Secret and isinstance(given, str):
            given = Secret(given)
        if said is None and given is MISSING:
            wrong.append(f"{name} is not set")
            continue
        try:
            value = given if said is None else _converted(said, hints[one.name])
        except msgspec.MsgspecError:
            wrong.append(f"{name} is not {_called(hints[one.name])}")
            continue
        secrets = [] if value == given == "" else list(_secrets(value))  # one that need not be there, and is not
        if strict and any(len(secret.encode()) < MIN_SECRET_LENGTH for secret in secrets):
            wrong.append(f"{name} is shorter than {MIN_SECRET_LENGTH} bytes")
        elif strict and given is not MISSING and set(secrets) & set(_secrets(given)):
            wrong.append(f"{name} is the default, which everybody knows")
        values[one.name] = value
    if wrong:
        raise SettingsError(f"{', '.join(wrong)}.")
    return kind(**values)


def read_env_or_file(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """What the environment says under a name: the variable of that name, or the file that NAME_FILE names.

    Secrets come as files: unlike variables, they are not shown with the process or handed on to its children. The line
    end that editors leave is not part of a secret.

    Raises: SettingsError, if it is said twice, or the file cannot be read.
    """
    said, file = environ.get(name), environ.get(f"{name}_FILE")
    if file is None:
        return said
    if said is not None:
        raise SettingsError(f"{name} is set beside {name}_FILE")
    try:
        return Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError):
        raise SettingsError(f"{name}_FILE names no file that can be read") from None


def _converted(said: str, kind: Any) -> Any:
    if get_origin(kind) in (dict, list, tuple):
        return msgspec.json.decode(said, type=kind, dec_hook=_made)
    return msgspec.convert(said, kind, strict=False, dec_hook=_made)


def _made(kind: type[Any], said: Any) -> Any:
    if isinstance(said, str):
        return kind(said)
    raise msgspec.ValidationError("not a string")


def _secrets(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _secrets(one)


def _called(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    return (
        "the JSON that is expected"
        if get_origin(kind) in (dict, list, tuple)
        else f"of type {getattr(kind, '__name__', kind)}"
    )
