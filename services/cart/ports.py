"""What the cart service needs from others, in its own words."""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from chassis.web.idempotency import IdempotencyKey
from services.cart.domain import Addition, Cart, Product


class CartStore(Protocol):
    """The carts. Each change is made whole or not at all, and answers the cart as it then is."""

    async def get(self, user_id: UUID) -> Cart:
        """Read a shopper's cart; whoever has none has an empty one."""

    async def find_by_key(self, user_id: UUID, key: IdempotencyKey) -> Cart | None:
        """The cart, if there was an addition with this key; raises what that one was refused for.

        Raises:
            IdempotencyKeyReused: It was another request.
        """

    async def add(self, user_id: UUID, addition: Addition | None, key: IdempotencyKey | None = None) -> Cart:
        """Put pieces in, beside those of the product that are in already; with the same key once.

        Raises:
            ProductUnavailable: There is no addition, for the product is not sold.
            IdempotencyKeyReused: The key came with another request before.
            CurrencyMix: The cart is in another currency.
            CartFull: It holds as many different products as it can.
            TooManyPieces: Together there would be more pieces of the product than there can be.
            TooManyAdditions: It was added to as often as it can be.
        """

    async def set_quantity(self, user_id: UUID, product_id: UUID, qty: int, addition: Addition | None = None) -> Cart:
        """Set the number of pieces of a product, taking from the newest addition first; 0 removes it.

        Of `addition` as many pieces are added as are lacking. A repeat changes nothing.

        Raises:
            LineNotFound: The product is not in the cart.
            PriceRequired: Pieces are lacking, and there is no `addition`.
            CurrencyMix, TooManyAdditions: As for `add`.
        """

    async def take_price(self, user_id: UUID, line_id: UUID, addition: Addition) -> Cart:
        """Replace all additions of the product by this one, with as many pieces as they have together.

        Nothing is changed where `line_id` is not the newest of them any more: so a repeat changes nothing.

        Raises:
            LineNotFound: The product is not in the cart.
            CurrencyMix: Other products of the cart are in another currency.
        """

    async def clear(self, user_id: UUID) -> Cart:
        """Take everything out."""

    async def remove_ordered(self, user_id: UUID, addition_ids: Collection[UUID]) -> None:
        """Remove the additions that were ordered, and nothing else; a repeat changes nothing."""


class ProductClient(Protocol):
    async def get(self, product_id: UUID) -> Product:
        """Ask what a product is called and costs now.

        Raises:
            ProductUnavailable: It is not for sale.
        """
