"""The team's list of conversations, and changes to one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, exists, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from actions.access import access_conversation
from actions.announce import announce_change
from actions.messages import add_system_line
from actions.search import newest_hits, search_page
from errors import Invalid
from extensions import db
from models import Agent, Company, Conversation
from models.enums import ConversationStatus
from models.types import now
from schemas.agent import AgentShape, ConversationPage, ConversationShape
from schemas.base import moment_text
from schemas.cursor import encode_cursor
from store import Transaction, write

_STATUS_WORDS = {"OPEN": "open", "PENDING": "pending", "SNOOZED": "snoozed", "RESOLVED": "resolved"}


def list_conversations(agent: Agent, data: dict[str, Any]) -> dict[str, Any]:
    """A page of the company's conversations, newest activity first; with `q` by newest matching message.

    `rev` is read before the rows: whatever changes meanwhile is above it.
    """
    rev = _company_rev(agent)
    filters = _filters(agent, data)
    hits: dict[str, Any] = {}
    if data["q"]:
        rows, next_key = search_page(filters, agent.company_id, data["q"], data["cursor"], data["limit"])
        hits = {"hits": newest_hits([row.id for row in rows], data["q"])}
    else:
        rows, next_key = _activity_page(filters, data["cursor"], data["limit"])
    cursor = encode_cursor(next_key) if next_key else None
    return {**ConversationPage().dump({"conversations": rows, "rev": rev, "next_cursor": cursor}), **hits}


def list_changes(agent: Agent, changed_after: int, limit: int) -> dict[str, Any]:
    """What changed after a revision, oldest change first. Ask again with the answer's `rev` while `hasMore`."""
    rev = _company_rev(agent)
    query = (
        select(Conversation)
        .where(Conversation.company_id == agent.company_id, Conversation.rev > changed_after)
        .order_by(Conversation.rev)
        .limit(limit + 1)
    )
    rows = list(db.session.scalars(query))
    page, has_more = rows[:limit], len(rows) > limit
    rev = page[-1].rev if has_more else max([rev, *(row.rev for row in page)])
    return ConversationPage().dump({"conversations": page, "rev": rev, "has_more": has_more})


def describe(conversation: Conversation) -> dict[str, Any]:
    return {"conversation": ConversationShape().dump(conversation)}


def patch_conversation(agent: Agent, conversation_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """Change status, snooze, assignee, bot or labels: one SYSTEM line each. No change writes nothing."""
    with write() as tx:
        conversation = access_conversation(agent, conversation_id, tx.session, lock=True)
        _check_snooze(conversation, data)
        changed: list[str] = []
        for field, change in _CHANGES.items():
            if field in data and (line := change(tx, conversation, data)):
                text, meta = line
                author = {"id": agent.id, "name": agent.name}
                changed.append(meta["field"])
                add_system_line(tx, conversation, f"{agent.name} {text}", {**meta, "by": author})
        if changed:
            announce_change(tx, conversation, (*changed, "lastSeq"))
        return describe(conversation)


def wake_snoozed() -> None:
    """Open again what was snoozed until a moment that has come."""
    due = select(Conversation.id).where(Conversation.snoozed_until <= now())
    for conversation_id in db.session.scalars(due).all():
        with write() as tx:
            query = select(Conversation).where(Conversation.id == conversation_id, Conversation.snoozed_until <= now())
            if conversation := tx.session.scalar(query.with_for_update(of=Conversation)):
                _wake(tx, conversation)


def _wake(tx: Transaction, conversation: Conversation) -> None:
    conversation.reopen()
    meta = {"field": "status", "from": ConversationStatus.SNOOZED, "to": ConversationStatus.OPEN, "by": None}
    add_system_line(tx, conversation, "The snooze is over", meta)
    announce_change(tx, conversation, ("status", "lastSeq"))


def _company_rev(agent: Agent) -> int:
    return db.session.scalars(select(Company.rev).where(Company.id == agent.company_id)).one()


def _activity_page(
    filters: list[ColumnElement[bool]], after: tuple[datetime, str] | None, limit: int
) -> tuple[list[Conversation], tuple[datetime, str] | None]:
    query: Select[Conversation] = select(Conversation).where(*filters)
    if after is not None:
        query = query.where(tuple_(Conversation.last_message_at, Conversation.id) < tuple_(*after))
    query = query.order_by(Conversation.last_message_at.desc(), Conversation.id.desc()).limit(limit + 1)
    rows = list(db.session.scalars(query))
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], (last.last_message_at, last.id)


def _filters(agent: Agent, data: dict[str, Any]) -> list[ColumnElement[bool]]:
    filters = [Conversation.company_id == agent.company_id]
    if data["status"]:
        filters.append(Conversation.status.in_(data["status"]))
    if data["platform"]:
        filters.append(Conversation.channel.has(platform=data["platform"]))
    if data["channel_id"]:
        filters.append(Conversation.channel_id == data["channel_id"])
    if data["assignee"] == "none":
        filters.append(Conversation.assignee_id.is_(None))
    elif data["assignee"]:
        filters.append(Conversation.assignee_id == (agent.id if data["assignee"] == "me" else data["assignee"]))
    if data["label"]:
        filters.append(_has_label(data["label"]))
    return filters


def _has_label(label: str) -> ColumnElement[bool]:
    if db.engine.dialect.name == "postgresql":
        return cast(Conversation.labels, JSONB).contains([label])
    each = func.json_each(Conversation.labels).table_valued("value")
    return exists(select(1).select_from(each).where(each.c.value == label))


def _check_snooze(conversation: Conversation, data: dict[str, Any]) -> None:
    until = data.get("snoozed_until")
    if until is None:
        return
    if data.get("status", conversation.status) != ConversationStatus.SNOOZED:
        raise Invalid({"snoozedUntil": ["Only with status SNOOZED."]})
    if until <= now():
        raise Invalid({"snoozedUntil": ["Must be in the future."]})


Line = tuple[str, dict[str, Any]] | None  # what the SYSTEM line says, and its meta; None: nothing changed


def _change_status(_: Transaction, conversation: Conversation, data: dict[str, Any]) -> Line:
    before, after = conversation.status, data["status"]
    if before == after:
        return None
    conversation.status = after
    if after != ConversationStatus.SNOOZED:
        conversation.snoozed_until = None
    text = f"changed the status from {_STATUS_WORDS[before]} to {_STATUS_WORDS[after]}"
    return text, {"field": "status", "from": before, "to": after, **_until(conversation)}


def _change_snooze(_: Transaction, conversation: Conversation, data: dict[str, Any]) -> Line:
    before, after = conversation.snoozed_until, data["snoozed_until"]
    if before == after:
        return None
    conversation.snoozed_until = after
    if {conversation.status, data.get("status", ConversationStatus.SNOOZED)} != {ConversationStatus.SNOOZED}:
        return None  # the line about the status says it
    meta = {"field": "status", "from": "SNOOZED", "to": "SNOOZED", **_until(conversation)}
    return "changed how long this is snoozed", meta


def _until(conversation: Conversation) -> dict[str, str]:
    """When a snooze ends, for the line that tells of it."""
    return {"until": moment_text(conversation.snoozed_until)} if conversation.snoozed_until else {}


def _change_assignee(tx: Transaction, conversation: Conversation, data: dict[str, Any]) -> Line:
    before, assignee = conversation.assignee, None
    if data["assignee_id"] is not None:
        assignee = tx.session.scalar(
            select(Agent).where(
                Agent.id == data["assignee_id"],
                Agent.company_id == conversation.company_id,
                Agent.removed_at.is_(None),
            )
        )
        if assignee is None:
            raise Invalid({"assigneeId": ["No such agent."]})
    if before is assignee:
        return None
    conversation.assignee = assignee
    text = f"assigned this to {assignee.name}" if assignee else "removed the assignment"
    shape = AgentShape(only=("id", "name"))
    return text, {"field": "assignee", "from": before and shape.dump(before), "to": assignee and shape.dump(assignee)}


def _change_bot(_: Transaction, conversation: Conversation, data: dict[str, Any]) -> Line:
    before, after = conversation.auto_bot, data["auto_bot"]
    if before == after:
        return None
    conversation.auto_bot = after
    return f"switched the bot {'on' if after else 'off'}", {"field": "autoBot", "from": before, "to": after}


def _change_labels(_: Transaction, conversation: Conversation, data: dict[str, Any]) -> Line:
    before, after = conversation.labels, list(dict.fromkeys(data["labels"]))
    if before == after:
        return None
    conversation.labels = after
    text = f"set the labels to {', '.join(after)}" if after else "removed the labels"
    return text, {"field": "labels", "from": before, "to": after}


_CHANGES: dict[str, Callable[[Transaction, Conversation, dict[str, Any]], Line]] = {
    "snoozed_until": _change_snooze,  # before the status: it asks what that was
    "status": _change_status,
    "assignee_id": _change_assignee,
    "auto_bot": _change_bot,
    "labels": _change_labels,
}
