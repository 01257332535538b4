"""What benchmarks read of the mail sink."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any


def arrival_time(items: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Seconds since 1970 of each mail of a list, by its order and kind, the local part of its Message-ID."""
    return {_local_part(item): datetime.fromisoformat(item["Created"]).timestamp() for item in items}


def _local_part(item: Mapping[str, Any]) -> str:
    message_id: str = item["Content"]["Headers"]["Message-ID"][0]
    return message_id.strip("<>").partition("@")[0]
