"""Structured logs: one line an event, with the id of the request that it belongs to.

Paths are logged without their query, and texts, tokens and bodies never.
"""

import logging
import sys
from time import perf_counter

import structlog
import uuid_utils
from flask import Flask, Response, g, request

log = structlog.get_logger("access")


def init_logs(app: Flask) -> None:
    configure()
    app.before_request(_begin)
    app.after_request(_finish)


def configure(least: int = logging.INFO) -> None:
    """JSON lines on standard error, of this level or higher; words and colours if that is a terminal."""
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def new_request_id() -> str:
    """A new id, put on every log line until the next one in this greenlet."""
    request_id = uuid_utils.uuid4().hex[:16]
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def _begin() -> None:
    structlog.contextvars.clear_contextvars()
    g.request_id = new_request_id()
    g.begun = perf_counter()


def _finish(response: Response) -> Response:
    took = round((perf_counter() - g.begun) * 1000, 1) if "begun" in g else None
    log.info("request", method=request.method, path=request.path, status=response.status_code, ms=took)
    return response
