"""The visitor's door: visits, tokens, conversations, identity."""

import hashlib
import hmac
from typing import Any

import pytest
from sqlalchemy import func, select

import serving
from extensions import db
from models import Channel, Contact, Conversation, Message
from store import write
from tests.cast import Cast, VisitorDoor
from tests.test_bad_input import count_rows


def init(cast: Cast, **body: Any) -> Any:
    return cast.anyone().post("/api/widget/init", json={"widgetKey": cast.company["widgetKey"], **body})


def sign(cast: Cast, user_id: str, **more: Any) -> dict[str, Any]:
    secret = cast.company["identitySecret"].encode()
    return {"userId": user_id, "hash": hmac.new(secret, user_id.encode(), hashlib.sha256).hexdigest(), **more}


def set_channel(cast: Cast, **settings: Any) -> None:
    with write() as tx:
        tx.session.get_one(Channel, cast.company["channelId"]).settings = settings


# Visits


def test_a_visit_that_sends_nothing_writes_nothing(cast: Cast) -> None:
    before = count_rows()
    answer = init(cast, name="Ann", email="ann@shop.example", page={"url": "https://shop.example/"})
    assert answer.status_code == 200
    assert answer.json["contact"] == {"id": None, "name": "Ann", "email": "ann@shop.example"}
    assert (answer.json["conversation"], answer.json["messages"]) == (None, [])
    visitor = cast.visitor()
    visitor.socket()
    assert visitor.messages() == []
    assert visitor.get("/api/widget/conversations").json == {"conversations": []}
    assert visitor.post("/api/widget/read", {"seq": 1}).status_code == 404
    assert count_rows() == before


def test_a_first_message_begins_a_conversation_and_its_repetition_does_not(cast: Cast) -> None:
    token = init(cast).json["visitorToken"]
    body = {"visitorToken": token, "message": "Hello", "clientId": "one", "name": "Ann"}
    first, again = init(cast, **body), init(cast, **body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["conversation"] == again.json["conversation"]
    assert [message["text"] for message in again.json["messages"]] == ["Hello"]
    assert again.json["contact"]["name"] == "Ann"
    second = init(cast, **{**body, "message": "More", "clientId": "two"})
    assert second.status_code == 200
    assert [message["seq"] for message in second.json["messages"]] == [1, 2]


@pytest.mark.parametrize("token", ["wrong", "", None, "a.b.c"])
def test_a_token_that_is_none_of_ours_counts_as_absent(cast: Cast, token: str | None) -> None:
    answer = init(cast, visitorToken=token, message="Hello", clientId="one")
    assert answer.status_code == 201
    assert answer.json["visitorToken"] != token


def test_a_token_of_another_channel_is_absent_here(cast: Cast) -> None:
    stranger = cast.visitor(cast.other_company["widgetKey"])
    stranger.write("Over there")
    answer = init(cast, visitorToken=stranger.token)
    assert answer.json["conversation"] is None
    assert answer.json["visitorToken"] != stranger.token


def test_a_returning_visitor_finds_his_conversation(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write("Hello")
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"status": "RESOLVED"})
    back = init(cast, visitorToken=visitor.token).json
    assert (back["conversation"]["id"], back["conversation"]["status"]) == (conversation_id, "RESOLVED")
    visitor.token = back["visitorToken"]  # it slides
    assert [message["text"] for message in visitor.messages()] == ["Hello"]


@pytest.mark.parametrize("token", ["wrong", "", "Bearer"])
def test_a_bad_token_is_401_everywhere_else(cast: Cast, token: str) -> None:
    visitor = cast.visitor()
    visitor.token = token
    assert visitor.send().status_code == 401
    for path in ("messages", "conversations"):
        assert visitor.get(f"/api/widget/{path}").status_code == 401
    assert visitor.post("/api/widget/read", {"seq": 1}).status_code == 401


def test_an_api_token_is_no_visitor_and_a_visitor_no_agent(cast: Cast) -> None:
    visitor = cast.visitor()
    visitor.token, token = cast.owner.token, visitor.token
    assert visitor.send().status_code == 401
    cast.owner.token = token
    assert cast.owner.get("/api/me").status_code == 401


# Messages


def test_the_same_client_id_is_stored_and_told_once(cast: Cast) -> None:
    visitor, agent = cast.visitor(), cast.owner.socket()
    first, again = visitor.send("Once", clientId="same"), visitor.send("Changed", clientId="same")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["message"] == again.json["message"]
    assert len(agent.heard()) == 4
    assert cast.visitor().send("Another's", clientId="same").status_code == 201  # unique per visitor


def test_two_tabs_beginning_at_once_make_one_conversation(cast: Cast) -> None:
    visitor = cast.visitor()

    def tab(number: int) -> int:
        door = VisitorDoor(cast.app, visitor.widget_key)
        door.token = visitor.token
        return door.send(f"Tab {number}", clientId=str(number % 4)).status_code

    running = [serving.spawn(tab, number) for number in range(12)]
    assert sorted(greenlet.wait() for greenlet in running) == [200] * 8 + [201] * 4
    db.session.remove()
    assert db.session.scalar(select(func.count()).select_from(Conversation)) == 1
    assert sorted(db.session.scalars(select(Message.seq))) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("before", "after"),
    [("OPEN", "OPEN"), ("PENDING", "PENDING"), ("SNOOZED", "OPEN"), ("RESOLVED", "OPEN")],
)
def test_a_customers_message_goes_to_the_current_conversation(cast: Cast, before: str, after: str) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"status": before})
    assert visitor.write("Again") == conversation_id
    assert cast.owner.conversation(conversation_id)["status"] == after


@pytest.mark.parametrize("status", ["OPEN", "PENDING", "SNOOZED", "RESOLVED"])
def test_an_agents_message_changes_no_status(cast: Cast, status: str) -> None:
    conversation_id = cast.visitor().write()
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"status": status})
    cast.owner.reply(conversation_id)
    assert cast.owner.conversation(conversation_id)["status"] == status


def test_a_new_conversation_is_begun_on_request(cast: Cast) -> None:
    visitor = cast.visitor()
    first = visitor.write("One")
    second = visitor.write("Two", newConversation=True)
    assert second != first
    assert visitor.write("Three") == second
    own = visitor.get("/api/widget/conversations").json["conversations"]
    assert [conversation["id"] for conversation in own] == [second, first]
    assert [message["text"] for message in visitor.messages(f"?conversationId={first}")] == ["One"]
    assert cast.visitor().get(f"/api/widget/messages?conversationId={first}").status_code == 404


def test_a_visitors_numbers_know_nothing_internal(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write("One")
    cast.owner.reply(conversation_id, "A note", private=True)
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"labels": ["vip"]})
    cast.owner.reply(conversation_id, "Two")
    assert [(message["seq"], message["text"]) for message in visitor.messages()] == [(1, "One"), (2, "Two")]
    assert [message["seq"] for message in cast.owner.messages(conversation_id)] == [1, 2, 3, 4]
    own = visitor.get("/api/widget/conversations").json["conversations"][0]
    assert (own["messageCount"], own["lastSeq"], own["unreadCount"]) == (2, 2, 1)


def test_a_visitor_cannot_name_what_is_not_his_to_name(cast: Cast) -> None:
    visitor = cast.visitor()
    forged = {"role": "AGENT", "private": True, "status": "READ", "createdAt": "2001-01-01T00:00:00Z", "seq": 99}
    message = visitor.send("Hi", **forged, author={"name": "Boss"}, companyId=cast.other_company["companyId"]).json
    assert (message["message"]["role"], message["message"]["seq"], message["message"]["status"]) == ("USER", 1, "SENT")
    assert not message["message"]["createdAt"].startswith("2001")
    assert cast.outsider.conversations() == []


def test_replies_quote_only_what_their_reader_may_see(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write("Question")
    note = cast.owner.reply(conversation_id, "A note", private=True).json["message"]
    question = visitor.messages()[0]
    answer = cast.owner.reply(conversation_id, "Answer", replyTo=question["id"])
    assert answer.json["message"]["replyTo"] == {"id": question["id"], "text": "Question", "role": "USER"}
    assert visitor.messages()[-1]["replyTo"]["id"] == question["id"]
    assert cast.owner.reply(conversation_id, "Leak", replyTo=note["id"]).status_code == 422
    assert cast.owner.reply(conversation_id, "Fine", private=True, replyTo=note["id"]).status_code == 201
    assert visitor.send("Leak", replyTo=note["id"]).status_code == 422
    other = cast.visitor()
    other.write()
    assert visitor.send("Leak", replyTo=other.messages()[0]["id"]).status_code == 422


def test_what_the_widget_knows_is_kept(cast: Cast) -> None:
    visitor = cast.visitor()
    page = {"url": "https://shop.example/bells", "title": "Bells", "referrer": None}
    visitor.write(
        "Hi", name="  Ann \n Lee ", email="ann@shop.example", page=page, locale="de-AT", timezone="Europe/Wien"
    )
    row = cast.owner.conversations()[0]
    assert (row["customerName"], row["customerEmail"]) == ("Ann Lee", "ann@shop.example")
    identity = db.session.scalars(select(Conversation)).one().identity
    assert (identity.page, identity.locale, identity.timezone) == (page, "de-AT", "Europe/Wien")


def test_a_new_name_is_told_for_every_conversation(cast: Cast) -> None:
    visitor = cast.visitor()
    first = visitor.write("One")
    placeholder = cast.owner.conversation(first)["customerName"]
    assert placeholder.startswith("Visitor ")
    second = visitor.write("Two", newConversation=True)
    agent = cast.owner.socket()
    visitor.write("I am Ann", name="Ann")
    told = {payload["conversationId"]: payload for name, payload in agent.heard() if name == "conversation:updated"}
    assert {told[first]["customerName"], told[second]["customerName"]} == {"Ann"}
    revs = [row["rev"] for row in cast.owner.conversations()]
    assert len(set(revs)) == 2


# Origins


@pytest.mark.parametrize(
    ("origin", "status"), [(None, 200), ("https://shop.example", 200), ("https://evil.example", 403), ("null", 403)]
)
def test_the_allow_list_of_origins(cast: Cast, origin: str | None, status: int) -> None:
    visitor = cast.visitor()
    visitor.write()
    set_channel(cast, allowedOrigins=["https://shop.example"])
    headers = {"Origin": origin} if origin else {}
    assert visitor.get("/api/widget/messages", headers=headers).status_code == status
    key = cast.company["widgetKey"]
    config = cast.anyone().get(f"/api/widget/config?widgetKey={key}", headers=headers)
    assert config.status_code == status
    assert config.headers["Access-Control-Allow-Origin"] == "*"
    started = cast.anyone().post("/api/widget/init", json={"widgetKey": key}, headers=headers)
    assert started.status_code == status
    assert visitor.socket(headers=headers).connected is (status == 200)


def test_the_public_settings_are_a_closed_list(cast: Cast) -> None:
    set_channel(cast, allowedOrigins=[], colors={"accent": "#123456"}, secretPlan="x", texts={"title": "Hi"})
    config = cast.anyone().get(f"/api/widget/config?widgetKey={cast.company['widgetKey']}").json
    assert set(config) == {
        "widgetKey",
        "name",
        "colors",
        "texts",
        "position",
        "theme",
        "online",
        "team",
        "preChatFields",
        "sneakPeek",
        "maxFileSize",
    }
    assert config["colors"] == {"accent": "#123456"}
    assert (config["texts"]["title"], config["texts"]["placeholder"]) == ("Hi", "Write a message…")
    assert cast.company["identitySecret"] not in str(config)


# Identity


def test_a_signed_identity_names_the_contact(cast: Cast) -> None:
    visitor = cast.visitor()
    visitor.write("Hi", identity=sign(cast, "u1", name="Ann", email="ann@shop.example", attributes={"plan": "gold"}))
    contact = db.session.scalars(select(Contact)).one()
    assert (contact.external_id, contact.name, contact.attributes) == ("u1", "Ann", {"plan": "gold"})


@pytest.mark.parametrize("wrong", ["", "0", "0" * 64])
def test_a_wrong_hash_is_403_and_stores_nothing(cast: Cast, wrong: str) -> None:
    visitor = cast.visitor()
    before = count_rows()
    identity = {"userId": "u1", "hash": wrong}
    assert visitor.send("Hi", identity=identity).status_code in (403, 422)
    assert init(cast, identity=identity).status_code in (403, 422)
    assert init(cast, identity={**identity, "hash": "f" * 64}).status_code == 403
    assert count_rows() == before


def test_a_signed_user_finds_his_conversation_on_another_device(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write("From the phone", identity=sign(cast, "u1"))
    there = init(cast, identity=sign(cast, "u1")).json
    assert there["conversation"]["id"] == conversation_id
    assert init(cast, identity=sign(cast, "u2")).json["conversation"] is None


def test_an_anonymous_conversation_becomes_the_users_when_he_signs_in(cast: Cast) -> None:
    phone, laptop = cast.visitor(), cast.visitor()
    phone.write("From the phone", identity=sign(cast, "u1", name="Ann"))
    conversation_id = laptop.write("Who am I?")
    laptop.write("I am Ann", identity=sign(cast, "u1"))
    assert cast.owner.conversation(conversation_id)["customerName"] == "Ann"
    db.session.remove()
    assert len(db.session.scalars(select(Contact)).all()) == 1


def test_another_user_of_the_same_browser_is_another_visitor(cast: Cast) -> None:
    visitor = cast.visitor()
    visitor.write("I am Ann", identity=sign(cast, "u1"))
    assert visitor.send("I am Bob", identity=sign(cast, "u2")).status_code == 403
    bob = init(cast, visitorToken=visitor.token, identity=sign(cast, "u2")).json
    assert bob["conversation"] is None
    assert bob["visitorToken"] != visitor.token


def test_an_unsigned_email_attaches_nothing(cast: Cast) -> None:
    ann = cast.visitor()
    ann.write("The secret", identity=sign(cast, "u1", email="ann@shop.example"))
    thief = cast.visitor()
    thief.write("I am Ann, believe me", email="ann@shop.example", name="Ann")
    assert [message["text"] for message in thief.messages()] == ["I am Ann, believe me"]
    assert len(db.session.scalars(select(Contact)).all()) == 2
