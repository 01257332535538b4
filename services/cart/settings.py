"""Settings of the cart service, from its environment."""

from dataclasses import dataclass, field
from socket import gethostname

from chassis.runtime.settings import Secret
from services import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.EventSettings):
    redis_url: str = field(repr=False)  # it may hold a password, and need not
    catalog_url: str
    internal_key: Secret
    instance: str = field(default_factory=gethostname)
