"""Amounts of money. The one thing of the trade that all services share: whatever names an amount writes it alike."""

from dataclasses import dataclass
from typing import Self

from generated.currencies import DECIMALS

UNKNOWN = 2  # decimals of a code that ISO 4217 does not have, as rows of the first version may hold


@dataclass(frozen=True)
class Money:
    """An amount in the smallest unit of its currency, which is a hundredth for most, but not for all."""

    amount_cents: int
    currency: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an amount as `str` writes it.

        Raises:
            ValueError: There is no such currency, or it has other decimals.
        """
        number, _, currency = text.partition(" ")
        whole, _, fraction = number.partition(".")
        if len(fraction) != DECIMALS.get(currency):
            raise ValueError(f"{text!r} is no amount in a currency's own decimals")
        return cls(int(whole + fraction), currency)

    def __str__(self) -> str:
        decimals = DECIMALS.get(self.currency, UNKNOWN)
        whole, fraction = divmod(self.amount_cents, 10**decimals)
        return f"{whole}.{fraction:0{decimals}} {self.currency}" if decimals else f"{whole} {self.currency}"
