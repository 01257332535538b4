"""What the payment service is told by its environment."""

from dataclasses import dataclass, field
from socket import gethostname

from chassis.runtime.settings import DEVELOPMENT_ENVIRONMENT, Secret, SettingsError
from services import settings
from services.payment.domain import MOCK_PROVIDER, STRIPE_PROVIDER


@dataclass(frozen=True, kw_only=True)
class Settings(settings.EventSettings):
    database_url: Secret
    internal_key: Secret
    order_url: str
    instance: str = field(default_factory=gethostname)
    # How long it is remembered that an order was cancelled: longer than topics keep events, or a request can be late.
    tombstone_retention_days: float = 30
    # How often it is looked whether a refund is due, and how long one is waited for before it is asked for again,
    # longer than a provider takes to answer; then twice as long each time.
    refund_poll_seconds: float = 5
    refund_retry_seconds: float = 15
    # The same for attempts to pay that are not decided. After the time-out one is cancelled at the provider.
    lookup_poll_seconds: float = 1
    attempt_timeout_seconds: float = 300
    payment_provider: str = ""  # in development the mock, unless another is named
    # Of Stripe: its secret key, what it signs webhooks with, and where it is, if that is not the world's one.
    # Both are of Stripe's making, and no Secret of 32 bytes.
    stripe_secret_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    stripe_url: str = ""
    # How long what is known of an order is kept (services/order_retention.py).
    order_retention_days: float = 3653

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.payment_provider not in (MOCK_PROVIDER, STRIPE_PROVIDER, ""):
            raise SettingsError(f"PAYMENT_PROVIDER is not one of {MOCK_PROVIDER}, {STRIPE_PROVIDER}.")
        if not self.payment_provider and self.environment != DEVELOPMENT_ENVIRONMENT:
            raise SettingsError(
                "PAYMENT_PROVIDER is not set: outside development the mock, which takes no money, is used only by name."
            )
        if self.payment_provider == STRIPE_PROVIDER and not (self.stripe_secret_key and self.stripe_webhook_secret):
            raise SettingsError("STRIPE_SECRET_KEY or STRIPE_WEBHOOK_SECRET is not set.")
