# Generated from contracts/cart.yaml by scripts/generate.py. Do not edit.

"""Typed calls to Cart 2.0.0, for whoever needs something from it."""

from uuid import UUID

from chassis.web.http_client import Client, Problem
from generated.models.cart import Cart, CheckoutCart, LineAddition, LineChange, LineWithOldPrice
from generated.models.common import (
    DeadLetter,
    DeadLetterContent,
    DeadLetterPage,
    DeadLetterStatus,
    Health,
    Info,
    Readiness,
)


class CartFull(Problem):
    """The cart holds as many different products as it can."""


class CurrencyMix(Problem):
    """All products of a cart are of one currency."""


class DeadLetterNotFound(Problem):
    """There is no such dead letter."""


class LineNotFound(Problem):
    """The product is not in the cart."""


class ProductUnavailable(Problem):
    """A product is not sold any more."""


class TooManyAdditions(Problem):
    """The cart was added to as often as it can be."""


class TooManyPieces(Problem):
    """There can be no more than 99 pieces of one product in a cart."""


class CartClient(Client):
    """One method per operation of contracts/cart.yaml, under its operationId."""

    async def get_cart(self, *, token: str | None = None) -> Cart:
        """Read one's own cart."""
        answer: Cart = await self._call(
            "get_cart",
            "GET",
            "/cart/v1/cart",
            {200: Cart},
            {},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def add_line(
        self, *, body: LineAddition, idempotency_key: str | None = None, token: str | None = None
    ) -> Cart:
        """Put a product in the cart.

        Raises:
            ProductUnavailable: A product is not sold any more.
            CurrencyMix: All products of a cart are of one currency.
            CartFull: The cart holds as many different products as it can.
            TooManyPieces: There can be no more than 99 pieces of one product in a cart.
            TooManyAdditions: The cart was added to as often as it can be.
        """
        answer: Cart = await self._call(
            "add_line",
            "POST",
            "/cart/v1/cart/items",
            {201: Cart},
            {
                "/problems/product-unavailable": ProductUnavailable,
                "/problems/currency-mix": CurrencyMix,
                "/problems/cart-full": CartFull,
                "/problems/too-many-pieces": TooManyPieces,
                "/problems/too-many-additions": TooManyAdditions,
            },
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def remove_line(self, *, product_id: UUID, token: str | None = None) -> Cart:
        """Take a product out of the cart.

        Raises:
            LineNotFound: The product is not in the cart.
        """
        answer: Cart = await self._call(
            "remove_line",
            "DELETE",
            f"/cart/v1/cart/items/{product_id}",
            {200: Cart},
            {"/problems/line-not-found": LineNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=False,
        )
        return answer

    async def change_line(self, *, product_id: UUID, body: LineChange, token: str | None = None) -> Cart:
        """Change how many pieces of a product are in the cart.

        Raises:
            LineNotFound: The product is not in the cart.
            ProductUnavailable: A product is not sold any more.
            CurrencyMix: All products of a cart are of one currency.
            TooManyAdditions: The cart was added to as often as it can be.
        """
        answer: Cart = await self._call(
            "change_line",
            "PATCH",
            f"/cart/v1/cart/items/{product_id}",
            {200: Cart},
            {
                "/problems/line-not-found": LineNotFound,
                "/problems/product-unavailable": ProductUnavailable,
                "/problems/currency-mix": CurrencyMix,
                "/problems/too-many-additions": TooManyAdditions,
            },
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def take_current_price(self, *, product_id: UUID, body: LineWithOldPrice, token: str | None = None) -> Cart:
        """Take the price that a product has now.

        Raises:
            LineNotFound: The product is not in the cart.
            ProductUnavailable: A product is not sold any more.
            CurrencyMix: All products of a cart are of one currency.
        """
        answer: Cart = await self._call(
            "take_current_price",
            "POST",
            f"/cart/v1/cart/items/{product_id}/price",
            {200: Cart},
            {
                "/problems/line-not-found": LineNotFound,
                "/problems/product-unavailable": ProductUnavailable,
                "/problems/currency-mix": CurrencyMix,
            },
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def clear_cart(self, *, token: str | None = None) -> Cart:
        """Take everything out of the cart."""
        answer: Cart = await self._call(
            "clear_cart",
            "POST",
            "/cart/v1/cart/clear",
            {200: Cart},
            {},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_cart_of(self, *, user_id: UUID) -> CheckoutCart:
        """Read a shopper's cart."""
        answer: CheckoutCart = await self._call(
            "get_cart_of", "GET", f"/cart/v1/carts/{user_id}", {200: CheckoutCart}, {}, safe=True
        )
        return answer

    async def list_cart_dead_letters(
        self, *, status: DeadLetterStatus, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> DeadLetterPage:
        """List the events that this service could not handle."""
        answer: DeadLetterPage = await self._call(
            "list_cart_dead_letters",
            "GET",
            "/cart/v1/admin/dead-letters",
            {200: DeadLetterPage},
            {},
            query={"status": status, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_cart_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetterContent:
        """Read an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetterContent = await self._call(
            "get_cart_dead_letter",
            "GET",
            f"/cart/v1/admin/dead-letters/{letter_id}",
            {200: DeadLetterContent},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def redrive_cart_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Send back an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "redrive_cart_dead_letter",
            "POST",
            f"/cart/v1/admin/dead-letters/{letter_id}/redrive",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def dismiss_cart_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Give an event up that this service cannot handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "dismiss_cart_dead_letter",
            "POST",
            f"/cart/v1/admin/dead-letters/{letter_id}/dismiss",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_cart_health(self) -> Health:
        """Say whether the process is alive."""
        answer: Health = await self._call("get_cart_health", "GET", "/cart/health", {200: Health}, {}, safe=True)
        return answer

    async def get_cart_readiness(self) -> Readiness:
        """Say whether all that the service needs is there."""
        answer: Readiness = await self._call(
            "get_cart_readiness", "GET", "/cart/health/ready", {200: Readiness}, {}, safe=True
        )
        return answer

    async def get_cart_info(self) -> Info:
        """Say which service and version this is."""
        answer: Info = await self._call("get_cart_info", "GET", "/cart/v1/_info", {200: Info}, {}, safe=True)
        return answer
