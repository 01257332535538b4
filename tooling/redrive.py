"""Send dead letters back to the one consumer that could not handle them, after it was mended.

    python scripts/redrive.py entry.events --consumer billing --error EntryNotFound

Repeating it is harmless: every consumer knows the events it has handled.
"""

import argparse
import asyncio
import os
from collections.abc import Mapping, Sequence

from chassis.events.redrive import redrive


def main(arguments: Sequence[str]) -> int:
    """Say how many letters went back."""
    asks = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asks.add_argument("topic", help="where they came from, without .dlq")
    asks.add_argument("--kafka", default=os.environ.get("KAFKA", "127.0.0.1:9092"), help="host:port of the broker")
    asks.add_argument("--consumer", help="only what this service put aside")
    asks.add_argument("--error", default="", help="only what was put aside for an error that contains this")
    asks.add_argument("--again", action="store_true", help="from the oldest, not from where the last redrive ended")
    wish = asks.parse_args(arguments)

    def wanted(headers: Mapping[str, bytes]) -> bool:
        by_it = wish.consumer is None or headers["dead-consumer"] == wish.consumer.encode()
        return by_it and wish.error.encode() in headers["dead-error"]

    sent = asyncio.run(redrive(wish.kafka, wish.topic, wanted, from_beginning=wish.again))
    print(f"{sent} dead letters went back to {wish.topic}.")
    return 0
