"""The images of products."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.web.problems import Unavailable
from services.catalog.application.image_cleanup import ImageCleanup
from services.catalog.application.products import ProductService
from services.catalog.domain import MAX_IMAGES, Image
from services.catalog.errors import ImageNotFound, ProductNotFound, TooManyImages
from services.catalog.ports import ImageEncoder, ImageRepository, ImageStore, UnitOfWorkFactory, UnlinkedImageRepository


class ImageService:
    """A picture is kept before its row and removed after it, so that no row is without its picture.

    While it has no row it stands among the unlinked ones. What a death in between leaves behind is removed from there.
    """

    def __init__(
        self,
        products: ProductService,
        images: ImageRepository,
        unlinked: UnlinkedImageRepository,
        unit_of_work: UnitOfWorkFactory,
        *,
        encoder: ImageEncoder,
        store: ImageStore,
        cleanup: ImageCleanup,
    ) -> None:
        self._products, self._images, self._unlinked = products, images, unlinked
        self._unit_of_work, self._encoder, self._store, self._cleanup = unit_of_work, encoder, store, cleanup

    def presigned_url(self, image: Image) -> str:
        """An address at which anybody can see it for a quarter of an hour."""
        return self._store.presigned_url(image.id)

    async def list_by_product(self, product_id: UUID, *, include_inactive: bool) -> Sequence[Image]:
        """In the order in which they were added. Raises: ProductNotFound."""
        await self._products.get(product_id, include_inactive=include_inactive)
        return await self._images.list_by_product(product_id)

    async def list_first(self, product_ids: Iterable[UUID]) -> Mapping[UUID, Image]:
        """The first image of each of these products that has any."""
        return await self._images.list_first(product_ids)

    async def add(self, product_id: UUID, raw: bytes, alt: str) -> Image:
        """Keep a picture as a WebP; the same bytes again are another image.

        Raises:
            ProductNotFound, ImageRefused, TooManyImages: Nothing is kept.
            Unavailable: The image store is away or took minutes, or too many pictures are read.
        """
        await self._products.get(product_id, include_inactive=True)
        webp, width, height = await self._encoder.encode(raw)
        image = Image(uuid7(), product_id, alt, width, height)
        await self._unlinked.add(image.id)
        await self._store.put(image.id, webp)
        try:
            await self._add(image)
        except (ProductNotFound, TooManyImages):  # after any other fault the row may well be there
            await self._cleanup.discard([image.id])
            raise
        return image

    async def remove(self, product_id: UUID, image_id: UUID) -> None:
        """Raises: ImageNotFound."""
        async with self._unit_of_work() as work:
            if not await work.images.delete(product_id, image_id):
                raise ImageNotFound
            await work.unlinked.add(image_id)
        await self._cleanup.discard([image_id])

    async def _add(self, image: Image) -> None:
        async with self._unit_of_work() as work:
            if await work.products.lock(image.product_id) is None:
                raise ProductNotFound
            if len(await work.images.list_by_product(image.product_id)) >= MAX_IMAGES:
                raise TooManyImages
            if not await work.unlinked.mark_linked(image.id):  # S3 took minutes
                raise Unavailable
            await work.images.add(image)
