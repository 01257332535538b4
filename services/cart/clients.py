"""The catalog service's client, behind its port."""

from uuid import UUID

from generated.clients import catalog
from services.cart.domain import Product
from services.cart.errors import ProductUnavailable


class CatalogServiceClient:
    """`ports.ProductClient`, by the catalog service."""

    def __init__(self, client: catalog.CatalogClient) -> None:
        self._client = client

    async def get(self, product_id: UUID) -> Product:
        try:
            product = await self._client.get_product(product_id=product_id)
        except catalog.ProductNotFound:
            raise ProductUnavailable from None
        return Product(product.id, product.title, product.price_cents, product.currency)
