"""What a photo of 24 megapixels costs: the peak memory of catalog's process, and of the worker that reads the photo.

    python -m benchmarks.pictures

Linux only. The photo is made in a process of its own, which would be counted otherwise.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from PIL import Image

PHOTO_SIZE = (6000, 4000)
PROCESS_STATUS_FILE = Path("/proc/self/status")
# The worker, which opens no file once it has begun.
OBSERVED_WORKER_SCRIPT = """
import runpy
status, kept = open("/proc/self/status"), open({kept!r}, "w")
runpy.run_path({worker!r}, run_name="__main__")
kept.write(status.read())
"""


def take_photo() -> bytes:
    jpeg = BytesIO()
    noise = Image.effect_noise((PHOTO_SIZE[0] // 8, PHOTO_SIZE[1] // 8), 60).resize(
        PHOTO_SIZE, Image.Resampling.BICUBIC
    )
    Image.merge("RGB", [noise, noise.transpose(Image.Transpose.ROTATE_180), noise]).save(jpeg, "JPEG", quality=80)
    return jpeg.getvalue()


def peak_mib(status: Path) -> int:
    """Of the process with that status; `getrusage` would count its parent's until it became a program of its own."""
    return round(int(re.search(r"VmHWM:\s+(\d+)", status.read_text("ascii"))[1]) / 1024)  # type: ignore[index]


async def measure_photo(photo: bytes) -> None:
    import services.catalog.main  # noqa: F401, PLC0415 (all that the service holds; not in the process of the photo)
    from services.catalog.image_processing import WORKER_SCRIPT, WebPEncoder  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        observed, kept = Path(folder, "worker.py"), Path(folder, "status")
        observed.write_text(OBSERVED_WORKER_SCRIPT.format(kept=str(kept), worker=str(WORKER_SCRIPT)), "utf-8")  # noqa: ASYNC240 (nothing else runs)
        before, begun = peak_mib(PROCESS_STATUS_FILE), time.perf_counter()
        webp, width, height = await WebPEncoder(observed).encode(photo)
        seconds, worker = time.perf_counter() - begun, peak_mib(kept)
    sys.stderr.write(
        f"{len(photo) / 1e6:.1f} MB JPEG -> {len(webp) / 1e6:.1f} MB WebP, {width} x {height}, {seconds:.1f} s\n"
        f"peak of the service: {peak_mib(PROCESS_STATUS_FILE)} MiB ({before} before)\n"
        f"peak of the worker:  {worker} MiB\n"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        asyncio.run(measure_photo(sys.stdin.buffer.read()))
    else:
        subprocess.run([sys.executable, "-m", "benchmarks.pictures", "measure"], input=take_photo(), check=True)
