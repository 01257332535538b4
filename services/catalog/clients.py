"""The store of the pictures, behind its port."""

import asyncio
from datetime import timedelta
from typing import Self
from uuid import UUID

from chassis.web.http_transport import HttpTransport, Request
from chassis.web.problems import Unavailable
from services.catalog.errors import ImageStoreRejection
from services.catalog.presigned_urls import PresignedUrlSigner

PRESIGNED_URL_LIFETIME = timedelta(minutes=15)
ATTEMPTS, ATTEMPT_TIMEOUT = 2, 4.0  # seconds for one
TRY_AGAIN = (408, 429)


class S3ImageStore:
    """`ImageStore` in a bucket of an S3; `public_url` is where browsers reach it, if that is elsewhere.

    What it asks for itself is signed as what browsers ask for, in the address, and repeated, as it may be. boto3 would
    take 22 MiB for two operations, and threads to wait in. An async context manager that keeps connections.
    """

    def __init__(self, url: str, key: str, secret: str, bucket: str, public_url: str = "") -> None:
        self._bucket, self._transport = bucket, HttpTransport()
        self._signer = PresignedUrlSigner(url, key, secret, lifetime=PRESIGNED_URL_LIFETIME)
        self._public_signer = PresignedUrlSigner(public_url or url, key, secret, lifetime=PRESIGNED_URL_LIFETIME)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.close()

    async def put(self, image_id: UUID, webp: bytes) -> None:
        headers = {
            "Content-Type": "image/webp",
            "Cache-Control": "public, max-age=86400, immutable",  # another picture has another name
            "Content-Disposition": _disposition(image_id),
        }
        await self._send("PUT", image_id, headers, webp)

    async def remove(self, image_id: UUID) -> None:
        await self._send("DELETE", image_id, {})

    def presigned_url(self, image_id: UUID) -> str:
        return self._public_signer.sign(
            self._path(image_id),
            {"response-content-type": "image/webp", "response-content-disposition": _disposition(image_id)},
        )

    async def _send(self, method: str, image_id: UUID, headers: dict[str, str], content: bytes | None = None) -> None:
        request = Request(method, self._signer.sign(self._path(image_id), method=method), headers, content)
        for _ in range(ATTEMPTS):
            try:
                async with asyncio.timeout(ATTEMPT_TIMEOUT):
                    response = await self._transport.send(request)
            except (ConnectionError, TimeoutError):
                continue
            if response.status < 300:
                return
            if response.status < 500 and response.status not in TRY_AGAIN:
                raise ImageStoreRejection(f"{method} {self._path(image_id)} was answered {response.status}")
        raise Unavailable

    def _path(self, image_id: UUID) -> str:
        return f"/{self._bucket}/{_key(image_id)}"


def _key(image_id: UUID) -> str:
    return f"{image_id}.webp"


def _disposition(image_id: UUID) -> str:
    return f'inline; filename="{_key(image_id)}"'
