"""Logging: one line per event on standard error, as text or JSON, including events of libraries."""

import logging
import sys

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from lethe.domain.faults import describe

_LIBRARIES = {
    **dict.fromkeys(
        ("procrastinate", "uvicorn.access", "httpx", "aio_pika", "python_multipart"),
        logging.ERROR,
    ),
    "mcp": logging.WARNING,
    "psycopg": logging.ERROR,  # its warnings repeat statements' errors, including values
    "aiormq": logging.CRITICAL,  # Lethe logs its errors itself, once instead of at each retry
}
"""The lowest level logged per library: their routine messages are of no use to an operator."""


def configure(*, format: str, level: str) -> None:
    """Set up logging for this process. No log line contains a document's text, a token or a password.

    To ensure this, only what domain/faults.py lets through is written of any error, whoever logs it.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, _first_line],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_describe),
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.raiseExceptions = False  # otherwise Python prints the current error if a line cannot be written
    for name, lowest in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(lowest, root.level))


def _describe(exc_info: ExcInfo) -> str:
    return describe(exc_info[1])


def _first_line(_logger: WrappedLogger, _level: str, event: EventDict) -> EventDict:
    """Keep only the first line of a library's error message: asyncio repeats the error below it."""
    if "exc_info" in event:
        event["event"] = event["event"].partition("\n")[0]
    return event
