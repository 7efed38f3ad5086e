"""Channels, company, contacts and counts: who may change them, what is valid, what two who change at once see."""

from typing import Any

import pytest
from sqlalchemy import select

from actions.conversations import wake_snoozed
from extensions import db
from models import Channel, Contact
from serving import sleep
from tests.cast import Cast, Door


def channel_of(door: Door) -> dict[str, Any]:
    channel: dict[str, Any] = door.get("/api/channels").json["channels"][0]
    return channel


def change(cast: Cast, **settings: Any) -> Any:
    channel = channel_of(cast.owner)
    return cast.owner.patch(f"/api/channels/{channel['id']}", {"version": channel["version"], "settings": settings})


def config(cast: Cast, **headers: str) -> dict[str, Any]:
    answer = cast.anyone().get(f"/api/widget/config?widgetKey={cast.company['widgetKey']}", headers=headers)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def contact_of(cast: Cast, conversation_id: str) -> dict[str, Any]:
    contact_id = cast.owner.conversation(conversation_id)["contactId"]
    contact: dict[str, Any] = cast.mate.get(f"/api/contacts/{contact_id}").json["contact"]
    return contact


# Who may


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/company"),
        ("POST", "/api/channels"),
        ("GET", "/api/channels/{channel}"),
        ("PATCH", "/api/channels/{channel}"),
        ("POST", "/api/channels/{channel}/identity-secret"),
    ],
)
def test_only_admins_change_settings(cast: Cast, method: str, path: str) -> None:
    path = path.format(channel=cast.company["channelId"])
    body = {"version": 1, "name": "Mine"} if method != "GET" else None
    assert cast.mate(method, path, body).status_code == 403
    if "{" not in path and "channels/" in path:
        assert cast.outsider(method, path, body).status_code == 404
    assert channel_of(cast.owner)["name"] == "Bells & Sons"


def test_every_agent_sees_the_channels_but_no_secret(cast: Cast) -> None:
    channel = channel_of(cast.mate)
    assert channel["widgetKey"] == cast.company["widgetKey"]
    assert f'data-key="{cast.company["widgetKey"]}"' in channel["snippet"]
    secret = cast.owner.get(f"/api/channels/{channel['id']}").json["identitySecret"]
    assert secret == cast.company["identitySecret"]
    assert secret not in cast.mate.get("/api/channels").text
    assert [row["id"] for row in cast.outsider.get("/api/channels").json["channels"]] != [channel["id"]]


# Company and channels


def test_the_company_is_renamed(cast: Cast) -> None:
    before = cast.owner.get("/api/company").json["company"]
    answer = cast.owner.patch("/api/company", {"version": before["version"], "name": "  Bells\u202e & \u200b Co "})
    assert answer.json["company"] == {**before, "name": "Bells & Co", "version": before["version"] + 1}
    assert cast.mate.get("/api/me").json["company"]["name"] == "Bells & Co"


def test_a_new_channel_works_at_once(cast: Cast) -> None:
    made = cast.owner.post("/api/channels", {"name": "Second shop"})
    assert made.status_code == 201
    key = made.json["channel"]["widgetKey"]
    conversation_id = cast.visitor(key).write()
    assert cast.owner.conversation(conversation_id)["pageName"] == "Second shop"


def test_settings_reach_the_widget(cast: Cast) -> None:
    answer = change(
        cast,
        colors={"accent": "#aa0000"},
        position="left",
        theme="dark",
        preChatFields=[{"name": "order", "label": "Order number", "required": True}],
    )
    assert answer.status_code == 200, answer.text
    shown = config(cast)
    assert (shown["colors"], shown["position"], shown["theme"]) == ({"accent": "#aa0000"}, "left", "dark")
    assert shown["preChatFields"] == [{"name": "order", "label": "Order number", "type": "text", "required": True}]
    assert shown["texts"] == answer.json["channel"]["settings"]["texts"]
    assert {"allowedOrigins", "identitySecret"} & set(shown) == set()


def test_the_team_shows_its_faces(cast: Cast) -> None:
    assert [person["name"] for person in config(cast)["team"]][1] == "Mate"
    cast.mate.socket()
    team = config(cast)["team"]
    assert (team[0], len(team)) == ({"name": "Mate", "avatarUrl": None}, 2)


def test_two_who_change_at_once(cast: Cast) -> None:
    channel = channel_of(cast.owner)
    path = f"/api/channels/{channel['id']}"
    first = cast.owner.patch(path, {"version": channel["version"], "name": "First"})
    second = cast.owner.patch(path, {"version": channel["version"], "name": "Second"})
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json["current"] == first.json["channel"]
    assert "meanwhile" in second.json["detail"]
    again = cast.owner.patch(path, {"version": second.json["current"]["version"], "name": "Second"})
    assert again.status_code == 200
    company = cast.owner.get("/api/company").json["company"]
    assert cast.owner.patch("/api/company", {"version": company["version"] + 5, "name": "X"}).status_code == 409


def test_no_change_raises_no_version(cast: Cast) -> None:
    channel = channel_of(cast.owner)
    answer = change(cast, position=channel["settings"]["position"])
    first = answer.json["channel"]["version"]
    assert change(cast, position="right").json["channel"]["version"] == first


@pytest.mark.parametrize(
    "settings",
    [
        {"colors": {"accent": "red"}},
        {"colors": {"accent": "#12345"}},
        {"colors": {"accent": "#123456\n"}},
        {"colors": {}},
        {"position": "top"},
        {"theme": None},
        {"texts": {"title": "x" * 61, "greeting": "x", "offline": "x", "placeholder": "x"}},
        {"texts": {"title": "\u200b", "greeting": "x", "offline": "x", "placeholder": "x"}},
        {"texts": {"title": "x"}},
        {"allowedOrigins": ["shop.example"]},
        {"allowedOrigins": ["javascript://shop.example"]},
        {"allowedOrigins": ["https://"]},
        {"allowedOrigins": ["https://a b.example"]},
        {"allowedOrigins": ["https://shop.example:99999"]},
        {"allowedOrigins": "https://shop.example"},
        {"preChatFields": [{"name": "1st", "label": "x"}]},
        {"preChatFields": [{"name": "__proto__", "label": "x"}]},
        {"preChatFields": [{"name": "a", "label": ""}]},
        {"preChatFields": [{"name": "a", "label": "x"}] * 2},
        {"preChatFields": [{"name": "a", "label": "x", "type": "password"}]},
        {"preChatFields": [{"name": f"a{n}", "label": "x"} for n in range(11)]},
        {"sneakPeek": "yes"},
    ],
)
def test_settings_that_are_not_valid(cast: Cast, settings: dict[str, Any]) -> None:
    before = channel_of(cast.owner)
    assert change(cast, **settings).status_code == 422
    assert channel_of(cast.owner) == before


def test_a_whole_address_is_taken_for_its_origin(cast: Cast) -> None:
    given = [
        "https://Shop.Example/checkout?x=1",
        "http://localhost:8080/",
        "https://shop.example:443",
        "http://[::1]:80",
    ]
    kept = change(cast, allowedOrigins=given).json["channel"]["settings"]["allowedOrigins"]
    assert kept == ["https://shop.example", "http://localhost:8080", "https://shop.example", "http://[::1]"]
    ask = f"/api/widget/config?widgetKey={cast.company['widgetKey']}"
    assert cast.anyone().get(ask, headers={"Origin": "https://shop.example"}).status_code == 200
    assert cast.anyone().get(ask, headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_renewed_secret_ends_the_old_one(cast: Cast) -> None:
    channel = channel_of(cast.owner)
    renewed = cast.owner.post(f"/api/channels/{channel['id']}/identity-secret").json["identitySecret"]
    assert renewed != cast.company["identitySecret"]
    assert cast.owner.get(f"/api/channels/{channel['id']}").json["identitySecret"] == renewed


def test_the_settings_tell_where_the_widget_was_loaded(cast: Cast) -> None:
    assert channel_of(cast.owner)["installation"] is None
    config(cast)  # not a browser
    assert channel_of(cast.owner)["installation"] is None
    config(cast, Origin="https://shop.example")
    config(cast, Origin="https://other.example")
    assert channel_of(cast.owner)["installation"]["origin"] == "https://shop.example"
    assert db.session.scalars(select(Contact)).all() == []


# Contacts


def test_what_is_known_of_a_customer(cast: Cast) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
    visitor = cast.visitor()
    visitor.client.environ_base["HTTP_USER_AGENT"] = firefox
    page = {"url": "https://shop.example/bell", "title": "Bell", "referrer": "https://search.example/"}
    first = visitor.write("One", name="Ann", email="ann@example.com", page=page, locale="nb-NO", timezone="Europe/Oslo")
    second = visitor.write("Two", newConversation=True)
    contact = contact_of(cast, first)
    assert (contact["name"], contact["email"], contact["browser"]) == ("Ann", "ann@example.com", "Firefox 132 on Linux")
    assert (contact["page"], contact["locale"], contact["timezone"]) == (page, "nb-NO", "Europe/Oslo")
    assert [row["id"] for row in contact["conversations"]] == [second, first]
    assert (contact["online"], contact["lastSeenAt"], contact["blocked"]) == (False, None, False)
    visitor.socket()
    assert contact_of(cast, first)["online"] is True


def test_answers_to_the_channels_own_questions_are_kept_and_others_are_not(cast: Cast) -> None:
    change(cast, preChatFields=[{"name": "order", "label": "Order"}])
    conversation_id = cast.visitor().write(attributes={"order": " A 12 ", "role": "OWNER"})
    assert contact_of(cast, conversation_id)["attributes"] == {"order": "A 12"}


@pytest.mark.parametrize("attributes", ["x", ["x"], {"a": 5}, {"a": {"b": "c"}}, {"a": "x" * 501}, {"x" * 41: "a"}])
def test_answers_that_are_not_valid(cast: Cast, attributes: Any) -> None:
    assert cast.visitor().send(attributes=attributes).status_code == 422


def test_a_corrected_contact_is_told(cast: Cast) -> None:
    visitor = cast.visitor()
    first, second = visitor.write(), visitor.write(newConversation=True)
    listener = cast.owner.socket()
    contact = contact_of(cast, first)
    path = f"/api/contacts/{contact['id']}"
    answer = cast.mate.patch(path, {"name": "Ann Lee", "email": "ann@example.com", "phone": "+47 123"})
    assert (answer.status_code, answer.json["contact"]["displayName"]) == (200, "Ann Lee")
    told = {payload["conversationId"]: payload["customerName"] for _, payload in listener.heard()}
    assert told == {first: "Ann Lee", second: "Ann Lee"}
    assert cast.mate.patch(path, {"email": None}).json["contact"]["name"] == "Ann Lee"
    assert cast.mate.patch(path, {"email": "no"}).status_code == 422
    assert cast.outsider.patch(path, {"name": "Mine"}).status_code == 404
    assert cast.outsider.get(path).status_code == 404


def test_a_blocked_customer_is_refused_and_cut_off(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write(name="Rude")
    socket = visitor.socket()
    path = f"/api/contacts/{contact_of(cast, conversation_id)['id']}"
    assert cast.mate.patch(path, {"blocked": True}).json["contact"]["blocked"] is True
    sleep(0.1)
    assert not socket.connected
    refused = visitor.send("More")
    assert (refused.status_code, refused.json["detail"]) == (403, "You cannot write to this team.")
    assert cast.owner.messages(conversation_id)[-1]["text"] == "Mate blocked this customer"
    assert "blocked" not in " ".join(message["text"] for message in visitor.messages())
    cast.mate.patch(path, {"blocked": True})
    assert len(cast.owner.messages(conversation_id)) == 2
    cast.mate.patch(path, {"blocked": False})
    assert visitor.send("Thanks").status_code == 201


# Numbers and hits


def test_each_view_is_counted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [cast.visitor().write() for _ in range(4)]
    cast.owner.patch(f"/api/conversations/{ids[0]}", {"assigneeId": cast.mate.agent_id})
    cast.owner.patch(f"/api/conversations/{ids[1]}", {"status": "RESOLVED"})
    cast.owner.reply(ids[2])
    counts = cast.mate.get("/api/conversations/counts").json["counts"]
    assert counts == {"all": 3, "mine": 1, "unassigned": 2, "unread": 2}
    resolved = cast.mate.get("/api/conversations/counts?status=RESOLVED").json["counts"]
    assert resolved == {"all": 1, "mine": 0, "unassigned": 1, "unread": 1}
    assert cast.outsider.get("/api/conversations/counts").json["counts"]["all"] == 0
    assert cast.mate.get("/api/conversations/counts?status=NONE").status_code == 422
    monkeypatch.setattr("actions.counts.MOST", 2)
    assert cast.mate.get("/api/conversations/counts").json["counts"]["all"] == 2


def test_search_names_the_message_that_matched(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write("Where is my order?", name="Órla Quick")
    visitor.write("x " * 200 + "The order came broken, sadly. " + "y " * 200)
    visitor.write("Thanks")
    answer = cast.owner.get("/api/conversations?q=order").json
    hit = answer["hits"][conversation_id]
    assert (hit["seq"], len(hit["text"]) <= 162) == (2, True)
    assert "The order came broken" in hit["text"]
    assert hit["text"].startswith("…")
    if cast.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):  # accents are folded
        assert cast.owner.get("/api/conversations?q=örder").json["hits"][conversation_id]["seq"] == 2
    assert cast.owner.get("/api/conversations?q=quick").json["hits"] == {}
    assert "hits" not in cast.owner.get("/api/conversations").json


def test_a_snooze_tells_until_when(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    until = "2099-01-01T09:00:00.000Z"
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"status": "SNOOZED", "snoozedUntil": until})
    assert cast.owner.messages(conversation_id)[-1]["meta"]["until"] == until
    wake_snoozed()
    assert cast.owner.conversation(conversation_id)["status"] == "SNOOZED"


def test_the_stored_settings_hold_what_was_changed_only(cast: Cast) -> None:
    change(cast, position="left")
    assert db.session.get_one(Channel, cast.company["channelId"]).settings == {"position": "left"}
