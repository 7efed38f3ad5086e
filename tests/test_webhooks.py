"""The platforms' door, the journal, and what becomes of events. Payloads: tests/platform_events."""

import json
from datetime import datetime
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions import journal
from extensions import db
from models import Conversation, Message, PlatformEvent
from models.types import now
from tests.cast import Cast
from tests.platform_cast import ACCOUNT, BEGIN, EVENTS, PAGE, SECRET, Platform, fixture

ALL = sorted(str(file.relative_to(EVENTS))[:-5] for file in EVENTS.glob("*/*.json"))
HANDSHAKES = json.loads((EVENTS / "verify_handshake.json").read_text())
VECTORS = json.loads((EVENTS / "signature_vectors.json").read_text())


@pytest.fixture
def facebook(cast: Cast) -> Platform:
    return Platform(cast.app, cast.company["companyId"], "facebook")


@pytest.fixture
def instagram(cast: Cast) -> Platform:
    return Platform(cast.app, cast.company["companyId"], "instagram")


@pytest.fixture(params=["facebook", "instagram"])
def platform(request: pytest.FixtureRequest) -> Platform:
    return request.getfixturevalue(request.param)


def thread(cast: Cast) -> list[dict[str, Any]]:
    (conversation,) = cast.owner.conversations()
    return cast.owner.messages(conversation["id"])


def states() -> list[tuple[str, str | None]]:
    db.session.rollback()
    return [(row.state, row.reason) for row in db.session.query(PlatformEvent).order_by(PlatformEvent.number)]


# ---- the door


@pytest.mark.parametrize("case", HANDSHAKES, ids=lambda case: case["query"][:60])
def test_a_handshake_needs_the_token(cast: Cast, case: dict[str, Any]) -> None:
    answer = cast.anyone().get(f"/api/webhooks/facebook?{case['query']}")
    assert answer.status_code == case["status"]
    if case["status"] == 200:
        assert answer.text == case.get("body", answer.text)
        assert answer.content_type.startswith("text/plain")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_both_configured_tokens_open_instagrams_address(cast: Cast) -> None:
    for token, status in (("vt-instagram", 200), ("vt-123", 200), ("", 403)):
        query = f"hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1"
        assert cast.anyone().get(f"/api/webhooks/instagram?{query}").status_code == status


def test_without_a_configured_token_there_is_one_of_our_own(cast: Cast, facebook: Platform) -> None:
    cast.app.config["META_VERIFY_TOKENS"] = []
    try:
        channel = cast.owner.get(f"/api/channels/{facebook.channel_id}").json["channel"]
        token = channel["connection"]["verifyToken"]
        assert len(token) == 32
        query = f"hub.mode=subscribe&hub.verify_token={token}&hub.challenge=17"
        assert cast.anyone().get(f"/api/webhooks/facebook?{query}").text == "17"
        assert cast.anyone().get("/api/webhooks/facebook?hub.mode=subscribe&hub.verify_token=").status_code == 403
    finally:
        cast.app.config["META_VERIFY_TOKENS"] = ["vt-123"]


OF_META = [vector for vector in VECTORS["positive"] if "whatsapp" not in vector["name"]]


@pytest.mark.parametrize("vector", OF_META, ids=lambda vector: vector["name"])
def test_a_signature_is_checked_over_the_bytes_on_the_wire(cast: Cast, vector: dict[str, Any]) -> None:
    body = (EVENTS / vector["body_file"]).read_bytes()
    path = f"/api/webhooks/{vector['name'].split('/')[0]}"
    assert cast.anyone().post(path, data=body, headers=vector["headers"]).status_code == 200


@pytest.mark.parametrize("vector", VECTORS["negative"], ids=lambda vector: vector["name"])
def test_a_wrong_signature_stores_nothing(cast: Cast, facebook: Platform, vector: dict[str, Any]) -> None:
    file = vector.get("body_file")
    body = (EVENTS / file).read_bytes() if file else vector.get("body", "").encode()
    answer = cast.anyone().post("/api/webhooks/facebook", data=body, headers=vector.get("headers", {}))
    assert answer.status_code == 401
    assert states() == []


def test_refused_signatures_are_counted(cast: Cast, facebook: Platform) -> None:
    assert cast.anyone().get("/metrics").status_code == 404
    cast.app.config["METRICS_TOKEN"] = "for prometheus"
    try:
        before = refused(cast)
        facebook.post(facebook.wrap(facebook.said("Hello")), secret="wrong")
        assert refused(cast) == before + 1
        assert cast.anyone().get("/metrics").status_code == 401
        assert cast.anyone().get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
    finally:
        cast.app.config["METRICS_TOKEN"] = None


def refused(cast: Cast) -> float:
    text = cast.anyone().get("/metrics", headers={"Authorization": "Bearer for prometheus"}).text
    (line,) = [line for line in text.splitlines() if line.startswith('deskbell_webhook_posts_total{outcome="refused"}')]
    return float(line.split()[-1])


def test_any_of_several_secrets_signs(cast: Cast, instagram: Platform) -> None:
    cast.app.config["META_APP_SECRETS"] = ["old", "new"]
    cast.app.config["INSTAGRAM_APP_SECRETS"] = ["of instagram"]
    try:
        body = instagram.wrap(instagram.said("Hello"))
        for secret in ("old", "new", "of instagram"):
            assert instagram.post(body, secret=secret).status_code == 200
        assert instagram.post(body, secret="of instagram", path="/api/webhooks/facebook").status_code == 401
    finally:
        cast.app.config["META_APP_SECRETS"], cast.app.config["INSTAGRAM_APP_SECRETS"] = [SECRET], []


def test_without_a_secret_the_door_says_so(cast: Cast, facebook: Platform) -> None:
    cast.app.config["META_APP_SECRETS"] = []
    try:
        answer = facebook.post(facebook.wrap(facebook.said("Hello")))
        assert answer.status_code == 503
        assert "META_APP_SECRET" in answer.json["detail"]
    finally:
        cast.app.config["META_APP_SECRETS"] = [SECRET]


def test_bodies_of_four_megabytes_are_taken_and_larger_ones_not(cast: Cast, facebook: Platform) -> None:
    items = [facebook.said("x" * 3500, at=number) for number in range(1000)]
    body = json.dumps(facebook.wrap(*items)).encode()
    assert 3_500_000 < len(body) < 4 * 1024 * 1024
    assert facebook.post(body).status_code == 200
    assert facebook.post(b"[" + b" " * (4 * 1024 * 1024) + b"]").status_code == 413
    assert cast.anyone().get("/api/webhooks/telegram").status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"5", b'"x"', b"\xff\xfe", b"[" * 100_000, b"NaN"])
def test_what_is_signed_but_no_event_is_kept_and_answered(cast: Cast, facebook: Platform, body: bytes) -> None:
    facebook.tell(body)
    assert [state for state, _ in states()] == ["IGNORED"]


# ---- events


@pytest.mark.parametrize("name", ALL)
def test_no_payload_fails(cast: Cast, facebook: Platform, instagram: Platform, name: str) -> None:
    (facebook if name.startswith("facebook") else instagram).tell(fixture(name))
    assert all(state in ("DONE", "IGNORED") for state, _ in states()), states()


def test_a_message_arrives_like_the_widgets(cast: Cast, platform: Platform) -> None:
    socket = cast.mate.socket()
    platform.tell(platform.wrap(platform.said("Do you ship to Norway?", "m_1", at=5)))
    names = [name for name, _ in socket.heard()]
    assert names == ["conversation:new", "message:new", "conversation:view-update", "conversation:updated"]
    (conversation,) = cast.owner.conversations()
    assert conversation["platform"] == platform.kind.upper()
    assert conversation["psid"] == platform.person
    assert conversation["lastMessage"]["text"] == "Do you ship to Norway?"
    assert conversation["unreadCount"] == 1
    (message,) = cast.owner.messages(conversation["id"])
    assert message["role"] == "USER"
    assert message["createdAt"] == "2026-11-23T08:00:00.005Z"
    assert message["author"]["name"] == conversation["customerName"]


def test_the_same_post_again_adds_nothing(cast: Cast, platform: Platform) -> None:
    platform.tell(platform.wrap(platform.said("Once", "m_1")))
    socket = cast.mate.socket()
    platform.tell(platform.wrap(platform.said("Once", "m_1")), platform.wrap(platform.said("Once", "m_1")))
    assert len(thread(cast)) == 1
    assert socket.heard() == []


def test_without_a_mid_the_event_itself_is_the_name(cast: Cast, facebook: Platform) -> None:
    payload = fixture("facebook/odd_missing_mid")
    facebook.tell(payload)
    payload["entry"][0]["time"] += 60_000
    facebook.tell(payload)
    assert [message["text"] for message in thread(cast)] == ["no mid"]


def test_one_bad_item_does_not_stop_the_rest(cast: Cast, facebook: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    from actions import incoming

    real = incoming.add_message

    def fail_once(tx: Any, conversation: Conversation, message: Message) -> None:
        if message.text == "two":
            raise ZeroDivisionError
        real(tx, conversation, message)

    monkeypatch.setattr(incoming, "add_message", fail_once)
    facebook.tell(facebook.wrap(*(facebook.said(text, at=at) for at, text in enumerate(("one", "two", "three")))))
    assert [message["text"] for message in thread(cast)] == ["one", "three"]
    monkeypatch.undo()
    (failed,) = cast.owner.get("/api/platform-events?state=FAILED").json["events"]
    assert failed["reason"].startswith("ZeroDivisionError")
    assert cast.owner.post(f"/api/platform-events/{failed['id']}/replay").status_code == 202
    facebook.settle()
    assert sorted(message["text"] for message in thread(cast)) == ["one", "three", "two"]
    assert cast.outsider.post(f"/api/platform-events/{failed['id']}/replay").status_code == 404
    assert cast.mate.get("/api/platform-events").status_code == 403


def test_what_was_stored_and_not_processed_is_processed_later(
    cast: Cast, facebook: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between the two."""
    monkeypatch.setattr(journal, "later", lambda *_: None)
    assert facebook.post(facebook.wrap(facebook.said("Still here"))).status_code == 200
    assert [state for state, _ in states()] == ["NEW"]
    facebook.settle()
    facebook.settle()
    assert [message["text"] for message in thread(cast)] == ["Still here"]


def test_several_pages_in_one_post(cast: Cast, facebook: Platform) -> None:
    facebook.tell(fixture("facebook/odd_multi_entry_multi_messaging"))
    texts = {message["text"] for conversation in cast.owner.conversations() for message in all_of(cast, conversation)}
    assert {"one", "two"} <= texts
    assert any(reason and "no channel" in reason for _, reason in states())


def test_a_message_to_a_page_of_another_company_is_its_alone(cast: Cast, facebook: Platform) -> None:
    facebook.tell(facebook.wrap(facebook.said("Hello")))
    assert cast.outsider.conversations() == []
    assert cast.outsider.get("/api/platform-events").json["events"] == []


@pytest.mark.parametrize(
    ("name", "text", "kinds"),
    [
        ("facebook/quick_reply", None, []),
        ("facebook/postback_button", "Start over", []),
        ("facebook/attachment_image", "", ["image"]),
        ("facebook/attachment_file", "", ["file"]),
        ("facebook/attachment_audio", "", ["audio"]),
        ("facebook/attachment_sticker", "", ["sticker"]),
        ("facebook/attachment_sticker_transition_both", "", ["sticker"]),
        ("facebook/attachment_location_legacy", "", ["location"]),
        ("facebook/attachment_template_product", "", ["link"]),
        ("facebook/attachment_appointment_booking", "Asks for an appointment", []),
        ("facebook/text_empty", "Unsupported message", []),
        ("facebook/message_text_null", "Unsupported message", []),
        ("facebook/standby_message", "while bot owns thread", []),
        ("instagram/attachment_share_and_ig_post_transition", "", ["link"]),
        ("instagram/attachment_story_mention", "", ["story"]),
        ("instagram/attachment_reel", "", ["link"]),
        ("instagram/attachment_ephemeral", "Unsupported message", []),
        ("instagram/attachment_unsupported_type", "Unsupported message", []),
        ("instagram/message_unsupported", "Unsupported message", []),
        ("instagram/message_only_mid", "Unsupported message", []),
        ("instagram/story_reply", "Love your story", ["story"]),
        ("instagram/standby", "Hello", []),
    ],
)
def test_kinds_of_messages(
    cast: Cast, facebook: Platform, instagram: Platform, name: str, text: str | None, kinds: list[str]
) -> None:
    (facebook if name.startswith("facebook") else instagram).tell(fixture(name))
    (message,) = thread(cast)
    assert [media["kind"] for media in message["meta"].get("media", [])] == kinds
    if text is not None:
        assert message["text"] == text


def test_a_foreign_echo_is_an_answer_from_elsewhere(cast: Cast, platform: Platform) -> None:
    platform.tell(platform.wrap(platform.said("Hello?", at=0)))
    socket = cast.mate.socket()
    platform.tell(platform.wrap(platform.echo("Yes?", "m_echo", at=1000)))
    question, answer = thread(cast)
    assert (answer["role"], answer["status"], answer["author"]) == ("AGENT", "SENT", None)
    assert answer["meta"]["sentFrom"] == ("Messenger" if platform.kind == "facebook" else "Instagram")
    assert question["status"] == "READ"
    assert cast.owner.conversations()[0]["unreadCount"] == 0
    names = [name for name, _ in socket.heard()]
    assert names == ["message:new", "conversation:view-update", "conversation:updated", "message:updated"]


def test_an_unknown_page_is_answered_and_noted(cast: Cast, facebook: Platform) -> None:
    facebook.tell(fixture("facebook/odd_page_unknown"))
    assert states() == [("IGNORED", "no channel is connected to this page or account")]
    assert cast.owner.conversations() == []


def test_a_blocked_customer_is_not_heard(cast: Cast, facebook: Platform) -> None:
    facebook.tell(facebook.wrap(facebook.said("Hello")))
    (conversation,) = cast.owner.conversations()
    cast.owner.patch(f"/api/contacts/{conversation['contactId']}", {"blocked": True})
    facebook.tell(facebook.wrap(facebook.said("Hello again", at=1)))
    assert [message["text"] for message in thread(cast) if message["role"] == "USER"] == ["Hello"]
    assert states()[-1] == ("IGNORED", "this customer is blocked")


def test_times_are_milliseconds_seconds_or_text(cast: Cast, facebook: Platform) -> None:
    for number, moment in enumerate([BEGIN, BEGIN // 1000, str(BEGIN)]):
        facebook.tell(facebook.wrap({**facebook.said(str(number)), "timestamp": moment}))
    assert [message["createdAt"] for message in thread(cast)] == ["2026-11-23T08:00:00.000Z"] * 3


@pytest.mark.parametrize("moment", [True, "soon", 12, 10**12, 4 * 10**12, 10**17, -1, None, {}, 1.5])
def test_without_a_sensible_time_that_of_arrival_holds(cast: Cast, facebook: Platform, moment: Any) -> None:
    before = now()
    facebook.tell(facebook.wrap({**facebook.said("Hello"), "timestamp": moment}))
    (message,) = thread(cast)
    assert before <= datetime.fromisoformat(message["createdAt"]) <= now()


def test_reactions_edits_and_removals_show(cast: Cast, platform: Platform) -> None:
    platform.tell(platform.wrap(platform.said("Helo", "m_1")))
    edit = {"mid": "m_1", "text": "Hello", "num_edit": 1}
    reaction = {"mid": "m_1", "action": "react", "reaction": "love", "emoji": "❤️"}
    platform.tell(platform.wrap(platform.item(10, message_edit=edit), platform.item(20, reaction=reaction)))
    (message,) = thread(cast)
    assert (message["text"], message["meta"]["edited"]) == ("Hello", 1)
    assert message["meta"]["reactions"] == {"customer": "❤️"}
    assert cast.owner.conversations()[0]["lastMessage"]["text"] == "Hello"
    platform.tell(platform.wrap(platform.item(30, message={"mid": "m_1", "is_deleted": True})))
    (message,) = thread(cast)
    assert (message["text"], message["meta"]) == ("", {"removed": True})
    assert cast.owner.conversations()[0]["lastMessage"]["text"] == "Message removed"


def test_a_handover_is_a_line_for_the_team(cast: Cast, platform: Platform) -> None:
    taken = platform.wrap(platform.item(10, take_thread_control={"new_owner_app_id": 26390203743090}))
    platform.tell(taken)
    assert cast.owner.conversations() == []
    platform.tell(platform.wrap(platform.said("Hello")), taken, taken)
    assert [(line["role"], line["text"]) for line in thread(cast)] == [
        ("USER", "Hello"),
        ("SYSTEM", "This conversation was taken over by Meta's own inbox."),
    ]


def test_a_policy_event_restricts_the_channel(cast: Cast, facebook: Platform) -> None:
    facebook.tell(fixture("facebook/policy_enforcement_block"))
    connection = cast.owner.get(f"/api/channels/{facebook.channel_id}").json["channel"]["connection"]
    assert connection["state"] == "RESTRICTED"
    assert "violated" in connection["reason"]


# ---- any order


def story(platform: Platform) -> list[dict[str, Any]]:
    """Everything that can be told about a conversation, each event a POST of its own."""
    reads = {"read": {"watermark": BEGIN + 700}} if platform.kind == "facebook" else {"read": {"mid": "m_answer"}}
    items = [
        platform.said("Helo", "m_first", at=0),
        platform.item(100, message_edit={"mid": "m_first", "text": "Hello", "num_edit": 1}),
        platform.item(150, message_edit={"mid": "m_first", "text": "Hello!", "num_edit": "2"}),
        platform.said("A question", "m_second", at=300, reply_to={"mid": "m_answer"}),
        platform.said("At the same moment", "m_third", at=300),
        platform.echo("An answer", "m_answer", at=200),
        platform.echo("Another answer", "m_more", at=500),
        platform.item(600, **reads),
        platform.item(650, delivery={"mids": ["m_more"], "watermark": BEGIN + 500}),
        platform.item(660, reaction={"mid": "m_answer", "action": "react", "emoji": "👍"}),
        platform.item(670, reaction={"mid": "m_answer", "action": "unreact"}),
        platform.said("Oops", "m_gone", at=800),
        platform.item(810, message={"mid": "m_gone", "is_deleted": True}),
        platform.item(850, take_thread_control={"new_owner_app_id": "26390203743090", "metadata": "x"}),
        platform.item(900, referral={"ref": "x", "source": "SHORTLINK", "type": "OPEN_THREAD"}),
    ]
    return [platform.wrap(item) for item in items]


def final_state(cast: Cast) -> Any:
    (conversation,) = cast.owner.conversations()
    messages = cast.owner.messages(conversation["id"])
    for message in messages:
        message["replyTo"] = message["replyTo"] and message["replyTo"]["text"]
        for key in ("id", "seq", "conversationId"):
            del message[key]
        message.pop("author")
    kept = ("lastMessage", "lastMessageAt", "canReply", "messageCount", "unreadCount", "status")
    ordered = sorted(messages, key=lambda message: (message["createdAt"], message["text"]))
    return ordered, {key: conversation[key] for key in kept}


def test_any_order_and_repetition_ends_in_the_same_state(cast: Cast, platform: Platform) -> None:
    random = Random(platform.kind)
    expected: Any = None
    for attempt in range(15):
        told = story(platform)
        if attempt:
            told += random.choices(told, k=5)
            random.shuffle(told)
        platform.tell(*told)
        found = final_state(cast)
        expected = expected or found
        assert found == expected, attempt
        forget(cast)
    messages, conversation = expected
    assert [message["text"] for message in messages][:2] == ["Hello!", "An answer"]
    assert conversation["lastMessage"]["text"] == "Message removed"
    assert conversation["canReply"]["until"] == "2026-11-24T08:00:00.900Z"


def test_every_order_of_a_few_events(cast: Cast, instagram: Platform) -> None:
    told = fixture("instagram/message_deleted_before_original")["entry"][0]["messaging"]
    told.append(instagram.item(20, reaction={"mid": told[1]["message"]["mid"], "action": "react", "emoji": "😮"}))
    results = []
    for order in permutations(told):
        instagram.tell(*(instagram.wrap(item) for item in order))
        results.append(final_state(cast))
        forget(cast)
    assert all(result == results[0] for result in results)


def forget(cast: Cast) -> None:
    """Begin anew with the same channels."""
    from models import ContactIdentity, PlatformFact
    from store import write

    with write() as tx:
        for table in (Conversation, PlatformFact, ContactIdentity):
            tx.session.query(table).delete()


# ---- anything


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_payloads_never_fail(cast: Cast, facebook: Platform, instagram: Platform, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(ALL))
    payload = mutate(fixture(name), data)
    (facebook if name.startswith("facebook") else instagram).tell(payload)
    assert all(state != "FAILED" for state, _ in states()), states()


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.just("\x00"),
    st.just("\ud800"),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)


def mutate(value: Any, data: st.DataObject) -> Any:
    """Something in it is replaced, left out, or doubled."""
    if isinstance(value, dict) and value:
        key = data.draw(st.sampled_from(sorted(value)))
        how = data.draw(st.integers(0, 9))
        if how == 0:
            return {name: inner for name, inner in value.items() if name != key}
        if how == 1:
            return {**value, key: data.draw(JUNK)}
        return {**value, key: mutate(value[key], data)}
    if isinstance(value, list) and value:
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], mutate(value[index], data), *value[index:]]
    return data.draw(JUNK)


@pytest.mark.timeout(400)
def test_ten_thousand_random_bodies(cast: Cast, facebook: Platform) -> None:
    """In one go: random JSON around one good message, which is there in the end."""
    random = Random(7)
    junk = [random_json(random, 4) for _ in range(10_000)]
    for start in range(0, len(junk), 500):
        entries = [{"id": PAGE, "messaging": [one]} for one in junk[start : start + 500]]
        entries += [{"id": ACCOUNT, "changes": one} for one in junk[start : start + 50]]
        good = facebook.wrap(facebook.said(f"good {start}", at=start))["entry"]
        facebook.tell({"object": "page", "entry": [*entries, *good]})
    texts = {message["text"] for conversation in cast.owner.conversations() for message in all_of(cast, conversation)}
    assert {f"good {start}" for start in range(0, len(junk), 500)} <= texts
    assert all(state != "FAILED" for state, _ in states())


def all_of(cast: Cast, conversation: dict[str, Any]) -> list[dict[str, Any]]:
    return cast.owner.messages(conversation["id"], "?limit=100")


KEYS = [
    "sender",
    "recipient",
    "id",
    "message",
    "mid",
    "text",
    "attachments",
    "type",
    "payload",
    "url",
    "timestamp",
    "read",
    "delivery",
    "watermark",
    "reaction",
    "message_edit",
    "postback",
    "is_echo",
    "reply_to",
    "referral",
]


def random_json(random: Random, depth: int) -> Any:
    kind = random.randrange(8 if depth else 5)
    if kind >= 6:
        return {random.choice(KEYS): random_json(random, depth - 1) for _ in range(random.randrange(6))}
    if kind == 5:
        return [random_json(random, depth - 1) for _ in range(random.randrange(4))]
    return random.choice([None, True, 5, 1.5, "x", "\x00", "\ud83d", PAGE, "7", -1, 10**30, "image", ""])
