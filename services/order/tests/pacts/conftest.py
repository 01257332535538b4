"""The order that order asks its neighbours about."""

from datetime import UTC, datetime, timedelta

import pytest

from services.order.domain import Cart, Order, Shopper
from services.order.tests.conftest import HOME, lamps
from tests.accounts import ASHA
from tests.pacts.message_consumer import ORDER


@pytest.fixture
def order():
    """Two lamps for Asha."""
    cart = Cart((lamps(),), "EUR")
    payment_window = timedelta(minutes=15)
    return Order.place(
        ORDER, Shopper(ASHA.id, ASHA.email), HOME, cart, now=datetime.now(UTC), payment_window=payment_window
    )
