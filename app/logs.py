"""Logs: structured, to standard error; one line of JSON each, or readable on a terminal."""

import logging
import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from structlog.typing import Processor


class _Formatter(logging.Formatter):
    """structlog's, loaded for the first record: with rich, which it brings, it takes as long as
    ten thousand lines, and most commands log nothing.
    """

    def __init__(self, log_format: str) -> None:
        super().__init__()
        self._log_format = log_format

    def format(self, record: logging.LogRecord) -> str:
        return self._structured.format(record)

    @cached_property
    def _structured(self) -> logging.Formatter:
        from structlog import processors, stdlib

        return stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                stdlib.add_log_level,
                stdlib.add_logger_name,
                processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[stdlib.ProcessorFormatter.remove_processors_meta, *_ends(self._log_format)],
        )


def configure(log_format: str, *, level: int = logging.INFO) -> None:
    """All logging of this process, as `console` or `json`; uvicorn's too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(log_format))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in ("uvicorn.access", "apscheduler", "alembic", "tzlocal"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _ends(log_format: str) -> "list[Processor]":
    from structlog import dev, processors

    if log_format == "console":
        colors = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        return [dev.ConsoleRenderer(colors=colors)]
    return [processors.format_exc_info, processors.JSONRenderer()]
