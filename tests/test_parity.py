"""The same story on every platform: the same events, field by field. README.md's table is what this saw."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.types import now
from tests.cast import Cast, VisitorDoor
from tests.platform_cast import Platform

README = Path(__file__).resolve().parent.parent / "README.md"
DOORS = {"WIDGET": "Website", "FACEBOOK": "Messenger", "INSTAGRAM": "Instagram"}
# What may differ: ids, times, and who and where it is.
OWN = {"id", "conversationId", "contactId", "channelId", "clientId", "psid", "platform", "pageName", "customerName"}
OWN |= {"createdAt", "lastMessageAt", "timestamp", "rev", "canReply", "name", "url"}


@dataclass
class Door:
    """What a customer can do, whatever he writes on."""

    write: Callable[[str], None]
    read: Callable[[], None] | None


def door_of(cast: Cast, name: str) -> Door:
    if name == "WIDGET":
        visitor = cast.visitor()
        return Door(lambda text: _write(visitor, text), lambda: _read(visitor))
    platform = Platform(cast.app, cast.company["companyId"], name.lower())

    def write(text: str) -> None:
        platform.tell(platform.wrap({**platform.said(text), "timestamp": int(now().timestamp() * 1000)}))

    return Door(write, None)


def _write(visitor: VisitorDoor, text: str) -> None:
    assert visitor.send(text).status_code == 201


def _read(visitor: VisitorDoor) -> None:
    visitor.post("/api/widget/read", {"seq": 2})


def story(cast: Cast, name: str) -> list[tuple[str, Any]]:
    """What an agent's socket hears of a conversation, and what the lists say in the end."""
    socket = cast.mate.socket()
    door = door_of(cast, name)
    door.write("Do you ship to Norway?")
    (conversation,) = cast.owner.conversations()
    cast.owner.reply(conversation["id"], "We do!")
    cast.owner.reply(conversation["id"], "Ask Tom", private=True)
    cast.mate.patch(f"/api/conversations/{conversation['id']}", {"status": "RESOLVED"})
    door.write("One more thing")
    heard = socket.heard()
    heard.append(("list", cast.owner.conversation(conversation["id"])))
    heard.append(("history", {"messages": cast.owner.messages(conversation["id"])}))
    return [(event, comparable(payload)) for event, payload in heard]


def comparable(value: Any) -> Any:
    """Without what is a platform's own; a reply leaves at once on the website, and waits for a platform."""
    if isinstance(value, dict):
        return {key: "its own" if key in OWN else comparable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [comparable(inner) for inner in value]
    return "SENT" if value == "QUEUED" else value


@pytest.fixture(scope="module")
def seen() -> dict[str, list[tuple[str, Any]]]:
    return {}


@pytest.mark.parametrize("name", DOORS)
def test_the_same_story_makes_the_same_events(cast: Cast, seen: dict[str, Any], name: str) -> None:
    seen[name] = story(cast, name)
    first = seen["WIDGET"] if "WIDGET" in seen else story(cast, "WIDGET")
    assert [event for event, _ in seen[name]] == [event for event, _ in first]
    for (event, payload), (_, expected) in zip(seen[name], first, strict=True):
        assert payload == expected, event


def test_the_readmes_table_is_what_was_seen(seen: dict[str, Any]) -> None:
    if set(seen) != set(DOORS):
        pytest.skip("needs the tests above")
    assert table(seen) in README.read_text()


def table(seen: dict[str, list[tuple[str, Any]]]) -> str:
    """How often an agent's screen heard each event of the story, by platform."""
    events = list(dict.fromkeys(event for heard in seen.values() for event, _ in heard if ":" in event))
    lines = [f"| | {' | '.join(DOORS.values())} |", f"|---|{'---|' * len(DOORS)}"]
    for event in events:
        counts = [sum(name == event for name, _ in seen[door]) for door in DOORS]
        lines.append(f"| `{event}` | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)
