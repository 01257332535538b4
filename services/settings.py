"""The settings that every service of the shop has."""

import re
from dataclasses import dataclass

from chassis.runtime import settings
from chassis.runtime.settings import SettingsError


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    auth_url: str = "http://127.0.0.1:8001"


def require_shop_url(url: str) -> None:
    """Refuse an address that cannot be what people know the shop by.

    Raises: SettingsError.
    """
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*[^\s/?#])?", url):
        raise SettingsError("SHOP_URL is not an address of http or https, or ends with a slash.")
