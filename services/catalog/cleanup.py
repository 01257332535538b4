"""Removes pictures that no image names from the bucket: what a death between S3 and the database left behind."""

import asyncio

import structlog

from chassis.web.problems import Unavailable
from services.catalog.ports import ImageStore, UnlinkedImageRepository

log = structlog.get_logger()


async def sweep(unlinked: UnlinkedImageRepository, pictures: ImageStore, stopping: asyncio.Event) -> None:
    """Remove those that are due, nearly always none. Two sweeps at once do the same twice, which changes nothing."""
    try:
        while not stopping.is_set() and (due := await unlinked.due()):
            for image_id in due:
                await pictures.remove(image_id)
                await unlinked.forget(image_id)
            log.info("pictures swept", number=len(due))
    except Unavailable as away:
        log.warning("pictures not swept", fault=type(away).__name__)
