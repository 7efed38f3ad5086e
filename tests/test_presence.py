"""Who is there, who types, who looks: told on change, never stored, over after a while."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from actions import live as live_state
from actions import presence, typing
from actions.live import live
from actions.presence import refresh_idle_agents
from extensions import db
from models import ContactIdentity, Message
from serving import sleep
from tests.cast import Cast, Socket


@pytest.fixture(autouse=True)
def at_once(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without the grace period, and with nobody here from another test."""
    monkeypatch.setattr(presence, "GRACE", 0)
    app.extensions.pop("deskbell_live", None)
    yield
    app.extensions.pop("deskbell_live", None)


def told(socket: Socket, event: str) -> list[dict[str, Any]]:
    sleep(0.1)  # what happens "later" happens in other greenlets
    for _ in range(15):
        if found := [payload for name, payload in socket.heard_all() if name == event]:
            return found
        sleep(0.05)
    return []


def leave(socket: Socket) -> None:
    socket.client.disconnect(socket.namespace)


def test_agents_come_and_go_and_colleagues_and_visitors_hear_it(cast: Cast) -> None:
    owner, visitor = cast.owner.socket(), cast.visitor().socket()
    told(visitor, "presence")
    mate = cast.mate.socket()
    [came] = told(owner, "presence")[-1:]
    assert {key: came[key] for key in ("agentId", "online")} == {"agentId": cast.mate.agent_id, "online": True}
    leave(mate)
    assert [(news["agentId"], news["online"]) for news in told(owner, "presence")] == [(cast.mate.agent_id, False)]
    leave(owner)
    assert told(visitor, "presence")[-1]["online"] is False


def test_the_config_tells_whether_the_team_is_there(cast: Cast) -> None:
    config = f"/api/widget/config?widgetKey={cast.company['widgetKey']}"
    assert cast.anyone().get(config).json["online"] is False
    cast.outsider.socket()
    assert cast.anyone().get(config).json["online"] is False
    cast.owner.socket()
    assert cast.anyone().get(config).json["online"] is True


def test_a_second_tab_keeps_an_agent_online(cast: Cast) -> None:
    owner = cast.owner.socket()
    one, _other = cast.mate.socket(), cast.mate.socket()
    told(owner, "presence")
    leave(one)
    assert told(owner, "presence") == []


def test_a_reload_within_the_grace_period_is_not_seen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, mate = cast.owner.socket(), cast.mate.socket()
    told(owner, "presence")
    monkeypatch.setattr(presence, "GRACE", 0.05)
    leave(mate)
    cast.mate.socket()
    sleep(0.1)
    assert told(owner, "presence") == []


def test_an_idle_agent_is_away_until_he_does_something(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation_id = cast.visitor().write()
    owner, mate = cast.owner.socket(), cast.mate.socket()
    told(owner, "presence")
    monkeypatch.setattr(live_state, "IDLE_AFTER", 0.0)
    refresh_idle_agents()
    assert (cast.mate.agent_id, False) in [(news["agentId"], news["online"]) for news in told(owner, "presence")]
    monkeypatch.setattr(live_state, "IDLE_AFTER", 600.0)
    mate.send("conversation:join", {"conversationId": conversation_id})
    assert [(news["agentId"], news["online"]) for news in told(owner, "presence")] == [(cast.mate.agent_id, True)]


def test_a_visitor_who_wrote_is_seen_with_his_page(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    owner = cast.owner.socket()
    socket = visitor.socket()
    [came] = told(owner, "presence")
    assert (came["conversationId"], came["online"], came["page"]) == (conversation_id, True, None)
    assert socket.send("presence:page", {"url": "https://shop.example/a", "title": " Bells\x00 "})["ok"]
    assert told(owner, "presence")[0]["page"] == {"url": "https://shop.example/a", "title": "Bells"}
    leave(socket)
    [gone] = told(owner, "presence")
    assert gone["online"] is False
    seen_at = db.session.scalars(select(ContactIdentity.seen_at).where(ContactIdentity.seen_at.is_not(None))).one()
    assert gone["lastSeenAt"].startswith(seen_at.isoformat()[:19])


def test_of_a_visitor_who_never_wrote_nothing_is_told_or_kept(cast: Cast) -> None:
    owner = cast.owner.socket()
    socket = cast.visitor().socket()
    assert socket.send("presence:page", {"url": "https://shop.example/a"})["ok"]
    leave(socket)
    assert told(owner, "presence") == []
    assert db.session.scalar(select(func.count()).select_from(ContactIdentity)) == 0


def test_typing_reaches_the_other_side_and_the_team_but_not_who_types(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write(name="Ann")
    customer, owner, mate = visitor.socket(), cast.owner.socket(), cast.mate.socket()
    assert owner.send("typing", {"conversationId": conversation_id, "isTyping": True}) == {"ok": True}
    expected = {"conversationId": conversation_id, "authorId": cast.owner.agent_id, "role": "AGENT"}
    for listener in (customer, mate):
        [news] = told(listener, "typing")
        assert news == {**expected, "name": news["name"], "isTyping": True}
    assert told(owner, "typing") == []
    customer.send("typing", {"conversationId": conversation_id, "isTyping": True, "preview": "Secret"})
    [news] = told(owner, "typing")
    assert (news["role"], news["name"], "preview" in news) == ("USER", "Ann", False)
    assert told(customer, "typing") == []
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_the_same_is_not_told_again_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation_id = cast.visitor().write()
    owner, mate = cast.owner.socket(), cast.mate.socket()
    for _ in range(5):
        owner.send("typing", {"conversationId": conversation_id, "isTyping": True})
    owner.send("typing", {"conversationId": conversation_id, "isTyping": False})
    owner.send("typing", {"conversationId": conversation_id, "isTyping": False})
    assert [news["isTyping"] for news in told(mate, "typing")] == [True, False]
    monkeypatch.setattr(typing, "AGAIN_AFTER", 0.0)
    for _ in range(2):
        owner.send("typing", {"conversationId": conversation_id, "isTyping": True})
    assert [news["isTyping"] for news in told(mate, "typing")] == [True, True]


def test_typing_ends_with_the_socket(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    owner, mate = cast.owner.socket(), cast.mate.socket()
    mate.send("typing", {"conversationId": conversation_id, "isTyping": True})
    leave(mate)
    assert [news["isTyping"] for news in told(owner, "typing")] == [True, False]


def test_unsent_text_is_shown_only_where_the_channel_is_switched_to_it(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    cast.switch_channel(sneakPeek=True)
    customer, owner, mate = visitor.socket(), cast.owner.socket(), cast.mate.socket()
    customer.send("typing", {"conversationId": conversation_id, "isTyping": True, "preview": "I was thi" + "n" * 600})
    assert told(owner, "typing")[0]["preview"] == "I was thi" + "n" * 491
    owner.send("typing", {"conversationId": conversation_id, "isTyping": True, "preview": "no"})
    assert "preview" not in told(mate, "typing")[-1]
    assert "preview" not in told(customer, "typing")[-1]


def test_who_else_is_looking(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    owner, mate = cast.owner.socket(), cast.mate.socket()
    owner.send("conversation:join", {"conversationId": conversation_id})
    assert told(owner, "conversation:viewers") == []
    mate.send("conversation:join", {"conversationId": conversation_id})
    [both] = told(owner, "conversation:viewers")
    assert both["conversationId"] == conversation_id
    assert {agent["id"]: agent["isTyping"] for agent in both["agents"]} == {
        cast.owner.agent_id: False,
        cast.mate.agent_id: False,
    }
    mate.send("typing", {"conversationId": conversation_id, "isTyping": True})
    assert {agent["id"]: agent["isTyping"] for agent in told(owner, "conversation:viewers")[0]["agents"]}[
        cast.mate.agent_id
    ]
    leave(mate)
    assert [agent["id"] for agent in told(owner, "conversation:viewers")[-1]["agents"]] == [cast.owner.agent_id]


def test_strangers_cannot_type_or_look(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    other = cast.visitor()
    other.write()
    for stranger in (cast.outsider.socket(), other.socket()):
        answer = stranger.send("typing", {"conversationId": conversation_id, "isTyping": True})
        assert answer["error"]["status"] == 404
    assert live().shared == set()


@pytest.mark.parametrize("payload", [{}, {"isTyping": "yes"}, {"isTyping": None}, {"isTyping": True, "preview": 5}])
def test_bad_typing_is_refused(cast: Cast, payload: dict[str, Any]) -> None:
    conversation_id = cast.visitor().write()
    answer = cast.owner.socket().send("typing", {"conversationId": conversation_id, **payload})
    assert answer["error"]["status"] == 422


@pytest.mark.parametrize("payload", [{"url": 5}, {"url": "x" * 3000}, {"title": ["a"]}, None])
def test_a_bad_page_is_refused(cast: Cast, payload: Any) -> None:
    assert cast.visitor().socket().send("presence:page", payload)["error"]["status"] == 422


def test_who_is_there_is_told_when_asked(cast: Cast) -> None:
    assert cast.owner.get("/api/presence").json == {"contactIds": [], "agentIds": []}
    visitor, silent = cast.visitor(), cast.visitor()
    contact_id = cast.owner.conversation(visitor.write())["contactId"]
    visitor.socket()
    silent.socket()  # has never written: nobody hears of him
    cast.mate.socket()
    cast.outsider.socket()
    present = cast.owner.get("/api/presence").json
    assert present == {"contactIds": [contact_id], "agentIds": [cast.mate.agent_id]}
    assert cast.outsider.get("/api/presence").json["contactIds"] == []
