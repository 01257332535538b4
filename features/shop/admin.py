"""An admin: what is for sale, for how much, and how many there are."""

import secrets

from msgspec import UNSET

from features.shop.user import User
from generated.models.catalog import (
    Correction,
    CorrectionLine,
    ImageUpload,
    Product,
    ProductChange,
    ProductDraft,
    Restock,
    RestockLine,
    Stock,
)
from services.money import Money


class Admin(User):
    async def offer(self, title: str, price: Money, stock: int, description: str = "") -> Product:
        """Put a product on sale, with so many pieces."""
        wanted = ProductDraft(
            title=title,
            description=description,
            price_cents=price.amount_cents,
            currency=price.currency,
            sku=secrets.token_hex(8),
        )
        product = await self._gateway.catalog.add_product(body=wanted, token=self.token)
        if stock:
            await self.restock(product, stock)
        return product

    async def restock(self, product: Product, pieces: int, key: str | None = None) -> None:
        line = RestockLine(product_id=product.id, qty=pieces)
        delivery = Restock(items=[line])
        await self._gateway.stockroom.restock_products(body=delivery, idempotency_key=key, token=self.token)

    async def correct(self, product: Product, pieces: int, reason: str) -> None:
        """Add so many pieces to the stock, or, below zero, take them out of it."""
        line = CorrectionLine(product_id=product.id, qty=pieces)
        await self._gateway.stockroom.correct_stock(body=Correction(reason=reason, items=[line]), token=self.token)

    async def change_price(self, product: Product, price: Money) -> Product:
        return await self._change(product, ProductChange(price_cents=price.amount_cents, currency=price.currency))

    async def withdraw(self, product: Product) -> Product:
        """Take a product off the shelf for now."""
        return await self._change(product, ProductChange(active=False))

    async def add_image(self, product: Product, image: bytes, alt: str = "") -> None:
        upload = ImageUpload(image=image, alt=alt or UNSET)
        await self._gateway.catalog.add_image(product_id=product.id, body=upload, token=self.token)

    async def list_products(self, words: str) -> list[Product]:
        """Look for products, for sale or not."""
        return (await self._gateway.catalog.list_products(q=words, limit=100, token=self.token)).items

    async def get_stock(self, product: Product) -> Stock:
        return await self._gateway.catalog.get_stock(product_id=product.id, token=self.token)

    async def _change(self, product: Product, change: ProductChange) -> Product:
        return await self._gateway.catalog.change_product(product_id=product.id, body=change, token=self.token)
