"""The settings that every service of the shop has."""

import re
import ssl
from dataclasses import dataclass, field
from typing import Literal

from chassis.events.broker import Broker
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


@dataclass(frozen=True, kw_only=True)
class EventSettings(Settings):
    """Those of a service that sends or receives events."""

    kafka: str
    kafka_user: str = ""
    kafka_password: str = field(default="", repr=False)  # of somebody else's making, and not a Secret of 32 bytes
    kafka_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    kafka_encryption: Literal["none", "tls"] = "none"
    kafka_ca: str = ""  # certificates, as PEM, instead of those that the system trusts

    def __post_init__(self) -> None:
        try:
            _ = self.broker
        except (ValueError, ssl.SSLError) as error:
            raise SettingsError(f"KAFKA_USER, KAFKA_PASSWORD, KAFKA_ENCRYPTION or KAFKA_CA: {error}.") from None

    @property
    def broker(self) -> Broker:
        return Broker(
            addresses=self.kafka, user=self.kafka_user, password=self.kafka_password, mechanism=self.kafka_mechanism,
            tls=self.kafka_encryption == "tls", ca=self.kafka_ca,
        )  # fmt: skip
