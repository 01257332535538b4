"""Removes pictures that no image names from the store: at once, or later what a death or a fault left behind."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

import structlog
from psycopg import OperationalError

from chassis.web.problems import Unavailable
from services.catalog.errors import ImageStoreRejection
from services.catalog.ports import ImageStore, UnlinkedImageRepository

log = structlog.get_logger()


class ImageCleanup:
    def __init__(self, unlinked: UnlinkedImageRepository, store: ImageStore) -> None:
        self._unlinked, self._store = unlinked, store

    async def discard(self, image_ids: Iterable[UUID]) -> None:
        """Remove pictures that have just lost their image; what cannot be removed now is left to `run_once`."""
        try:
            for image_id in image_ids:
                await self._remove(image_id)
        except (Unavailable, OperationalError, ImageStoreRejection) as error:
            log.warning("pictures left to be swept", fault=type(error).__name__)

    async def run_once(self, stopping: asyncio.Event) -> None:
        """Remove those that are due, nearly always none. Two at once do the same twice, which changes nothing.

        A picture that the store refuses to remove is postponed, each time for longer, and stops no other; so is one
        at which the store is away, which ends the round.
        """
        while not stopping.is_set() and (due := await self._unlinked.list_due()):
            removed = 0
            for image_id in due:
                try:
                    await self._remove(image_id)
                    removed += 1
                except ImageStoreRejection as error:
                    await self._unlinked.postpone(image_id)
                    log.error("picture not removed", image_id=str(image_id), error=str(error))
                except Unavailable as error:
                    await self._unlinked.postpone(image_id)
                    log.warning("pictures not swept", fault=type(error).__name__)
                    return
            log.info("pictures swept", number=removed)

    async def _remove(self, image_id: UUID) -> None:
        await self._store.remove(image_id)
        await self._unlinked.delete(image_id)
