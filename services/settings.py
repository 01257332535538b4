"""The settings that every service of the shop has."""

from dataclasses import dataclass

from chassis.runtime import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    auth_url: str = "http://127.0.0.1:8001"
