"""Full-text search over messages, customers' names and e-mails.

SQLite: the FTS5 tables `message_search` and `contact_search`, kept in step by triggers. PostgreSQL: the
generated `tsvector` columns `search` of both tables. Words match from their beginning; all must be there.
"""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    column,
    func,
    literal,
    literal_column,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from extensions import db
from models import Contact, Conversation, Message
from models.enums import MessageRole
from models.types import UtcDateTime
from schemas.cursor import Key
from store import read_offloaded

_WORDS = re.compile(r"\w+")


def search_page(
    filters: list[ColumnElement[bool]], company_id: str, q: str, after: Key | None, limit: int
) -> tuple[list[Conversation], Key | None]:
    """Conversations that match, by their newest matching message; a match of the customer's name or e-mail
    counts as one at the last message. Returns the rows and the key of the next page."""
    words = _WORDS.findall(q)
    if not words:
        return [], None
    query = _hits(filters, company_id, words, after, limit + 1)
    hits: list[Key] = read_offloaded(lambda connection: _fetch(connection, query))
    page = hits[:limit]
    found = db.session.scalars(select(Conversation).where(Conversation.id.in_([key[1] for key in page])))
    rows = {row.id: row for row in found}
    return [rows[key[1]] for key in page if key[1] in rows], page[-1] if len(hits) > limit else None


def _fetch(connection: Connection, query: Select[Any]) -> list[tuple[datetime, str]]:
    return [(row.at, row.conversation_id) for row in connection.execute(query)]


def _hits(
    filters: list[ColumnElement[bool]], company_id: str, words: list[str], after: Key | None, limit: int
) -> Select[Any]:
    in_messages = select(Message.conversation_id.label("conversation_id"), Message.created_at.label("at")).where(
        Message.company_id == company_id, Message.role != MessageRole.SYSTEM, _matches("message", Message.number, words)
    )
    in_contacts = (
        select(Conversation.id.label("conversation_id"), Conversation.last_message_at.label("at"))
        .join(Contact, Conversation.contact_id == Contact.id)
        .where(Contact.company_id == company_id, _matches("contact", Contact.number, words))
    )
    matches = union_all(in_messages, in_contacts).subquery()
    newest = func.max(matches.c.at, type_=UtcDateTime()).label("at")
    query = (
        select(matches.c.conversation_id, newest)
        .join(Conversation, Conversation.id == matches.c.conversation_id)
        .where(*filters)
        .group_by(matches.c.conversation_id)
        .order_by(newest.desc(), matches.c.conversation_id.desc())
        .limit(limit)
    )
    if after is None:
        return query
    seen = tuple_(literal(after[0], UtcDateTime()), literal(after[1]))
    return query.having(tuple_(func.max(matches.c.at), matches.c.conversation_id) < seen)


def _matches(table: str, row_number: InstrumentedAttribute[int], words: list[str]) -> ColumnElement[bool]:
    """Words are \\w only, so that nothing in them is query syntax; quoted all the same."""
    if db.engine.dialect.name == "postgresql":
        query = " & ".join(f"'{word}':*" for word in words)
        return literal_column(f"{table}.search").op("@@", is_comparison=True)(func.to_tsquery("simple", query))
    query = " ".join(f'"{word}"*' for word in words)
    index = text(f"SELECT rowid FROM {table}_search WHERE {table}_search MATCH :query").bindparams(query=query)  # noqa: S608
    return row_number.in_(index.columns(column("rowid")))
