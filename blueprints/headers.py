"""Headers that every answer carries, by where it goes."""

from flask import Response, current_app, g, request

# Scripts, styles and sockets from here only; pictures also from elsewhere (customers' avatars).
PAGE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob: https:",
    "font-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def add_headers(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.path.startswith("/api/widget/"):
        _allow_every_origin(response)
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", policy())
    if response.mimetype == "text/html" or request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def policy(**changes: str) -> str:
    """The pages' Content-Security-Policy; `style_src="…"` changes one directive."""
    socket = current_app.config["PUBLIC_URL"].replace("http", "ws", 1)  # not every browser counts it as 'self'
    directives = {
        **PAGE_POLICY,
        "connect-src": f"'self' {socket}",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _allow_every_origin(response: Response) -> None:
    """The widget runs in pages of other origins, with a bearer token and without cookies."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Retry-After, X-Request-Id"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
