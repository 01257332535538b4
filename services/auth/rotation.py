"""Rotates the signing key: `DATABASE_URL=… python -m services.auth.rotation`, as often as one likes."""

import asyncio
import os
import sys

from chassis.data.database import Database
from chassis.runtime.logging import configure_logging
from services.auth.signing import rotate_signing_key


async def main(database_url: str) -> None:
    configure_logging("auth", "WARNING")
    async with Database(database_url, name="rotation", connections=1) as database:
        key = await rotate_signing_key(database)
    print(f"Key {key.kid} is published and signs from {key.active_from:%Y-%m-%d %H:%M:%S} UTC.")


if __name__ == "__main__":
    if "DATABASE_URL" not in os.environ:
        sys.exit("DATABASE_URL is not set.")
    asyncio.run(main(os.environ["DATABASE_URL"]))
