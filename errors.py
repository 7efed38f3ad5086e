"""The errors that a caller may see, as RFC 9457 problems, and the one handler that answers with them.

Raise the narrowest class; `detail` is for a person, `errors` names fields: {"field": ["why"]}.
"""

from typing import Any

import structlog
from flask import Flask, Response, g, json, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests

log = structlog.get_logger(__name__)

PROBLEM = "application/problem+json"


class AppError(Exception):
    """Base of all expected errors. `headers` go onto the HTTP answer."""

    status = 500
    title = "Internal Server Error"

    def __init__(self, detail: str, *, errors: dict[str, Any] | None = None, headers: dict[str, str] | None = None):
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or {}
        self.headers = headers or {}

    def problem(self) -> dict[str, Any]:
        return problem(self.status, self.title, self.detail, self.errors)


class Malformed(AppError):
    status, title = 400, "Bad Request"


class Unauthorized(AppError):
    status, title = 401, "Unauthorized"


class Forbidden(AppError):
    status, title = 403, "Forbidden"


class NotFound(AppError):
    """Not there, or not yours: the same answer."""

    status, title = 404, "Not Found"

    def __init__(self, detail: str = "There is nothing here, or it is not yours."):
        super().__init__(detail)


class Conflict(AppError):
    status, title = 409, "Conflict"


class Outdated(Conflict):
    """Somebody else changed it meanwhile. `current` is what it is now."""

    def __init__(self, current: dict[str, Any]):
        super().__init__("Somebody else changed this meanwhile. Nothing of yours was saved.")
        self.current = current

    def problem(self) -> dict[str, Any]:
        return {**super().problem(), "current": self.current}


class Gone(AppError):
    """It was there, and is over: a link that was used or is too old."""

    status, title = 410, "Gone"


class TooLarge(AppError):
    """`most` is in bytes."""

    status, title = 413, "Content Too Large"

    def __init__(self, most: int):
        super().__init__(f"The file is too large: {most // (1024 * 1024)} MB at the most.")


class UnsupportedType(AppError):
    status, title = 415, "Unsupported Media Type"


class Invalid(AppError):
    status, title = 422, "Unprocessable Content"

    def __init__(self, errors: dict[str, Any], detail: str = "Some fields are not valid."):
        super().__init__(detail, errors=errors)


class RateLimited(AppError):
    """`retry_after` is in seconds."""

    status, title = 429, "Too Many Requests"

    def __init__(self, retry_after: int):
        detail = f"Too many requests. Try again in {retry_after} seconds; nothing was lost."
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Unavailable(AppError):
    """Cannot be served now; nothing was stored. `retry_after` is in seconds."""

    status, title = 503, "Service Unavailable"

    def __init__(self, detail: str = "Deskbell is busy. Nothing was lost; try again.", retry_after: int = 1):
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class TransportError(Exception):
    """Something could not be delivered. `permanent`: trying again is of no use. `after`: seconds after which to try
    again, where that is known; `counts`: False if it was not really tried. The text is for a person."""

    def __init__(self, why: str, *, permanent: bool = False, after: float | None = None, counts: bool = True):
        super().__init__(why)
        self.permanent, self.after, self.counts = permanent, after, counts


def problem(status: int, title: str, detail: str, errors: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "errors": errors or {}}


def init_errors(app: Flask) -> None:
    app.register_error_handler(AppError, lambda error: _answer(error.problem(), error.headers))
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(CSRFError, _answer_csrf)
    app.register_error_handler(DBAPIError, _answer_database)
    app.register_error_handler(PoolTimeout, lambda _: _answer_unavailable("no free connection"))
    app.register_error_handler(Exception, _answer_unexpected)


def unexpected(error: BaseException) -> dict[str, Any]:
    """The problem for an error nobody expected: a reference that also stands in the log, and nothing else."""
    reference = g.get("request_id", "")
    log.error("unexpected_error", reference=reference, exc_info=error)
    detail = "Something went wrong on our side. Quote the reference if you report it."
    return {**problem(500, "Internal Server Error", detail), "reference": reference}


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect
        return error.get_response()  # type: ignore[return-value]
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if isinstance(error, TooManyRequests):
        limited = RateLimited(g.get("retry_after", 60))
        return _answer(limited.problem(), limited.headers)
    return _answer(problem(status, error.name, error.description or error.name), headers)


def _answer_csrf(_: CSRFError) -> Response:
    detail = "The form is too old or came from elsewhere. Reload the page and try again."
    return _answer(Forbidden(detail).problem())


def _answer_database(error: DBAPIError) -> Response:
    if not (error.connection_invalidated or _is_busy(error)):
        return _answer_unexpected(error)
    return _answer_unavailable(type(error.orig).__name__)


def _answer_unavailable(why: str) -> Response:
    log.warning("database_unavailable", error=why)
    unavailable = Unavailable()
    return _answer(unavailable.problem(), unavailable.headers)


def _is_busy(error: DBAPIError) -> bool:
    text = str(error.orig)
    return "locked" in text or "could not connect" in text or "connection" in text


def _answer_unexpected(error: Exception) -> Response:
    return _answer(unexpected(error))


def _answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    if _wants_page():
        response = Response(render_template("dashboard/error.html", **body), body["status"], headers)
    else:
        response = Response(json.dumps(body), body["status"], headers, content_type=PROBLEM)
    response.headers["Cache-Control"] = "no-store"
    return response


def _wants_page() -> bool:
    """Whether a person with a browser asks for a page, rather than a program for data."""
    return not request.path.startswith("/api/") and "text/html" in request.headers.get("Accept", "")
