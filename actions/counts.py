"""How many conversations there are in each view of the inbox."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from extensions import db
from models import Agent, Conversation
from schemas.settings import CountsAnswer

MOST = 1000  # more are not counted: a list shows "999+"


def count_conversations(agent: Agent, statuses: list[str]) -> dict[str, Any]:
    """{counts: {all, mine, unassigned, unread}} of the company's conversations in these statuses."""
    views: dict[str, list[ColumnElement[bool]]] = {
        "all": [],
        "mine": [Conversation.assignee_id == agent.id],
        "unassigned": [Conversation.assignee_id.is_(None)],
        "unread": [Conversation.unread_count > 0],
    }
    base = (Conversation.company_id == agent.company_id, Conversation.status.in_(statuses))
    query = select(*(_capped(*base, *more).label(name) for name, more in views.items()))
    return CountsAnswer().dump({"counts": db.session.execute(query).one()._mapping})


def _capped(*conditions: ColumnElement[bool]) -> Any:
    some: Select[Any] = select(Conversation.id).where(*conditions).limit(MOST)
    return select(func.count()).select_from(some.subquery()).scalar_subquery()
