"""Log lines: one JSON object each, with the service and the trace, for our own code and for the libraries."""

import contextlib
import logging
import os
import sys
import traceback
from typing import Any

import orjson
import psycopg
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from chassis.runtime.errors import describe_error
from chassis.runtime.tracing import current_trace_id

# They tell every request and every connection again, some with what was in it.
NOISY_LOGGERS = ("aiohttp", "uvicorn", "connexion", "aiokafka", "asyncio")
MAX_CAUSE_DEPTH = 5


def configure_logging(service: str, level: str = "INFO") -> None:
    """Write everything from now on as JSON lines to standard output."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _belongings(service),
        _exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(orjson.dumps, default=str)],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(lambda line, **_: orjson.dumps(line, default=str).decode()),
            ],
        )
    )
    logging.root.handlers[:] = [lines]
    logging.root.setLevel(level)
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.root.level))


class _Lines:
    """Writes finished lines to standard output. A full disk or a reader that left must not fail what is logged."""

    def __init__(self, *_: Any) -> None:
        self._to = sys.stdout.fileno()

    def msg(self, line: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._to, line + b"\n")

    debug = info = warning = error = critical = exception = msg


def _belongings(service: str) -> Processor:
    def add(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        line["service"] = service
        if (trace := current_trace_id()) is not None:
            line["trace_id"] = trace
        return line

    return add


def _exception(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Say what was raised, and where: the first line of each message only, for the others may quote what was sent."""
    said = line.pop("exc_info", None)
    error = said[1] if isinstance(said, tuple) else said if isinstance(said, BaseException) else None
    if said is True:
        error = sys.exc_info()[1]
    if error is not None:
        line["exception"] = _told(error)
    return line


def _message(error: BaseException) -> str:
    # What PostgreSQL refuses it may quote in its first line, too.
    if isinstance(error, psycopg.Error):
        return describe_error(error)
    return str(error).partition("\n")[0][:200]


def _told(error: BaseException | None) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    while error is not None and len(told) < MAX_CAUSE_DEPTH:
        told.append(
            {
                "class": type(error).__qualname__,
                "message": _message(error),
                "frames": [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)],
            }
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told
