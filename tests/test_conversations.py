"""The team's list: order, pages, filters, search, catching up; and changes to one conversation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from actions.conversations import wake_snoozed
from models import Conversation
from store import write
from tests.cast import AgentDoor, Cast, VisitorDoor


def pages(agent: AgentDoor, query: str) -> list[str]:
    """All ids of a list, page by page."""
    ids: list[str] = []
    cursor = ""
    while True:
        page = agent.get(f"/api/conversations?{query}&cursor={cursor}").json
        ids += [row["id"] for row in page["conversations"]]
        if page["nextCursor"] is None:
            return ids
        cursor = page["nextCursor"]


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def write_many(visitor: VisitorDoor, count: int) -> str:
    """The id of a conversation with so many messages of its visitor."""
    conversation_id = visitor.write("1")
    for number in range(2, count + 1):
        visitor.write(str(number))
    return conversation_id


# The list


def test_the_newest_activity_comes_first(cast: Cast) -> None:
    ann, bob = cast.visitor(), cast.visitor()
    first, second = ann.write("One"), bob.write("Two")
    assert ids(cast.owner.conversations()) == [second, first]
    ann.write("Three")
    rows = cast.owner.conversations()
    assert ids(rows) == [first, second]
    assert rows[0]["lastMessage"]["text"] == "Three"
    assert (rows[0]["unreadCount"], rows[0]["messageCount"]) == (2, 2)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_have_no_holes_and_no_doubles(cast: Cast, limit: int) -> None:
    expected = [cast.visitor().write() for _ in range(7)][::-1]
    assert pages(cast.owner, f"limit={limit}") == expected


def test_equal_times_are_paged_too(cast: Cast) -> None:
    expected = sorted((cast.visitor().write() for _ in range(6)), reverse=True)
    with write() as tx:
        tx.session.execute(update(Conversation).values(last_message_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert pages(cast.owner, "limit=2") == expected


def test_filters(cast: Cast) -> None:
    opened, resolved, mine = (cast.visitor().write() for _ in range(3))
    cast.owner.patch(f"/api/conversations/{resolved}", {"status": "RESOLVED", "labels": ["vip"]})
    cast.owner.patch(f"/api/conversations/{mine}", {"assigneeId": cast.owner.agent_id, "status": "PENDING"})
    found = {
        "": {opened, resolved, mine},
        "status=OPEN": {opened},
        "status=OPEN,PENDING": {opened, mine},
        "status=RESOLVED": {resolved},
        "status=SNOOZED": set(),
        "platform=WIDGET": {opened, resolved, mine},
        "platform=FACEBOOK": set(),
        f"channelId={cast.company['channelId']}": {opened, resolved, mine},
        "channelId=other": set(),
        "assignee=me": {mine},
        "assignee=none": {opened, resolved},
        f"assignee={cast.owner.agent_id}": {mine},
        f"assignee={cast.mate.agent_id}": set(),
        "label=vip": {resolved},
        "label=vi": set(),
        "label=vip&status=OPEN": set(),
    }
    assert {query: set(ids(cast.owner.conversations(f"?{query}"))) for query in found} == found
    assert cast.mate.conversations("?assignee=me") == []


def test_a_placeholder_stands_for_an_unknown_name(cast: Cast) -> None:
    cast.visitor().write()
    row = cast.owner.conversations()[0]
    assert row["customerName"]
    assert row["customerEmail"] is None
    assert row["canReply"] == {"allowed": True, "until": None, "reason": None}


# Catching up


def test_changes_come_oldest_first_and_end_at_the_companys_revision(cast: Cast) -> None:
    visitors = [cast.visitor() for _ in range(5)]
    rows = [visitor.write() for visitor in visitors]
    start = cast.owner.get("/api/conversations").json["rev"]
    visitors[1].write("Again")
    cast.owner.reply(rows[3], "A note", private=True)
    visitors[0].write("Again")
    visitors[1].write("And again")
    changes = cast.owner.get(f"/api/conversations?changedAfter={start}").json
    assert ids(changes["conversations"]) == [rows[3], rows[0], rows[1]]
    assert changes["hasMore"] is False
    assert changes["rev"] == cast.owner.get("/api/conversations").json["rev"]
    assert cast.owner.get(f"/api/conversations?changedAfter={changes['rev']}").json["conversations"] == []


def test_changes_are_paged_by_revision(cast: Cast) -> None:
    rows = [cast.visitor().write() for _ in range(5)]
    seen: list[str] = []
    rev, more = 0, True
    while more:
        page = cast.owner.get(f"/api/conversations?changedAfter={rev}&limit=2").json
        seen += ids(page["conversations"])
        rev, more = page["rev"], page["hasMore"]
    assert seen == rows


def test_another_companys_changes_are_not_ours(cast: Cast) -> None:
    cast.visitor(cast.other_company["widgetKey"]).write()
    assert cast.owner.get("/api/conversations?changedAfter=0").json == {
        "conversations": [],
        "rev": 0,
        "hasMore": False,
    }


# Search


def test_search_finds_words_in_messages_names_and_emails(cast: Cast) -> None:
    visitor = cast.visitor()
    found = visitor.write("Where is my brass café bell?", name="Ann Lee", email="ann.lee@shop.example")
    cast.owner.reply(found, "Remember: a regular customer", private=True)
    cast.visitor().write("Something else")
    for q in ("brass", "BRASS", "bra", "bell brass", "Ann", "lee", "ann.lee@shop.example", "ann.lee@sh", "regular"):
        assert ids(cast.owner.conversations(f"?q={q}")) == [found], q
    for q in ("rass", "brass gong", "changed", "", "%20"):
        expected = 2 if not q.strip("%20") else 0
        assert len(cast.owner.conversations(f"?q={q}")) == expected, q
    if cast.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        assert ids(cast.owner.conversations("?q=cafe")) == [found]  # accents are folded


def test_search_does_not_find_activity_lines(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"labels": ["zebra"]})
    assert cast.owner.conversations("?q=zebra") == []


def test_search_never_leaves_the_company(cast: Cast) -> None:
    cast.visitor().write("Our zebra", name="Zebra")
    assert cast.outsider.conversations("?q=zebra") == []


@pytest.mark.parametrize(
    "q",
    [
        '"',
        "'",
        "zebra*",
        "NEAR(a b)",
        "a AND b",
        "text:zebra",
        "-zebra",
        "(",
        "'; DROP TABLE message; --",
        "%",
        "_",
        "🔔",
        "&|!",
    ],
)
def test_search_syntax_is_only_text(cast: Cast, q: str) -> None:
    cast.visitor().write("Hello")
    answer = cast.owner.get("/api/conversations", query_string={"q": q})
    assert (answer.status_code, answer.json["conversations"]) == (200, [])


def test_search_is_ordered_by_the_newest_match_and_paged(cast: Cast) -> None:
    visitors = [cast.visitor() for _ in range(5)]
    rows = [visitor.write(f"zebra {number}") for number, visitor in enumerate(visitors)]
    visitors[0].write("no match, but newer")
    visitors[1].write("zebra again")
    expected = [rows[1], rows[4], rows[3], rows[2], rows[0]]
    assert pages(cast.owner, "q=zebra&limit=2") == expected
    assert pages(cast.owner, "q=zebra&limit=100") == expected
    assert pages(cast.owner, "q=zebra&limit=1&status=RESOLVED") == []


def test_a_changed_name_is_found_and_the_old_one_is_not(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write("Hi", name="Annabel")
    visitor.write("Hi again", name="Beatrix")
    assert ids(cast.owner.conversations("?q=beatrix")) == [conversation_id]
    assert cast.owner.conversations("?q=annabel") == []


# Messages


def test_pages_of_messages(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = write_many(visitor, 7)
    for messages in (
        lambda query: cast.owner.get(f"/api/conversations/{conversation_id}/messages{query}").json,
        lambda query: visitor.get(f"/api/widget/messages{query}").json,
    ):

        def seqs(query: str, messages: Any = messages) -> tuple[list[int], bool]:
            page = messages(query)
            assert page["lastSeq"] == 7
            return [message["seq"] for message in page["messages"]], page["hasMore"]

        assert seqs("") == ([1, 2, 3, 4, 5, 6, 7], False)
        assert seqs("?limit=3") == ([5, 6, 7], True)
        assert seqs("?before=5&limit=3") == ([2, 3, 4], True)
        assert seqs("?before=2&limit=3") == ([1], False)
        assert seqs("?before=1") == ([], False)
        assert seqs("?after=0&limit=3") == ([1, 2, 3], True)
        assert seqs("?after=4&limit=3") == ([5, 6, 7], False)
        assert seqs("?after=7") == ([], False)
        assert seqs("?after=99") == ([], False)


# Reading


def test_reading_moves_unread_counts_and_statuses(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = write_many(visitor, 3)
    read = cast.owner.post(f"/api/conversations/{conversation_id}/read", {"seq": 2})
    assert (read.status_code, read.json["conversation"]["unreadCount"]) == (200, 1)
    assert [message["status"] for message in visitor.messages()] == ["READ", "READ", "SENT"]
    assert cast.owner.post(f"/api/conversations/{conversation_id}/read", {"seq": 1}).json == read.json  # only forward
    assert (
        cast.owner.post(f"/api/conversations/{conversation_id}/read", {"seq": 99}).json["conversation"]["unreadCount"]
        == 0
    )
    assert {message["status"] for message in visitor.messages()} == {"READ"}


def test_reading_is_told_once_for_the_highest_message(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = write_many(visitor, 3)
    agent, outside = cast.mate.socket(), visitor.socket()
    cast.owner.post(f"/api/conversations/{conversation_id}/read", {"seq": 3})
    cast.owner.post(f"/api/conversations/{conversation_id}/read", {"seq": 3})
    heard = agent.heard()
    assert [name for name, _ in heard] == ["conversation:updated", "message:updated"]
    assert heard[0][1]["unreadCount"] == 0
    assert (heard[1][1]["message"]["seq"], heard[1][1]["message"]["status"]) == (3, "READ")
    assert [(name, payload["message"]["seq"]) for name, payload in outside.heard()] == [("message:updated", 3)]


def test_a_reply_is_a_read(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    cast.owner.reply(conversation_id, "A note", private=True)
    assert cast.owner.conversation(conversation_id)["unreadCount"] == 1
    cast.owner.reply(conversation_id)
    assert cast.owner.conversation(conversation_id)["unreadCount"] == 0
    assert visitor.messages()[0]["status"] == "READ"


def test_the_visitors_reading(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    for text in ("One", "Two"):
        cast.owner.reply(conversation_id, text)
    agent, other_tab = cast.owner.socket(), visitor.socket()
    answer = visitor.post("/api/widget/read", {"seq": 2}).json["conversation"]
    assert answer["unreadCount"] == 1
    assert [(name, payload["message"]["seq"]) for name, payload in agent.heard()] == [("message:updated", 2)]
    assert [(name, payload["message"]["status"]) for name, payload in other_tab.heard()] == [
        ("message:updated", "READ")
    ]
    assert [message["status"] for message in cast.owner.messages(conversation_id)] == ["READ", "READ", "SENT"]
    assert visitor.post("/api/widget/read", {"seq": 99}).json["conversation"]["unreadCount"] == 0


def test_delivered_then_read_and_never_back(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    cast.owner.reply(conversation_id)
    socket = visitor.socket()

    def status() -> str:
        return cast.owner.messages(conversation_id)[1]["status"]

    for event, expected in (
        ("message:delivered", "DELIVERED"),
        ("message:read", "READ"),
        ("message:delivered", "READ"),
    ):
        assert socket.send(event, {"conversationId": conversation_id, "seq": 2}) == {"ok": True}
        assert status() == expected


# Changes


def test_lines_say_who_changed_what(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    cast.mate.patch(f"/api/conversations/{conversation_id}", {"assigneeId": cast.mate.agent_id, "autoBot": True})
    cast.mate.patch(f"/api/conversations/{conversation_id}", {"assigneeId": None, "status": "RESOLVED"})
    lines = [message for message in cast.owner.messages(conversation_id) if message["role"] == "SYSTEM"]
    assert sorted(line["text"] for line in lines) == [
        "Mate assigned this to Mate",
        "Mate changed the status from open to resolved",
        "Mate removed the assignment",
        "Mate switched the bot on",
    ]
    assert all(line["author"] is None and line["status"] is None and line["clientId"] is None for line in lines)
    assert {line["meta"]["by"]["name"] for line in lines} == {"Mate"}


def test_a_stranger_cannot_be_assigned(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    answer = cast.owner.patch(f"/api/conversations/{conversation_id}", {"assigneeId": cast.outsider.agent_id})
    assert answer.status_code == 422


def test_a_snooze_ends_by_itself(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    change = {"status": "SNOOZED", "snoozedUntil": until}
    assert cast.owner.patch(f"/api/conversations/{conversation_id}", change).json["conversation"]["status"] == "SNOOZED"
    wake_snoozed()
    assert cast.owner.conversation(conversation_id)["status"] == "SNOOZED"
    with write() as tx:
        tx.session.execute(update(Conversation).values(snoozed_until=datetime(2026, 1, 1, tzinfo=UTC)))
    agent = cast.owner.socket()
    wake_snoozed()
    assert cast.owner.conversation(conversation_id)["status"] == "OPEN"
    assert [name for name, _ in agent.heard()] == ["message:new", "conversation:updated"]
    assert len(cast.owner.messages(conversation_id)) == 3  # the question and two activity lines


def test_a_snooze_may_be_made_longer_and_must_be_in_the_future(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    path = f"/api/conversations/{conversation_id}"
    assert cast.owner.patch(path, {"status": "SNOOZED", "snoozedUntil": "2020-01-01T00:00:00Z"}).status_code == 422
    cast.owner.patch(path, {"status": "SNOOZED", "snoozedUntil": "2090-01-01T00:00:00Z"})
    agent = cast.owner.socket()
    cast.owner.patch(path, {"status": "SNOOZED", "snoozedUntil": "2091-01-01T00:00:00Z"})
    assert [name for name, _ in agent.heard()] == ["message:new", "conversation:updated"]


def test_only_a_failed_message_is_sent_again(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    message = cast.owner.reply(conversation_id).json["message"]
    assert cast.owner.post(f"/api/messages/{message['id']}/retry").status_code == 409
    assert cast.outsider.post(f"/api/messages/{message['id']}/retry").status_code == 404
