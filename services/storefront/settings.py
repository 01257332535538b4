"""What the storefront is told by its environment."""

from dataclasses import dataclass, field

from chassis.runtime.settings import Secret
from services import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    redis_url: str = field(repr=False)  # it may hold a password, and need not
    catalog_url: str
    cart_url: str
    order_url: str
    payment_url: str
    shipping_url: str
    notifications_url: str
    internal_key: Secret
    # What people know the shop by: under https, cookies and forms are those of https alone.
    shop_url: str = "http://127.0.0.1:8080"
    shop_name: str = "Kiln & Grain"
    # Where browsers fetch pictures of products, if that is not the gateway: http://127.0.0.1:9000
    pictures_origin: str = ""
    time_zone: str = "UTC"
    catalog_language: str = "en"  # that products and categories are named and described in

    def __post_init__(self) -> None:
        settings.require_shop_url(self.shop_url)
