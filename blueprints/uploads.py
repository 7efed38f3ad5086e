"""Receiving files, and handing them out by signed addresses."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, g, request, send_file
from werkzeug.datastructures import FileStorage

from actions.attachments import find_avatar, find_file, remove_avatar, set_avatar, upload_by_agent
from blueprints.endpoint import endpoint
from blueprints.limits import uploads_of_agent
from errors import Invalid, TooLarge, UnsupportedType
from schemas.agent import AgentAnswer, AttachmentAnswer

uploads = Blueprint("uploads", __name__)

Answer = dict[str, Any] | tuple[dict[str, Any], int]

FRAMING = 64 * 1024  # bytes of a multipart body beside its file
DAY, YEAR = 24 * 3600, 365 * 24 * 3600  # seconds


def with_file(route: Callable[[FileStorage], Answer]) -> Callable[[], Answer]:
    """Hand the route the `file` of a multipart body, which may be as large as MAX_UPLOAD_MB says."""

    @wraps(route)
    def run() -> Answer:
        most = current_app.config["MAX_UPLOAD"]
        request.max_content_length = most + FRAMING
        if (request.content_length or 0) > most + FRAMING:
            raise TooLarge(most)
        if request.mimetype != "multipart/form-data":
            raise UnsupportedType("Send multipart/form-data with a file.")
        if (file := request.files.get("file")) is None:
            raise Invalid({"file": ["Missing data for required field."]})
        return route(file)

    return run


@uploads.post("/api/attachments")
@uploads_of_agent
@endpoint("Upload a file, to be sent with a message", upload=True, answers={201: AttachmentAnswer})
@with_file
def upload(file: FileStorage) -> Answer:
    return upload_by_agent(g.agent, file.stream, file.filename or ""), 201


@uploads.post("/api/me/avatar")
@uploads_of_agent
@endpoint("Change one's picture", upload=True, answers={200: AgentAnswer})
@with_file
def upload_avatar(file: FileStorage) -> Answer:
    return set_avatar(g.agent, file.stream, file.filename or "")


@uploads.delete("/api/me/avatar")
@endpoint("Remove one's picture", answers={200: AgentAnswer})
def delete_avatar() -> Answer:
    return remove_avatar(g.agent)


@uploads.get("/files/<attachment_id>/<path:name>")
def file(attachment_id: str, name: str) -> Response:  # noqa: ARG001
    """A file by its signed address; `thumbnail=1` for the small picture of an image. It never runs anything.

    It is downloaded, unless it is an image that is asked for with `inline=1`.
    """
    expires = request.args.get("expires", 0, type=int)
    signature, thumbnail = request.args.get("signature", ""), request.args.get("thumbnail") == "1"
    path, attachment = find_file(attachment_id, expires, signature, thumbnail=thumbnail)
    mimetype = "image/webp" if thumbnail else attachment.content_type
    shown = request.args.get("inline") == "1" and mimetype.startswith("image/")
    response = send_file(path, mimetype, as_attachment=not shown, download_name=attachment.name, max_age=DAY)
    # What a browser shows a picture with is a page of its own, with a style.
    style = "style-src 'unsafe-inline'; " if shown else ""
    response.headers["Content-Security-Policy"] = f"default-src 'none'; {style}sandbox"
    response.headers["Cache-Control"] = f"private, max-age={DAY}, immutable"
    return _for_every_page(response)


@uploads.get("/avatars/<name>")
def avatar(name: str) -> Response:
    response = send_file(find_avatar(name), "image/webp")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return _for_every_page(response)


def _for_every_page(response: Response) -> Response:
    """The widget shows it in pages of other origins."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
