"""What the catalog service is told by its environment."""

from dataclasses import dataclass, field
from socket import gethostname
from typing import Literal

from chassis.runtime.settings import Secret, SettingsError
from services import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.EventSettings):
    database_url: Secret
    s3_url: str
    s3_bucket: str
    # Without a key, credentials come from where AWS' own programs look for them.
    s3_key: str = ""
    s3_secret: Secret = Secret("")
    s3_region: str = "us-east-1"
    s3_addressing: Literal["path", "virtual"] = "path"
    # Where shoppers' browsers reach the S3, if not at s3_url.
    s3_public_url: str = ""
    instance: str = field(default_factory=gethostname)
    # How long it is remembered that an order was cancelled: longer than topics keep events, or a request can be late.
    tombstone_retention_days: float = 30
    # How long what is known of an order is kept (services/order_retention.py).
    order_retention_days: float = 3653

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.s3_key) != bool(self.s3_secret):
            raise SettingsError("S3_KEY and S3_SECRET are set together, or neither of them.")
