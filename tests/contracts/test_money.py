"""Amounts are written alike everywhere, in the decimals that ISO 4217 gives their currency."""

import pytest
from iso4217 import Currency

from features.shop.money import parse_money
from generated.currencies import DECIMALS
from services.money import Money


def test_every_currency_has_the_decimals_of_iso_4217():
    assert {code: Currency(code).exponent for code in DECIMALS} == DECIMALS
    assert {one.code for one in Currency} - DECIMALS.keys() == {one.code for one in Currency if one.exponent is None}


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(25998, "EUR"), "259.98 EUR"),
        (Money(5, "EUR"), "0.05 EUR"),
        (Money(0, "EUR"), "0.00 EUR"),
        *((Money(1500, code), f"1500 {code}") for code in ("JPY", "RWF", "BIF", "DJF", "GNF", "KMF", "VUV")),
        (Money(1250, "KWD"), "1.250 KWD"),
        (Money(12345, "CLF"), "1.2345 CLF"),
        (Money(9007199254740991, "EUR"), "90071992547409.91 EUR"),
    ],
    ids=str,
)
def test_an_amount_is_written_in_the_decimals_of_its_currency_and_read_again(money, written):
    assert str(money) == written
    assert parse_money(written) == money


def test_an_amount_kept_by_the_first_version_in_a_currency_that_does_not_exist_can_still_be_written():
    assert str(Money(1500, "ABC")) == "15.00 ABC"


@pytest.mark.parametrize("text", ["15.00 JPY", "15 EUR", "15.0 EUR", "15.00 ABC", "15.00", "EUR", "x.00 EUR", ""])
def test_what_is_no_amount_in_its_currencys_decimals_is_refused(text):
    with pytest.raises(ValueError):
        parse_money(text)
