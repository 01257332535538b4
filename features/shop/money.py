"""Amounts as people write them: 129.99 EUR."""

from typing import NamedTuple, Self


class Money(NamedTuple):
    cents: int
    currency: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read an amount with two decimals."""
        amount, currency = text.split()
        whole, _, hundredths = amount.partition(".")
        return cls(int(whole) * 100 + int(hundredths), currency)

    def __str__(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02} {self.currency}"
