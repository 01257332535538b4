"""What the cart service needs from others, in its own words."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from services.cart.domain import Cart, Line, Product


class Carts(Protocol):
    """The carts. Each change is made whole or not at all, and answers the cart as it then is."""

    async def of(self, user_id: UUID) -> Cart:
        """Read a shopper's cart; whoever has none has an empty one."""

    async def add(self, user_id: UUID, line: Line) -> Cart:
        """Put a line in. Of a product that is in already, the pieces are added up and the rest is renewed.

        Raises:
            CurrencyMix: The cart is in another currency.
            CartFull: It holds as many different products as it can.
            TooManyPieces: Together there would be more pieces of the product than there can be.
        """

    async def change(self, user_id: UUID, product_id: UUID, qty: int, *, line_id: UUID) -> Cart:
        """Change the pieces of a line, which gets that id if there were others; 0 takes it out.

        Raises:
            LineNotFound: The product is not in the cart.
        """

    async def clear(self, user_id: UUID) -> Cart:
        """Take everything out."""

    async def take_ordered(self, user_id: UUID, lines: Mapping[UUID, UUID], *, event_id: UUID) -> None:
        """Take out each product whose line still has the id it was ordered by; once for an event."""


class Products(Protocol):
    async def get(self, product_id: UUID) -> Product:
        """Ask what a product is called and costs now.

        Raises:
            ProductUnavailable: It is not for sale.
        """
