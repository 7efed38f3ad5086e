"""A message as JSON, in either shape: the only place that makes it, so that no answer and no event differs."""

from typing import Any

from actions.attachments import signed_url
from models import Message
from schemas.agent import MessageShape
from schemas.visitor import VisitorMessageShape

_for_agents = MessageShape()
_for_visitor = VisitorMessageShape()


def for_agents(message: Message) -> dict[str, Any]:
    return _with_urls(_for_agents.dump(message), message)


def for_visitor(message: Message) -> dict[str, Any]:
    return _with_urls(_for_visitor.dump(message), message)


def _with_urls(payload: dict[str, Any], message: Message) -> dict[str, Any]:
    for shape, attachment in zip(payload["attachments"], message.attachments, strict=True):
        shape["url"] = signed_url(attachment, message.conversation_id)
    return payload
