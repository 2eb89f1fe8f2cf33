"""Logging: one line an event on standard error, as text or JSON, the libraries' included."""

import logging
import sys

import structlog
from structlog.typing import Processor

_LIBRARIES = {
    **dict.fromkeys(
        ("procrastinate", "uvicorn.access", "httpx", "aio_pika", "psycopg.pool", "python_multipart"),
        logging.ERROR,
    ),
    "aiormq": logging.CRITICAL,  # Lethe tells of its errors itself, once and not at each try
}
"""From which level on they are heard: their everyday messages say nothing to an operator."""


def configure(*, format: str, level: str) -> None:
    """Set logging up for this process. Nothing logged holds a document's text, a token or a password."""
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
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name, lowest in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(lowest, root.level))
