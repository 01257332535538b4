"""What the shipping service is told by its environment."""

from dataclasses import dataclass, field
from socket import gethostname

from chassis.runtime.settings import Secret
from services import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.EventSettings):
    database_url: Secret
    instance: str = field(default_factory=gethostname)
    # How long it is remembered that an order was cancelled: longer than topics keep events, or a request can be late.
    tombstone_retention_days: float = 30
    # How long what is known of an order is kept (services/order_retention.py).
    order_retention_days: float = 3653
