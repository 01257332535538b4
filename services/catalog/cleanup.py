"""Removes pictures that no image names from the bucket: what a death between S3 and the database left behind."""

import asyncio

import structlog
from psycopg import OperationalError

from chassis.runtime.retry import sleep_unless
from chassis.web.problems import Unavailable
from services.catalog.ports import ImageStore, UnlinkedImageRepository

log = structlog.get_logger()


async def sweep(
    unlinked: UnlinkedImageRepository, pictures: ImageStore, stopping: asyncio.Event, *, every_seconds: float = 60
) -> None:
    """A duty, idle nearly always. Two replicas that sweep at once do the same twice, which changes nothing more."""
    while not stopping.is_set():
        try:
            while due := await unlinked.due():
                for image_id in due:
                    await pictures.remove(image_id)
                    await unlinked.forget(image_id)
                log.info("pictures swept", number=len(due))
        except (Unavailable, OperationalError) as away:
            log.warning("pictures not swept", fault=type(away).__name__)
        await sleep_unless(stopping, every_seconds)
