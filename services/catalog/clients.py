"""The store of the pictures, behind its port."""

import asyncio
import re
from datetime import timedelta
from typing import Literal, Self
from uuid import UUID

import structlog

from chassis.web.http_transport import HttpTransport, Request
from chassis.web.problems import Unavailable
from services.catalog.errors import ImageStoreRejection
from services.catalog.presigned_urls import DEFAULT_REGION, PresignedUrlSigner
from services.catalog.s3_credentials import ChainCredentials, Credentials, StaticCredentials

log = structlog.get_logger()

PRESIGNED_URL_LIFETIME = timedelta(minutes=15)
ATTEMPTS, ATTEMPT_TIMEOUT = 2, 4.0  # seconds for one
TRY_AGAIN = (408, 429)
ERROR_CODE = re.compile(rb"<Code>(\w{1,60})</Code>")
Addressing = Literal["path", "virtual"]


class S3ImageStore:
    """`ImageStore` in a bucket of an S3; `public_url` is where browsers reach it, if that is elsewhere.

    Without a key, credentials are looked for where AWS' own programs do. The bucket stands in the path of addresses, or
    is the first name of their host (`virtual`).

    What it asks for itself is signed as what browsers ask for, in the address, and repeated, as it may be. boto3 would
    take 22 MiB for two operations, and threads to wait in. An async context manager that keeps connections.
    """

    def __init__(
        self, url: str, key: str, secret: str, bucket: str, public_url: str = "", *,
        region: str = DEFAULT_REGION, addressing: Addressing = "path",
    ) -> None:  # fmt: skip
        self._transport = HttpTransport()
        self._prefix = "" if addressing == "virtual" else f"/{bucket}"
        self._chain = None if key else ChainCredentials()
        credentials = self._chain or StaticCredentials(Credentials(key, secret))
        self._signer, self._public_signer = (
            PresignedUrlSigner(
                _with_host(bucket, base) if addressing == "virtual" else base, credentials,
                lifetime=PRESIGNED_URL_LIFETIME, region=region,
            )
            for base in (url, public_url or url)
        )  # fmt: skip
        self._keeping: asyncio.Task[None] | None = None
        self._rejection: ImageStoreRejection | None = None  # what it said to the last request

    async def __aenter__(self) -> Self:
        if self._chain is not None:
            await self._chain.refresh()
            self._keeping = asyncio.create_task(self._chain.keep_current())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
        await self._transport.close()

    async def probe(self) -> None:
        """Raise while there are no credentials, or when the last request was refused."""
        self._signer.sign("/")
        if self._rejection is not None:
            raise ImageStoreRejection(*self._rejection.args)

    async def put(self, image_id: UUID, webp: bytes) -> None:
        headers = {
            "Content-Type": "image/webp",
            "Cache-Control": "public, max-age=86400, immutable",  # another picture has another name
            "Content-Disposition": _disposition(image_id),
        }
        try:
            await self._send("PUT", image_id, headers, webp)
        except ImageStoreRejection as rejection:  # nothing is wrong with the picture: a key, the bucket, the region is
            log.error("image store refuses", error=str(rejection))
            raise Unavailable from rejection

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
                self._rejection = None
                return
            if response.status < 500 and response.status not in TRY_AGAIN:
                code = ERROR_CODE.search(response.content)
                said = f"{response.status} {code[1].decode() if code else ''}".rstrip()
                self._rejection = ImageStoreRejection(f"{method} {self._path(image_id)} was answered {said}")
                raise self._rejection
        raise Unavailable

    def _path(self, image_id: UUID) -> str:
        return f"{self._prefix}/{_key(image_id)}"


def _with_host(bucket: str, url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{bucket}.{rest}"


def _key(image_id: UUID) -> str:
    return f"{image_id}.webp"


def _disposition(image_id: UUID) -> str:
    return f'inline; filename="{_key(image_id)}"'
