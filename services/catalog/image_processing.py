"""Makes WebPs of uploaded pictures, each in a process of its own that a hard one can only take with it."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import structlog

from chassis.web.problems import Unavailable
from services.catalog.errors import ImageRefused
from services.catalog.ports import EncodedImage

log = structlog.get_logger()
WORKER_SCRIPT = Path(__file__).with_name("image_worker.py")
# The memory of the container is for one picture at a time, and for so much that waits for its turn.
MAX_WAITING_BYTES = 40 * 1024 * 1024
MAX_WAIT_SECONDS = 20
# A little longer than the worker gives itself, in case that it cannot end.
MAX_PROCESSING_SECONDS = 35
# How the kernel and the C library end a process that cannot cope with its picture. SIGKILL is not among them: by that
# somebody else ends it, for want of memory in the whole container.
WORKER_CRASH_SIGNALS = {
    signal.SIGXCPU,
    signal.SIGALRM,
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGABRT,
    signal.SIGFPE,
    signal.SIGILL,
}


class WebPEncoder:
    """`ImageEncoder`, one picture at a time."""

    def __init__(self, worker: Path = WORKER_SCRIPT, max_wait_seconds: float = MAX_WAIT_SECONDS) -> None:
        self._worker, self._max_wait_seconds = worker, max_wait_seconds
        self._turn, self._waiting_bytes = asyncio.Lock(), 0

    async def encode(self, raw: bytes) -> EncodedImage:
        async with self._own_turn(len(raw)):
            code, output, error = await self._run(raw)
        if code == 0:
            header, _, webp = output.partition(b"\n")
            answer = json.loads(header)
            if "refused" in answer:
                raise ImageRefused(answer["refused"])
            return EncodedImage(webp, answer["width"], answer["height"])
        log.warning("image worker ended", code=code, error=error[-2000:].decode(errors="replace"))
        if -code in WORKER_CRASH_SIGNALS:
            raise ImageRefused("It takes too much time to read")
        if code < 0:
            raise Unavailable(retry_after=5, nothing_done=True)
        raise RuntimeError(f"the image worker ended with {code}")

    @contextlib.asynccontextmanager
    async def _own_turn(self, size: int) -> AsyncIterator[None]:
        """Wait until no other picture is read.

        Raises: Unavailable when too much waits, or for too long.
        """
        if self._waiting_bytes + size > MAX_WAITING_BYTES:
            raise Unavailable("Too many pictures at once", retry_after=5, nothing_done=True)
        self._waiting_bytes += size
        try:
            async with asyncio.timeout(self._max_wait_seconds):
                await self._turn.acquire()
        except TimeoutError:
            raise Unavailable("Too many pictures at once", retry_after=5, nothing_done=True) from None
        finally:
            self._waiting_bytes -= size
        try:
            yield
        finally:
            self._turn.release()

    async def _run(self, raw: bytes) -> tuple[int, bytes, bytes]:
        """Let a process read it that inherits no connection and no secret, and is gone when this returns."""
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", str(self._worker), stdin=pipe, stdout=pipe, stderr=pipe, env={}
            )
        except OSError as fault:  # no memory or no process to be had
            raise Unavailable(retry_after=5, nothing_done=True) from fault
        try:
            async with asyncio.timeout(MAX_PROCESSING_SECONDS):
                output, error = await process.communicate(raw)
        except TimeoutError:
            return -signal.SIGALRM, b"", b""
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return process.returncode or 0, output, error
