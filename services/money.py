"""Amounts of money. The one thing of the trade that all services share: whatever names an amount writes it alike."""

from dataclasses import dataclass

from generated.currencies import DECIMALS

DEFAULT_DECIMALS = 2  # decimals of a code that ISO 4217 does not have, as rows of the first version may hold


@dataclass(frozen=True)
class Money:
    """An amount in the smallest unit of its currency, which is a hundredth for most, but not for all."""

    amount_cents: int
    currency: str

    def __str__(self) -> str:
        decimals = DECIMALS.get(self.currency, DEFAULT_DECIMALS)
        whole, fraction = divmod(self.amount_cents, 10**decimals)
        return f"{whole}.{fraction:0{decimals}} {self.currency}" if decimals else f"{whole} {self.currency}"
