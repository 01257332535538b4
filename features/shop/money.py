"""Amounts of money as features write them."""

from generated.currencies import DECIMALS
from services.money import Money

PRICE = Money(12999, "EUR")  # of what has none of its own


def parse_money(text: str) -> Money:
    """Read an amount as `str(Money)` writes it.

    Raises:
        ValueError: There is no such currency, or it has other decimals.
    """
    number, _, currency = text.partition(" ")
    whole, _, fraction = number.partition(".")
    if len(fraction) != DECIMALS.get(currency):
        raise ValueError(f"{text!r} is no amount in a currency's own decimals")
    return Money(int(whole + fraction), currency)
