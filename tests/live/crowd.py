"""Many conversations at once: rows written into the server's SQLite file, as so many visitors would leave them."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from tests.live.server import Company


def add_crowd(file: Path, company: Company, count: int) -> None:
    """`count` open conversations of one message each, "Question 0" the newest, a minute apart; all read."""
    with sqlite3.connect(file, timeout=30) as connection:
        rev = connection.execute("SELECT rev FROM company WHERE id = ?", [company["companyId"]]).fetchone()[0]
        for number in range(count):
            _add(connection, company, number, rev + count - number)
        connection.execute("UPDATE company SET rev = ? WHERE id = ?", [rev + count, company["companyId"]])
    connection.close()


def _add(connection: sqlite3.Connection, company: Company, number: int, rev: int) -> None:
    at = (datetime.now(UTC) - timedelta(minutes=number + 1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    contact, identity, conversation = (str(uuid4()) for _ in range(3))
    ours = {"company_id": company["companyId"], "created_at": at}
    text = f"Question {number}"
    rows = {
        "contact": {**ours, "id": contact, "name": f"Customer {number}", "attributes": "{}"},
        "contact_identity": {
            "id": identity,
            "contact_id": contact,
            "channel_id": company["channelId"],
            "psid": identity,
            "created_at": at,
        },
        "conversation": {
            **ours,
            "id": conversation,
            "channel_id": company["channelId"],
            "contact_id": contact,
            "identity_id": identity,
            "status": "OPEN",
            "auto_bot": 0,
            "labels": json.dumps([]),
            **dict.fromkeys(["last_seq", "message_count", "team_read_seq"], 1),
            **dict.fromkeys(["unread_count", "visitor_unread_count", "visitor_read_seq", "visitor_delivered_seq"], 0),
            "last_message_text": text,
            "last_message_role": "USER",
            "last_message_at": at,
            "rev": rev,
        },
        "message": {
            **ours,
            "id": str(uuid4()),
            "channel_id": company["channelId"],
            "conversation_id": conversation,
            "seq": 1,
            "public_seq": 1,
            "role": "USER",
            "private": 0,
            "text": text,
            "identity_id": identity,
            "client_id": str(uuid4()),
            "meta": "{}",
        },
    }
    for table, values in rows.items():
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))
