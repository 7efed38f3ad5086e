"""docs/events.md shows an example of each event: it has exactly the keys that are really sent."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from actions import presence
from serving import sleep
from tests.cast import Cast

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "events.md"
EXAMPLE = re.compile(r"^`([a-z:-]+)`, to (agents|the visitor):\n\n```json\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
EVENTS = {
    "agents": [
        "conversation:new",
        "message:new",
        "conversation:view-update",
        "conversation:updated",
        "message:updated",
        "typing",
        "presence",
        "conversation:viewers",
    ],
    "the visitor": ["message:new", "conversation:updated", "message:updated", "typing", "presence"],
}


def examples() -> dict[tuple[str, str], Any]:
    return {(name, whom): json.loads(text) for name, whom, text in EXAMPLE.findall(DOCUMENT.read_text("utf-8"))}


def keys_of(value: Any) -> Any:
    """The shape of a payload: its keys, of every object in it; of a list its first item's."""
    if isinstance(value, dict):
        return {key: keys_of(inner) for key, inner in value.items()}
    return [keys_of(value[0])] if isinstance(value, list) and value else type(value).__name__


def alike(shown: Any, sent: Any) -> bool:
    """Null and an empty list stand for any value."""
    if "NoneType" in (shown, sent) or "list" in (shown, sent):
        return True
    if isinstance(shown, dict) and isinstance(sent, dict):
        return shown.keys() == sent.keys() and all(alike(shown[key], sent[key]) for key in shown)
    if isinstance(shown, list) and isinstance(sent, list):
        return alike(shown[0], sent[0])
    return bool(shown == sent)


@pytest.fixture
def sent(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], Any]:
    """The first payload of each event, as each side heard it."""
    monkeypatch.setattr(presence, "GRACE", 0)
    cast.app.extensions.pop("deskbell_live", None)
    agent, visitor = cast.owner.socket(), cast.visitor()
    socket = visitor.socket()
    conversation_id = visitor.write("Do you ship to Norway?", name="Ann Lee", email="ann@example.com")
    heard: dict[tuple[str, str], Any] = {}

    def listen() -> None:
        sleep(0.1)
        for whom, who in (("agents", agent), ("the visitor", socket)):
            for name, payload in who.heard_all():
                heard.setdefault((name, whom), payload)

    listen()
    mate = cast.mate.socket()
    for who in (agent, mate):
        assert who.send("conversation:join", {"conversationId": conversation_id})["ok"]
    listen()
    for who, other in ((socket, "typing"), (mate, "typing")):
        assert who.send(other, {"conversationId": conversation_id, "isTyping": True})["ok"]
    cast.mate.reply(conversation_id, "We do!")
    assert socket.send("message:read", {"conversationId": conversation_id, "seq": 2})["ok"]
    cast.mate.patch(f"/api/conversations/{conversation_id}", {"status": "RESOLVED"})
    listen()
    cast.app.extensions.pop("deskbell_live", None)
    return heard


def test_every_event_has_an_example_and_it_is_right(sent: dict[tuple[str, str], Any]) -> None:
    shown = examples()
    expected = {(name, whom) for whom, names in EVENTS.items() for name in names}
    assert set(shown) == expected
    for key in sorted(expected):
        assert alike(keys_of(shown[key]), keys_of(sent[key])), (key, shown[key], sent[key])


def test_unlike_payloads_are_noticed() -> None:
    assert not alike(keys_of({"a": 1}), keys_of({"a": 1, "b": 2}))
    assert not alike(keys_of({"a": [{"b": 1}]}), keys_of({"a": [{"c": 1}]}))
    assert not alike(keys_of({"a": "text"}), keys_of({"a": 1}))
    assert alike(keys_of({"a": None, "b": []}), keys_of({"a": "text", "b": [{"c": 1}]}))
