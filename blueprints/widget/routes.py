"""The visitor's door: /widget.js and /api/widget/*. Cross-origin, with a bearer token, without cookies."""

from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import FileStorage

from actions.access import access_own_conversation, access_widget
from actions.attachments import upload_by_visitor
from actions.channels import note_installation
from actions.history import visitor_page
from actions.identity import Visitor
from actions.messages import send_visitor_message
from actions.reading import read_by_visitor
from actions.visitors import list_own, public_config, recognise, resume
from blueprints.assets import build_id, loader_source
from blueprints.endpoint import endpoint
from blueprints.guard import check_origin
from blueprints.limits import by_address, by_visitor, uploads_of_address, uploads_of_visitor
from blueprints.uploads import with_file
from errors import NotFound
from schemas.agent import AttachmentAnswer, ReadUpTo
from schemas.visitor import (
    ConfigQuery,
    InitAnswer,
    ListVisitorMessages,
    SendVisitorMessage,
    SentAnswer,
    StartVisit,
    VisitorConversationAnswer,
    VisitorConversationList,
    VisitorMessagePage,
    WidgetConfigShape,
)

widget = Blueprint("widget", __name__)

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@widget.get("/widget.js")
def loader() -> Response:
    """The script of a site owner's snippet. Short-lived; what it loads is immutable."""
    response = Response(loader_source(), mimetype="text/javascript")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(build_id())
    return response.make_conditional(request)


@widget.get("/api/widget/config")
@by_address
@endpoint("A widget's public settings", query=ConfigQuery, answers={200: WidgetConfigShape}, problems=(403, 404))
def config(data: dict[str, Any]) -> Answer:
    channel = access_widget(data["widget_key"])
    check_origin(channel)
    note_installation(channel, request.headers.get("Origin"), check=data["check"] == "1")
    return public_config(channel)


@widget.post("/api/widget/init")
@by_address
@endpoint(
    "Start a visit, with or without a message",
    body=StartVisit,
    answers={200: InitAnswer, 201: InitAnswer},
    problems=(403, 404),
)
def init(data: dict[str, Any]) -> Answer:
    channel = access_widget(data["widget_key"])
    check_origin(channel)
    note_installation(channel, request.headers.get("Origin"), check=False)
    visitor = recognise(channel, data)
    begins = "message" in data and _send_first(visitor, data)
    return {**resume(visitor, data), "config": public_config(channel)}, 201 if begins else 200


@widget.post("/api/widget/messages")
@by_address
@by_visitor
@endpoint("Send a message", body=SendVisitorMessage, answers={201: SentAnswer, 200: SentAnswer}, problems=(401, 403))
def send(data: dict[str, Any]) -> Answer:
    sent = send_visitor_message(g.visitor, data, request.user_agent.string)
    return sent.payload, 201 if sent.created else 200


@widget.post("/api/widget/attachments")
@uploads_of_address
@uploads_of_visitor
@endpoint("Upload a file, to be sent with a message", upload=True, answers={201: AttachmentAnswer}, problems=(401, 403))
@with_file
def upload(file: FileStorage) -> Answer:
    return upload_by_visitor(g.visitor, g.channel, file.stream, file.filename or ""), 201


@widget.get("/api/widget/messages")
@endpoint("A page of messages", query=ListVisitorMessages, answers={200: VisitorMessagePage}, problems=(401, 403, 404))
def messages(data: dict[str, Any]) -> Answer:
    try:
        conversation = access_own_conversation(g.visitor, data["conversation_id"])
    except NotFound:
        if data["conversation_id"] is not None:
            raise
        return {"messages": [], "hasMore": False, "lastSeq": 0}  # he has not written yet
    return visitor_page(conversation, data)


@widget.get("/api/widget/conversations")
@endpoint("The visitor's own conversations", answers={200: VisitorConversationList}, problems=(401, 403))
def conversations() -> Answer:
    return list_own(g.visitor)


@widget.post("/api/widget/read")
@endpoint(
    "Mark as read by the visitor",
    body=ReadUpTo,
    answers={200: VisitorConversationAnswer},
    problems=(401, 403, 404),
)
def read(data: dict[str, Any]) -> Answer:
    return read_by_visitor(g.visitor, data["seq"])


def _send_first(visitor: Visitor, data: dict[str, Any]) -> bool:
    message = {**data, "text": data["message"], "attachment_ids": [], "reply_to": None, "new_conversation": False}
    return send_visitor_message(visitor, message, request.user_agent.string).begins
