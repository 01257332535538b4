"""What the notifications service must be told, and what it does not start with."""

import pytest

from chassis.runtime.settings import SettingsError, read_settings
from services.notifications.settings import Settings

ENVIRONMENT = {
    "ENVIRONMENT": "development",
    "PORT": "8007",
    "DATABASE_URL": "postgresql://notifications@127.0.0.1/shop",
    "KAFKA": "127.0.0.1:9092",
    "SMTP": "127.0.0.1:1025",
    "MAIL_FROM": "orders@shop.example",
    "INTERNAL_KEY": "devkey",
}


def test_the_environment_is_enough_to_start():
    assert read_settings(Settings, ENVIRONMENT).smtp == "127.0.0.1:1025"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP", "127.0.0.1"),
        ("SMTP", "127.0.0.1:"),
        ("SMTP", "127.0.0.1:smtp"),
        ("MAIL_FROM", "Shop <orders@shop.example>"),
        ("MAIL_FROM", "orders@shop.example, eve@example.com"),
        ("MAIL_FROM", "orders"),
        ("SHOP_URL", "shop.example"),
        ("SHOP_URL", "https://shop.example/"),
        ("SHOP_URL", "javascript://shop.example"),
        ("MAIL_CONNECTIONS", "0"),
        ("MAIL_CONNECTIONS", "51"),
        ("MAIL_MAX_REJECTIONS", "0"),
    ],
)
def test_what_no_mail_could_be_sent_with_is_refused_at_the_start(name, value):
    with pytest.raises(SettingsError, match=name):
        read_settings(Settings, {**ENVIRONMENT, name: value})
