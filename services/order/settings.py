"""What the order service is told by its environment."""

from dataclasses import dataclass, field
from socket import gethostname

from chassis.runtime.settings import Secret
from services import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.EventSettings):
    database_url: Secret
    internal_key: Secret
    cart_url: str
    catalog_url: str
    shipping_url: str
    payment_url: str
    notifications_url: str
    instance: str = field(default_factory=gethostname)
    payment_deadline_seconds: float = 900
    abandon_after_seconds: float = 60
    price_honoured_seconds: float = 86400
    max_unpaid_orders: int = 5
    recover_every_seconds: float = 1
    # Whether only those may order who have proved that their address is theirs (decision 0049).
    verified_email_required: bool = False
    # Until when shoppers whose accounts are deleted are still told by mail what becomes of their orders.
    account_erasure_days: float = 30
    # How long what is known of an order is kept (services/order_retention.py).
    order_retention_days: float = 3653
