"""How long orders are kept: the same everywhere unless somebody says otherwise, and never while there may be news."""

import pytest

from chassis.runtime.settings import SettingsError
from generated.services import SERVICES
from services import ROOT
from services.order_retention import MIN_DAYS, ORDER_RETENTION, order_retention
from tooling.generation.settings import read_settings_of

DEFAULTS = {
    service: setting.default
    for service in SERVICES
    for setting in read_settings_of(ROOT, service)
    if setting.name == "order_retention_days"
}


def test_all_services_keep_orders_equally_long():
    assert DEFAULTS.keys() == {"order", "payment", "shipping", "catalog", "notifications"}
    assert {order_retention(days) for days in DEFAULTS.values()} == {ORDER_RETENTION}


def test_an_order_of_which_there_may_be_news_is_kept():
    with pytest.raises(SettingsError, match="ORDER_RETENTION_DAYS is less than 366"):
        order_retention(MIN_DAYS - 1)
