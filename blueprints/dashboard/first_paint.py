"""What the inbox shows before its script runs: the first page of the list that this browser chose last."""

from typing import Any

from flask import request

from actions.conversations import list_conversations
from actions.counts import count_conversations
from blueprints.endpoint import load
from models import Agent
from models.enums import ConversationStatus
from schemas.agent import ListConversations

COOKIE = "deskbell_list"  # "mine.open": written by static/dashboard/feed.js
VIEWS = {"mine": "me", "unassigned": "none", "all": ""}
STATUSES = {"open": "OPEN,PENDING", "snoozed": "SNOOZED", "resolved": "RESOLVED", "all": ",".join(ConversationStatus)}
WAITING = STATUSES["open"].split(",")
PAGE = 30
TINTS = 8


def first_list(agent: Agent) -> dict[str, Any]:
    """{view, status, conversations, nextCursor, rev, counts, waiting}"""
    view, status = _chosen()
    query = load(ListConversations(), {"status": STATUSES[status], "assignee": VIEWS[view], "limit": str(PAGE)})
    return {
        "view": view,
        "status": status,
        **list_conversations(agent, query),
        **count_conversations(agent, STATUSES[status].split(",")),
        "waiting": count_conversations(agent, WAITING)["counts"]["unread"],
    }


def _chosen() -> tuple[str, str]:
    view, _, status = request.cookies.get(COOKIE, "").partition(".")
    return view if view in VIEWS else "all", status if status in STATUSES else "open"


def initials(name: str) -> str:
    """As in static/dashboard/people.js: "Ada Lovelace" is "AL"."""
    words = name.split() or [""]
    letters = (words[0], words[-1]) if len(words) > 1 else (words[0],)
    return "".join(word[:1] for word in letters).upper()


def tint(text: str) -> int:
    """As in static/dashboard/people.js: which of the colours somebody's initials have."""
    total = 0
    for letter in text:
        total = (total * 31 + ord(letter)) % 9973
    return total % TINTS
