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
    "psycopg": logging.ERROR,  # its warnings repeat the errors of statements, with their values
    "aiormq": logging.CRITICAL,  # Lethe logs its errors itself, once and not at each try
}
"""The lowest level that is logged: their everyday messages tell an operator nothing."""


def configure(*, format: str, level: str) -> None:
    """Set logging up for this process. Nothing logged holds a document's text, a token or a password.

    So whoever logs an error, only what domain/faults.py lets through is written.
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
    logging.raiseExceptions = False  # else, when a line cannot be written, Python prints the current error
    for name, lowest in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(lowest, root.level))


def _describe(exc_info: ExcInfo) -> str:
    return describe(exc_info[1])


def _first_line(_logger: WrappedLogger, _level: str, event: EventDict) -> EventDict:
    """Keep only the first line of a library's message about an error: asyncio repeats the error in the lines below."""
    if "exc_info" in event:
        event["event"] = event["event"].partition("\n")[0]
    return event
