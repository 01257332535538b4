"""The store of the pictures, behind its port."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chassis.web.problems import Unavailable
from services.catalog.errors import ImageStoreRejection
from services.catalog.presigned_urls import REGION, PresignedUrlSigner

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

T = TypeVar("T")
LINK_LIFETIME = timedelta(minutes=15)
CONFIG = Config(
    region_name=REGION,
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    connect_timeout=1,
    read_timeout=3,
    retries={"total_max_attempts": 2, "mode": "standard"},
    # The checksums that boto3 adds of its own accord are not understood by every store.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class S3ImageStore:
    """`ImageStore` in a bucket of an S3; `public_url` is where browsers reach it, if that is elsewhere."""

    def __init__(self, url: str, key: str, secret: str, bucket: str, public_url: str = "") -> None:
        self._bucket = bucket
        self._s3: S3Client = boto3.client(
            "s3", endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret, config=CONFIG
        )
        self._signer = PresignedUrlSigner(public_url or url, key, secret, lifetime=LINK_LIFETIME)
        # Not the event loop's own threads: names are looked up in those, also while S3 hangs.
        self._threads = ThreadPoolExecutor(4, "s3")

    async def put(self, image_id: UUID, webp: bytes) -> None:
        await self._call(
            partial(
                self._s3.put_object,
                Bucket=self._bucket,
                Key=_key(image_id),
                Body=webp,
                ContentType="image/webp",
                CacheControl="public, max-age=86400, immutable",  # another picture has another name
                ContentDisposition=_disposition(image_id),
            )
        )

    async def remove(self, image_id: UUID) -> None:
        await self._call(partial(self._s3.delete_object, Bucket=self._bucket, Key=_key(image_id)))

    def presigned_url(self, image_id: UUID) -> str:
        return self._signer.sign(
            f"/{self._bucket}/{_key(image_id)}",
            {"response-content-type": "image/webp", "response-content-disposition": _disposition(image_id)},
        )

    async def _call(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except ClientError as refused:
            if refused.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                raise ImageStoreRejection(str(refused)) from refused
            raise Unavailable from refused
        except BotoCoreError as away:
            raise Unavailable from away


def _key(image_id: UUID) -> str:
    return f"{image_id}.webp"


def _disposition(image_id: UUID) -> str:
    return f'inline; filename="{_key(image_id)}"'
