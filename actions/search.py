"""Full-text search over messages, customers' names and e-mails.

SQLite: the FTS5 tables `message_search` and `contact_search`, kept in step by triggers. PostgreSQL: the
generated `tsvector` columns `search` of both tables. Words match from their beginning; all must be there.
"""

import re
import unicodedata
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
SNIPPET = 160  # characters of a message that a list of hits shows


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


def newest_hits(conversation_ids: list[str], q: str) -> dict[str, dict[str, Any]]:
    """The newest matching message of each conversation: {conversationId: {messageId, seq, text}}. A conversation
    that was found by the customer's name or e-mail alone has none."""
    words = _WORDS.findall(q)
    if not words or not conversation_ids:
        return {}
    newest = (
        select(func.max(Message.number))
        .where(
            Message.conversation_id.in_(conversation_ids),
            Message.role != MessageRole.SYSTEM,
            _matches("message", Message.number, words),
        )
        .group_by(Message.conversation_id)
    )
    query = select(Message.conversation_id, Message.id, Message.seq, Message.text).where(Message.number.in_(newest))
    rows: list[Any] = read_offloaded(lambda connection: list(connection.execute(query)))
    return {
        row.conversation_id: {"messageId": row.id, "seq": row.seq, "text": _around(row.text, words)} for row in rows
    }


def _around(text: str, words: list[str]) -> str:
    """Up to SNIPPET characters of the text, the first match within them."""
    folded = _folded(text)
    found = [match.start() for word in words if (match := re.search(rf"(?<!\w){re.escape(_folded(word))}", folded))]
    begin = max(0, min(found, default=0) - SNIPPET // 4)
    cut = text[begin : begin + SNIPPET]
    return f"{'…' if begin else ''}{' '.join(cut.split())}{'…' if begin + SNIPPET < len(text) else ''}"


def _folded(text: str) -> str:
    """Lower case without accents, as the index compares, each character in its place."""
    return "".join((unicodedata.normalize("NFD", letter)[0].lower() or letter)[0] for letter in text)


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
