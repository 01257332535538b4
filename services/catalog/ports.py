"""What the catalog service needs from others, in its own words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from chassis import unit_of_work
from services.catalog.domain import (
    Category,
    Image,
    Product,
    ProductSort,
    RecordedMovement,
    Reservation,
    Stock,
    StockChange,
    StockMovement,
)


class CategoryRepository(Protocol):
    async def list_all(self) -> Sequence[Category]:
        """Read them in the order of their names."""

    async def find(self, category_id: UUID) -> Category | None: ...

    async def add(self, category: Category) -> None:
        """Keep one more.

        Raises:
            CategoryNameTaken: There is one of this name.
            TooManyCategories: There are as many as there can be.
        """

    async def rename(self, category: Category) -> bool:
        """Give it another name; False if there is no such category.

        Raises:
            CategoryNameTaken: Another has this name.
        """

    async def delete(self, category_id: UUID) -> bool:
        """Forget it; False if there is no such category.

        Raises:
            CategoryNotEmpty: There are products in it.
        """


class ProductRepository(Protocol):
    """Those that were not removed."""

    async def list_page(
        self,
        *,
        category_id: UUID | None,
        active: bool | None,
        sort: ProductSort = ProductSort.NEWEST,
        before: UUID | None,
        limit: int,
    ) -> Sequence[Product]:
        """Read some of them in that order, from the one after `before`; `active` says whether those for sale.

        One that there is not has all others after it.
        """

    async def find(self, product_id: UUID) -> Product | None: ...

    async def list_by_ids(self, product_ids: Collection[UUID]) -> Sequence[Product]:
        """Read those of these that there are, the newest first."""

    async def lock(self, product_id: UUID) -> Product | None:
        """Read it, and keep it from everybody else until the transaction ends."""

    async def add(self, product: Product) -> None:
        """Keep one more, without any stock.

        Raises:
            SkuTaken: Another product has its SKU.
            CategoryUnknown: Its category is not there.
        """

    async def save(self, product: Product) -> None:
        """Write down what became of it; refused as `add` is."""

    async def soft_delete(self, product_id: UUID) -> bool:
        """Take it from sale for good; False if there is no such product."""


class ProductSearch(Protocol):
    async def list_page(
        self,
        text: str,
        *,
        category_id: UUID | None,
        active: bool | None,
        sort: ProductSort = ProductSort.NEWEST,
        before: UUID | None,
        limit: int,
    ) -> Sequence[Product]:
        """Read what `ProductRepository.list_page` reads, but only products with the text, however it is written."""


class ImageRepository(Protocol):
    async def list_by_product(self, product_id: UUID) -> Sequence[Image]:
        """Read them in the order in which they were added."""

    async def list_first(self, product_ids: Iterable[UUID]) -> Mapping[UUID, Image]:
        """Read the first image of each of these products that has any."""

    async def add(self, image: Image) -> None: ...

    async def delete(self, product_id: UUID, image_id: UUID) -> bool:
        """Forget one; False if the product has no such image."""

    async def delete_by_product(self, product_id: UUID) -> Sequence[UUID]:
        """Forget all images of a product, and say which these were."""


class UnlinkedImageRepository(Protocol):
    """Pictures in the bucket that no image names, or none yet: their end, whatever dies in between."""

    async def add(self, image_id: UUID) -> None:
        """Write down that the picture is to go, unless it is linked in the next minutes."""

    async def mark_linked(self, image_id: UUID) -> bool:
        """Take it off, since an image names it now; False if it was too long ago, and may be gone."""

    async def delete(self, image_id: UUID) -> None:
        """Take it off, since the picture is gone."""

    async def list_due(self) -> Sequence[UUID]:
        """Read some of those that nobody links any more and that are not postponed, the oldest first."""

    async def postpone(self, image_id: UUID) -> None:
        """Leave one that could not be removed for a minute, and each further time for twice as long, up to a day."""


class StockRepository(Protocol):
    """The stock of the products that were not removed."""

    async def find(self, product_id: UUID) -> Stock | None: ...

    async def find_many(self, product_ids: Iterable[UUID]) -> Mapping[UUID, Stock]:
        """Read them as they are."""

    async def lock(self, product_ids: Iterable[UUID]) -> Mapping[UUID, Stock]:
        """Read them as they are, and keep them from everybody else until the transaction ends."""

    async def lock_including_deleted(self, product_ids: Iterable[UUID]) -> None:
        """Keep the stock of these, removed or not, from everybody else until the transaction ends."""

    async def reserve(self, order_id: UUID, pieces: Mapping[UUID, int]) -> Mapping[UUID, Stock]:
        """Set so many pieces of each product aside where there are enough; the stock as it was, locked.

        What they cost is noted in the reservation of the order.

        In one statement, since every buyer of a product waits for it. Whether all of that may be sold is for whoever
        asked to judge, and to roll back if not.
        """

    async def apply_change(self, quantities: Mapping[UUID, int], change: StockChange) -> None:
        """Do that to so many pieces of each product, removed or not."""


class StockMovementRepository(Protocol):
    async def add_all(self, movements: Sequence[StockMovement]) -> None: ...

    async def list_by_product(self, product_id: UUID, *, before: int | None, limit: int) -> Sequence[RecordedMovement]:
        """Read the movements of a product, the newest first, from the one after `before`."""


class ReservationRepository(Protocol):
    async def find_or_add(self, reservation: Reservation) -> Reservation:
        """Keep it, unless its order has one already: then that one is returned, kept from everybody else."""

    async def lock(self, order_id: UUID) -> Reservation | None: ...

    async def save(self, reservation: Reservation) -> None:
        """Write down what became of it."""


class UnitOfWork(Protocol):
    """One transaction: what is changed inside is kept together or not at all.

    A reservation is locked before any product, and products in the order of their ids: nobody waits in a circle.
    """

    @property
    def categories(self) -> CategoryRepository: ...

    @property
    def products(self) -> ProductRepository: ...

    @property
    def images(self) -> ImageRepository: ...

    @property
    def unlinked(self) -> UnlinkedImageRepository: ...

    @property
    def stock(self) -> StockRepository: ...

    @property
    def stock_movements(self) -> StockMovementRepository: ...

    @property
    def reservations(self) -> ReservationRepository: ...


UnitOfWorkFactory = unit_of_work.UnitOfWorkFactory[UnitOfWork]


class EncodedImage(NamedTuple):
    """An image as it is kept."""

    webp: bytes
    width: int
    height: int


class ImageEncoder(Protocol):
    async def encode(self, raw: bytes) -> EncodedImage:
        """Make a WebP of nothing but the pixels.

        Raises:
            ImageRefused: It is no image, too large a one, or too hard to read.
            Unavailable: Too many others are read.
        """


class ImageStore(Protocol):
    """Where the pixels are kept.

    All raise Unavailable when it is away or lets nobody in; `remove` raises ImageStoreRejection when it refuses.
    """

    async def put(self, image_id: UUID, webp: bytes) -> None: ...

    async def remove(self, image_id: UUID) -> None:
        """Forget the pixels; a repeat changes nothing."""

    def presigned_url(self, image_id: UUID) -> str:
        """Make an address at which anybody can see the picture for a quarter of an hour."""
