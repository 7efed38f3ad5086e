"""Pages of messages, oldest first, for agents and for visitors."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from actions.present import for_agents, for_visitor
from extensions import db
from models import Conversation, Message

NEWEST = 50  # messages that a returning visitor is shown at once


def agent_page(conversation: Conversation, data: dict[str, Any]) -> dict[str, Any]:
    """`data`: before or after (a seq), limit. Returns {messages, hasMore, lastSeq}."""
    messages, has_more = _page(conversation, Message.seq, data)
    return {"messages": list(map(for_agents, messages)), "hasMore": has_more, "lastSeq": conversation.last_seq}


def visitor_page(conversation: Conversation, data: dict[str, Any]) -> dict[str, Any]:
    """The same in the visitor's numbers, and without what is internal."""
    messages, has_more = _page(conversation, Message.public_seq, data)
    return {"messages": list(map(for_visitor, messages)), "hasMore": has_more, "lastSeq": conversation.message_count}


def newest_page(conversation: Conversation) -> list[dict[str, Any]]:
    messages, _ = _page(conversation, Message.public_seq, {"before": None, "after": None, "limit": NEWEST})
    return list(map(for_visitor, messages))


def _page(
    conversation: Conversation, number: InstrumentedAttribute[Any], data: dict[str, Any]
) -> tuple[list[Message], bool]:
    """Messages of one page, and whether there are more in the direction of the paging."""
    query = select(Message).where(Message.conversation_id == conversation.id, number.is_not(None))
    if data["after"] is not None:
        query = query.where(number > data["after"]).order_by(number.asc())
    else:
        query = query.order_by(number.desc())
    if data["before"] is not None:
        query = query.where(number < data["before"])
    rows = list(db.session.scalars(query.limit(data["limit"] + 1)))
    page, has_more = rows[: data["limit"]], len(rows) > data["limit"]
    return (page if data["after"] is not None else page[::-1]), has_more
