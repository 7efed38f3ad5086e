"""Storing a message is announcing it: which events, in which order, with which payload, to whom."""

import time
from typing import Any

import pytest
from structlog.testing import capture_logs

import emit
import serving
import store
from extensions import socketio
from tests.cast import Cast

FOLLOWING = ["message:new", "conversation:view-update", "conversation:updated"]


def names(heard: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [name for name, _ in heard]


def test_first_message_is_told_in_four_events(cast: Cast) -> None:
    agent, visitor = cast.owner.socket(), cast.visitor()
    conversation_id = visitor.write("Do you ship bells?")
    heard = agent.heard()
    assert names(heard) == ["conversation:new", *FOLLOWING]
    new, message, view, updated = [payload for _, payload in heard]
    row = cast.owner.conversation(conversation_id)
    stored = cast.owner.messages(conversation_id)[0]
    assert new == {"conversation": row, "rev": row["rev"]}
    assert message == {"message": stored, "conversation": row, "rev": row["rev"]}
    assert view.pop("timestamp").endswith("Z")
    assert view == {
        "conversationId": conversation_id,
        "type": "new_message",
        "message": {"text": "Do you ship bells?", "role": "USER", "createdAt": stored["createdAt"]},
        "lastMessageAt": stored["createdAt"],
        "rev": row["rev"],
    }
    always = {key: row[key] for key in ("lastMessageAt", "messageCount", "unreadCount", "status", "rev")}
    assert updated.items() >= {"conversationId": conversation_id, **always}.items()
    assert (row["messageCount"], row["unreadCount"], row["lastSeq"]) == (1, 1, 1)


@pytest.mark.parametrize("author", ["visitor", "agent"])
def test_later_messages_are_told_in_three_events(cast: Cast, author: str) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    agent = cast.mate.socket()
    if author == "visitor":
        visitor.write("And gongs?")
    else:
        cast.owner.post(f"/api/conversations/{conversation_id}/read", {"seq": 1})
        agent.heard()
        cast.mate.reply(conversation_id)
    assert names(agent.heard()) == FOLLOWING


def test_a_reply_to_something_unread_tells_that_it_is_read(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    visitor.write("Again")
    agent, outside = cast.owner.socket(), visitor.socket()
    cast.mate.reply(conversation_id)
    cast.mate.reply(conversation_id)
    heard = agent.heard()
    assert names(heard) == [*FOLLOWING, "message:updated", *FOLLOWING]
    assert (heard[3][1]["message"]["seq"], heard[3][1]["message"]["status"]) == (2, "READ")
    assert names(outside.heard()) == ["message:new", "message:updated", "message:new"]


def test_a_socket_in_both_rooms_hears_a_message_once(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    agent = cast.owner.socket()
    assert agent.send("conversation:join", {"conversationId": conversation_id})["ok"]
    visitor.write("Second")
    assert names(agent.heard()) == FOLLOWING


def test_another_company_hears_nothing(cast: Cast) -> None:
    outsider = cast.outsider.socket()
    conversation_id = cast.visitor().write()
    cast.owner.reply(conversation_id)
    assert outsider.heard() == []


def test_another_visitor_hears_nothing(cast: Cast) -> None:
    other = cast.visitor()
    other.write()
    socket = other.socket()
    cast.owner.reply(cast.visitor().write())
    assert socket.heard() == []


def test_the_visitor_hears_in_his_own_shape(cast: Cast) -> None:
    visitor = cast.visitor()
    socket = visitor.socket()
    conversation_id = visitor.write("First")
    cast.owner.reply(conversation_id, "A note", private=True)
    cast.owner.reply(conversation_id, "An answer")
    heard = socket.heard()
    assert names(heard) == ["message:new", "message:new", "message:updated"]
    answer = heard[1][1]
    assert set(answer["message"]) == {
        "id", "conversationId", "seq", "clientId", "role", "text", "createdAt", "status", "author",
        "attachments", "replyTo", "meta",
    }  # fmt: skip
    assert set(answer["message"]["author"]) == {"name", "avatarUrl"}
    assert set(answer["conversation"]) == {
        "id", "status", "unreadCount", "messageCount", "lastSeq", "lastMessageAt", "createdAt", "assignee",
    }  # fmt: skip
    assert (answer["message"]["seq"], answer["conversation"]["lastSeq"]) == (2, 2)  # the note is not counted
    assert answer["conversation"]["unreadCount"] == 1


def test_a_note_is_told_to_agents_only_and_moves_nothing(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    before = cast.owner.conversation(conversation_id)
    agent, outside = cast.mate.socket(), visitor.socket()
    cast.owner.reply(conversation_id, "He is a regular", private=True)
    assert names(agent.heard()) == ["message:new"]
    assert outside.heard() == []
    after = cast.owner.conversation(conversation_id)
    assert (after.pop("lastSeq"), before.pop("lastSeq")) == (2, 1)
    assert after.pop("rev") > before.pop("rev")
    assert after == before


def test_a_change_writes_one_line_a_field_and_tells_the_new_values(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    agent, outside = cast.owner.socket(), visitor.socket()
    change = {"status": "RESOLVED", "assigneeId": cast.mate.agent_id, "labels": ["vip", "vip", "bells"]}
    answer = cast.owner.patch(f"/api/conversations/{conversation_id}", change).json["conversation"]
    heard = agent.heard()
    assert names(heard) == ["message:new"] * 3 + ["conversation:updated"]
    assert {payload["message"]["role"] for _, payload in heard[:3]} == {"SYSTEM"}
    updated = heard[3][1]
    assert (updated["status"], updated["labels"]) == ("RESOLVED", ["vip", "bells"])
    assert updated["assignee"] == answer["assignee"]
    assert updated["rev"] == answer["rev"]
    told = {"conversationId": conversation_id, "status": "RESOLVED", "assignee": {"name": "Mate", "avatarUrl": None}}
    assert outside.heard() == [("conversation:updated", told)]


def test_no_change_is_no_news(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    agent = cast.owner.socket()
    before = cast.owner.conversation(conversation_id)
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"status": "OPEN", "labels": [], "assigneeId": None})
    assert cast.owner.conversation(conversation_id) == before
    assert agent.heard() == []


def test_a_customers_message_reopens_and_tells_so(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"status": "RESOLVED"})
    agent, outside = cast.owner.socket(), visitor.socket()
    visitor.write("One more thing")
    heard = agent.heard()
    assert names(heard) == FOLLOWING
    assert heard[2][1]["status"] == "OPEN"
    assert names(outside.heard()) == ["message:new", "conversation:updated"]


def test_a_rollback_is_not_announced(cast: Cast) -> None:
    agent = cast.owner.socket()
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.emit("message:new", {}, company=cast.company["companyId"], conversation="c")
        _ = 1 / 0
    serving.sleep(0)
    assert agent.heard() == []


def test_only_documented_events_can_be_sent(cast: Cast) -> None:
    with pytest.raises(ValueError), store.write() as tx:
        tx.emit("message:invented", {}, company="c", conversation="c")


def test_a_failing_socket_layer_fails_no_request(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("no transport")

    visitor = cast.visitor()
    monkeypatch.setattr(socketio, "emit", broken)
    conversation_id = visitor.write("Kept")
    assert emit.counts["failed"] == 5  # four to agents, one to the visitor
    assert [message["text"] for message in cast.owner.messages(conversation_id)] == ["Kept"]


def test_a_hanging_socket_layer_slows_no_request(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hung = []

    def hang(*args: Any, **kwargs: Any) -> None:
        hung.append(args[0])
        serving.sleep(60)

    visitor = cast.visitor()
    visitor.write("Before")
    monkeypatch.setattr(socketio, "emit", hang)
    monkeypatch.setattr(store, "EMIT_TIMEOUT", 0.05)
    begun = time.monotonic()
    visitor.write("While it hangs")
    assert hung == ["message:new"]  # the request was answered while the first event still hung
    assert time.monotonic() - begun < 30
    while emit.counts["failed"] < 4:
        serving.sleep(0.02)
    assert hung == ["message:new", "message:new", "conversation:view-update", "conversation:updated"]


def test_log_lines_say_where_but_not_what(cast: Cast) -> None:
    with capture_logs() as lines:
        conversation_id = cast.visitor().write("The secret text")
    sent = [line for line in lines if line["event"] == "event_sent"]
    assert [line["event_name"] for line in sent if line["namespace"] == "/agent"] == ["conversation:new", *FOLLOWING]
    assert {(line["conversation"], line["company"]) for line in sent} == {(conversation_id, cast.company["companyId"])}
    assert all(line["request_id"] for line in sent)
    assert "The secret text" not in str(lines)
