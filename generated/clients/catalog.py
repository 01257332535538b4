# Generated from contracts/catalog.yaml by scripts/generate.py. Do not edit.

"""Typed calls to Catalog 2.0.0, for whoever needs something from it."""

from uuid import UUID

from chassis.web.http_client import Client, Problem
from generated.models.catalog import (
    Category,
    CategoryDraft,
    Commitment,
    Correction,
    Image,
    ImageUpload,
    OutOfStockProblem,
    PriceChangedProblem,
    Product,
    ProductChange,
    ProductDraft,
    ProductPage,
    ProductSort,
    ProductUnavailableProblem,
    Reservation,
    ReservationRequest,
    Restock,
    Stock,
    StockList,
    StockMovementPage,
)
from generated.models.common import (
    DeadLetter,
    DeadLetterContent,
    DeadLetterPage,
    DeadLetterStatus,
    Health,
    Info,
    Readiness,
)


class BelowReserved(Problem):
    """Fewer pieces would be left than are set aside for orders."""


class CategoryNameTaken(Problem):
    """There is a category of this name already."""


class CategoryNotEmpty(Problem):
    """There are products in this category."""


class CategoryNotFound(Problem):
    """There is no such category."""


class CategoryUnknown(Problem):
    """There is no such category for the product."""


class DeadLetterNotFound(Problem):
    """There is no such dead letter."""


class ImageNotFound(Problem):
    """There is no such image."""


class ImageRefused(Problem):
    """The file is not an image that can be shown here."""


class OrderCancelled(Problem):
    """The order is cancelled."""


class OutOfStock(Problem):
    """A product is out of stock."""

    schema = OutOfStockProblem
    members: OutOfStockProblem


class PriceChanged(Problem):
    """A price has changed since the product was put in the cart."""

    schema = PriceChangedProblem
    members: PriceChangedProblem


class ProductNotFound(Problem):
    """There is no such product."""


class ProductUnavailable(Problem):
    """A product is not sold any more."""

    schema = ProductUnavailableProblem
    members: ProductUnavailableProblem


class ReservationNotFound(Problem):
    """There is no such reservation."""


class SkuTaken(Problem):
    """There is a product with this SKU already."""


class TooManyCategories(Problem):
    """The shop has as many categories as it can."""


class TooManyImages(Problem):
    """The product has as many images as it can."""


class TooMuchStock(Problem):
    """The stock of a product cannot be that large."""


class CatalogClient(Client):
    """One method per operation of contracts/catalog.yaml, under its operationId."""

    async def list_categories(self) -> list[Category]:
        """List all categories."""
        answer: list[Category] = await self._call(
            "list_categories", "GET", "/catalog/v1/categories/", {200: list[Category]}, {}, safe=True
        )
        return answer

    async def add_category(
        self, *, body: CategoryDraft, idempotency_key: str | None = None, token: str | None = None
    ) -> Category:
        """Add a category.

        Raises:
            CategoryNameTaken: There is a category of this name already.
            TooManyCategories: The shop has as many categories as it can.
        """
        answer: Category = await self._call(
            "add_category",
            "POST",
            "/catalog/v1/categories/",
            {201: Category},
            {"/problems/category-name-taken": CategoryNameTaken, "/problems/too-many-categories": TooManyCategories},
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def get_category(self, *, category_id: UUID) -> Category:
        """Read one category.

        Raises:
            CategoryNotFound: There is no such category.
        """
        answer: Category = await self._call(
            "get_category",
            "GET",
            f"/catalog/v1/categories/{category_id}",
            {200: Category},
            {"/problems/category-not-found": CategoryNotFound},
            safe=True,
        )
        return answer

    async def remove_category(self, *, category_id: UUID, token: str | None = None) -> None:
        """Remove an empty category.

        Raises:
            CategoryNotFound: There is no such category.
            CategoryNotEmpty: There are products in this category.
        """
        await self._call(
            "remove_category",
            "DELETE",
            f"/catalog/v1/categories/{category_id}",
            {204: None},
            {"/problems/category-not-found": CategoryNotFound, "/problems/category-not-empty": CategoryNotEmpty},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=False,
        )

    async def rename_category(self, *, category_id: UUID, body: CategoryDraft, token: str | None = None) -> Category:
        """Rename a category.

        Raises:
            CategoryNotFound: There is no such category.
            CategoryNameTaken: There is a category of this name already.
        """
        answer: Category = await self._call(
            "rename_category",
            "PATCH",
            f"/catalog/v1/categories/{category_id}",
            {200: Category},
            {"/problems/category-not-found": CategoryNotFound, "/problems/category-name-taken": CategoryNameTaken},
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def list_products(
        self,
        *,
        category_id: str | None = None,
        ids: str | None = None,
        q: str | None = None,
        sort: ProductSort | None = None,
        active: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        token: str | None = None,
    ) -> ProductPage:
        """List the products that are for sale."""
        answer: ProductPage = await self._call(
            "list_products",
            "GET",
            "/catalog/v1/products/",
            {200: ProductPage},
            {},
            query={
                "category_id": category_id,
                "ids": ids,
                "q": q,
                "sort": sort,
                "active": active,
                "limit": limit,
                "cursor": cursor,
            },
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def add_product(
        self, *, body: ProductDraft, idempotency_key: str | None = None, token: str | None = None
    ) -> Product:
        """Add a product.

        Raises:
            SkuTaken: There is a product with this SKU already.
            CategoryUnknown: There is no such category for the product.
        """
        answer: Product = await self._call(
            "add_product",
            "POST",
            "/catalog/v1/products/",
            {201: Product},
            {"/problems/sku-taken": SkuTaken, "/problems/category-unknown": CategoryUnknown},
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def get_product(self, *, product_id: UUID, token: str | None = None) -> Product:
        """Read one product that is for sale.

        Raises:
            ProductNotFound: There is no such product.
        """
        answer: Product = await self._call(
            "get_product",
            "GET",
            f"/catalog/v1/products/{product_id}",
            {200: Product},
            {"/problems/product-not-found": ProductNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def remove_product(self, *, product_id: UUID, token: str | None = None) -> None:
        """Remove a product from sale for good.

        Raises:
            ProductNotFound: There is no such product.
        """
        await self._call(
            "remove_product",
            "DELETE",
            f"/catalog/v1/products/{product_id}",
            {204: None},
            {"/problems/product-not-found": ProductNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=False,
        )

    async def change_product(self, *, product_id: UUID, body: ProductChange, token: str | None = None) -> Product:
        """Change a product.

        Raises:
            ProductNotFound: There is no such product.
            SkuTaken: There is a product with this SKU already.
            CategoryUnknown: There is no such category for the product.
        """
        answer: Product = await self._call(
            "change_product",
            "PATCH",
            f"/catalog/v1/products/{product_id}",
            {200: Product},
            {
                "/problems/product-not-found": ProductNotFound,
                "/problems/sku-taken": SkuTaken,
                "/problems/category-unknown": CategoryUnknown,
            },
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def list_images(self, *, product_id: UUID, token: str | None = None) -> list[Image]:
        """List the images of a product.

        Raises:
            ProductNotFound: There is no such product.
        """
        answer: list[Image] = await self._call(
            "list_images",
            "GET",
            f"/catalog/v1/products/{product_id}/images",
            {200: list[Image]},
            {"/problems/product-not-found": ProductNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def add_image(self, *, product_id: UUID, body: ImageUpload, token: str | None = None) -> Image:
        """Add an image to a product.

        Raises:
            ProductNotFound: There is no such product.
            ImageRefused: The file is not an image that can be shown here.
            TooManyImages: The product has as many images as it can.
        """
        answer: Image = await self._call(
            "add_image",
            "POST",
            f"/catalog/v1/products/{product_id}/images",
            {201: Image},
            {
                "/problems/product-not-found": ProductNotFound,
                "/problems/image-refused": ImageRefused,
                "/problems/too-many-images": TooManyImages,
            },
            headers={"Authorization": token and f"Bearer {token}"},
            form=body,
            safe=False,
        )
        return answer

    async def remove_image(self, *, product_id: UUID, image_id: UUID, token: str | None = None) -> None:
        """Remove an image.

        Raises:
            ImageNotFound: There is no such image.
        """
        await self._call(
            "remove_image",
            "DELETE",
            f"/catalog/v1/products/{product_id}/images/{image_id}",
            {204: None},
            {"/problems/image-not-found": ImageNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=False,
        )

    async def get_stock(self, *, product_id: UUID, token: str | None = None) -> Stock:
        """Read the stock of a product.

        Raises:
            ProductNotFound: There is no such product.
        """
        answer: Stock = await self._call(
            "get_stock",
            "GET",
            f"/catalog/v1/inventory/{product_id}",
            {200: Stock},
            {"/problems/product-not-found": ProductNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def list_stock_movements(
        self, *, product_id: UUID, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> StockMovementPage:
        """List what admins did to the stock of a product.

        Raises:
            ProductNotFound: There is no such product.
        """
        answer: StockMovementPage = await self._call(
            "list_stock_movements",
            "GET",
            f"/catalog/v1/inventory/{product_id}/movements",
            {200: StockMovementPage},
            {"/problems/product-not-found": ProductNotFound},
            query={"limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def restock_products(
        self, *, body: Restock, idempotency_key: str | None = None, token: str | None = None
    ) -> StockList:
        """Add pieces to the stock.

        Raises:
            ProductNotFound: There is no such product.
            TooMuchStock: The stock of a product cannot be that large.
        """
        answer: StockList = await self._call(
            "restock_products",
            "POST",
            "/catalog/v1/inventory/restock",
            {200: StockList},
            {"/problems/product-not-found": ProductNotFound, "/problems/too-much-stock": TooMuchStock},
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def correct_stock(
        self, *, body: Correction, idempotency_key: str | None = None, token: str | None = None
    ) -> StockList:
        """Correct the stock to what is there.

        Raises:
            ProductNotFound: There is no such product.
            BelowReserved: Fewer pieces would be left than are set aside for orders.
            TooMuchStock: The stock of a product cannot be that large.
        """
        answer: StockList = await self._call(
            "correct_stock",
            "POST",
            "/catalog/v1/inventory/correct",
            {200: StockList},
            {
                "/problems/product-not-found": ProductNotFound,
                "/problems/below-reserved": BelowReserved,
                "/problems/too-much-stock": TooMuchStock,
            },
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def reserve_stock(self, *, body: ReservationRequest) -> Reservation:
        """Set stock aside for an order.

        Raises:
            OutOfStock: A product is out of stock.
            ProductUnavailable: A product is not sold any more.
            PriceChanged: A price has changed since the product was put in the cart.
            OrderCancelled: The order is cancelled.
        """
        answer: Reservation = await self._call(
            "reserve_stock",
            "POST",
            "/catalog/v1/inventory/reserve",
            {200: Reservation},
            {
                "/problems/out-of-stock": OutOfStock,
                "/problems/product-unavailable": ProductUnavailable,
                "/problems/price-changed": PriceChanged,
                "/problems/order-cancelled": OrderCancelled,
            },
            body=body,
            safe=True,
        )
        return answer

    async def check_stock(self, *, body: ReservationRequest) -> None:
        """Say whether stock could be set aside.

        Raises:
            OutOfStock: A product is out of stock.
            ProductUnavailable: A product is not sold any more.
            PriceChanged: A price has changed since the product was put in the cart.
        """
        await self._call(
            "check_stock",
            "POST",
            "/catalog/v1/inventory/check",
            {204: None},
            {
                "/problems/out-of-stock": OutOfStock,
                "/problems/product-unavailable": ProductUnavailable,
                "/problems/price-changed": PriceChanged,
            },
            body=body,
            safe=True,
        )

    async def commit_stock(self, *, body: Commitment) -> Reservation:
        """Turn a reservation into a sale.

        Raises:
            ReservationNotFound: There is no such reservation.
            OrderCancelled: The order is cancelled.
        """
        answer: Reservation = await self._call(
            "commit_stock",
            "POST",
            "/catalog/v1/inventory/commit",
            {200: Reservation},
            {"/problems/reservation-not-found": ReservationNotFound, "/problems/order-cancelled": OrderCancelled},
            body=body,
            safe=True,
        )
        return answer

    async def list_catalog_dead_letters(
        self, *, status: DeadLetterStatus, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> DeadLetterPage:
        """List the events that this service could not handle."""
        answer: DeadLetterPage = await self._call(
            "list_catalog_dead_letters",
            "GET",
            "/catalog/v1/admin/dead-letters",
            {200: DeadLetterPage},
            {},
            query={"status": status, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_catalog_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetterContent:
        """Read an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetterContent = await self._call(
            "get_catalog_dead_letter",
            "GET",
            f"/catalog/v1/admin/dead-letters/{letter_id}",
            {200: DeadLetterContent},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def redrive_catalog_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Send back an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "redrive_catalog_dead_letter",
            "POST",
            f"/catalog/v1/admin/dead-letters/{letter_id}/redrive",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def dismiss_catalog_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Give an event up that this service cannot handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "dismiss_catalog_dead_letter",
            "POST",
            f"/catalog/v1/admin/dead-letters/{letter_id}/dismiss",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_catalog_health(self) -> Health:
        """Say whether the process is alive."""
        answer: Health = await self._call("get_catalog_health", "GET", "/catalog/health", {200: Health}, {}, safe=True)
        return answer

    async def get_catalog_readiness(self) -> Readiness:
        """Say whether all that the service needs is there."""
        answer: Readiness = await self._call(
            "get_catalog_readiness", "GET", "/catalog/health/ready", {200: Readiness}, {}, safe=True
        )
        return answer

    async def get_catalog_info(self) -> Info:
        """Say which service and version this is."""
        answer: Info = await self._call("get_catalog_info", "GET", "/catalog/v1/_info", {200: Info}, {}, safe=True)
        return answer
