"""Answers to platforms' customers: what leaves, in which order, and what follows from each answer of the platform."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import update

import serving
from actions import sending
from actions.identity import decrypt, encrypt
from actions.outbox import Worker
from models import Channel, ContactIdentity, MessagePart, OutboxItem
from models.types import now
from platforms import http
from simulator.client import Fake
from startup import HANDLERS
from store import write
from tests.cast import Cast
from tests.platform_cast import ACCOUNT, PAGE, Platform, fixture

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def running() -> Iterator[Fake]:
    with Fake(NOWHERE) as fake:
        yield fake


@pytest.fixture
def fake(running: Fake, cast: Cast) -> Iterator[Fake]:
    running("clear")
    running("options", echo="never", receipts=False, require_proof=True)
    running("revive", id=PAGE, token="page-token")
    running("revive", id=ACCOUNT, token="ig-token")
    names = ("GRAPH_API_URL", "INSTAGRAM_GRAPH_API_URL")
    before = {name: cast.app.config[name] for name in names}
    cast.app.config.update(dict.fromkeys(names, f"{running.url}/v26.0"))
    yield running
    cast.app.config.update(before)


@pytest.fixture(params=["facebook", "instagram"])
def platform(request: pytest.FixtureRequest, cast: Cast, fake: Fake) -> Platform:
    return connected(cast, fake, request.param)


@pytest.fixture
def facebook(cast: Cast, fake: Fake) -> Platform:
    return connected(cast, fake, "facebook")


def connected(cast: Cast, fake: Fake, kind: str) -> Platform:
    platform = Platform(cast.app, cast.company["companyId"], kind)
    with write() as tx:
        token = "page-token" if kind == "facebook" else "ig-token"
        tx.session.get_one(Channel, platform.channel_id).secret = encrypt(token)
    fake("say", account=platform.account, person=platform.person, items=[])
    return platform


def begin(cast: Cast, platform: Platform) -> str:
    """A customer wrote just now. The conversation's id."""
    platform.tell(platform.wrap({**platform.said("Hello?"), "timestamp": int(now().timestamp() * 1000)}))
    work()
    (conversation,) = cast.owner.conversations("?limit=1")
    return conversation["id"]


def work(rounds: int = 1) -> None:
    """Let the outbox deliver what is due."""
    worker = Worker(HANDLERS)
    for _ in range(rounds):
        worker.step()
        serving.sleep(0.01)
        while worker.busy:
            serving.sleep(0.01)


def hurry() -> None:
    with write() as tx:
        tx.session.execute(update(OutboxItem).values(next_at=now()))


def newest(cast: Cast, conversation: str) -> dict[str, Any]:
    return cast.owner.messages(conversation)[-1]


def sends(fake: Fake) -> list[dict[str, Any]]:
    """Requests that would send a message, whatever became of them."""
    return [one for one in fake.requests("/messages") if "message" in one["body"]]


def texts(fake: Fake) -> list[str | None]:
    return [one["message"].get("text") for one in fake.sent()]


def test_an_answer_is_queued_then_sent(cast: Cast, platform: Platform, fake: Fake) -> None:
    conversation = begin(cast, platform)
    socket = cast.mate.socket()
    answer = cast.owner.reply(conversation, "We do!")
    assert answer.status_code == 201
    assert answer.json["message"]["status"] == "QUEUED"
    assert next(payload for name, payload in socket.heard() if name == "message:new")["message"]["status"] == "QUEUED"
    work()
    assert newest(cast, conversation)["status"] == "SENT"
    (request,) = sends(fake)
    assert request["body"]["messaging_type"] == "RESPONSE"
    assert request["body"]["recipient"] == {"id": platform.person}
    assert "appsecret_proof" in request["query"]
    assert "access_token" not in request["query"]
    assert [name for name, _ in socket.heard()] == ["message:updated"]


def test_the_customer_sees_that_somebody_reads_and_types(cast: Cast, platform: Platform, fake: Fake) -> None:
    conversation = begin(cast, platform)
    socket = cast.mate.socket()
    cast.mate.post(f"/api/conversations/{conversation}/read", {"seq": 1})
    for _ in range(3):
        assert socket.send("typing", {"conversationId": conversation, "isTyping": True})["ok"]
    until = monotonic() + 5
    while len(fake.requests("/messages")) < 2 and monotonic() < until:
        serving.sleep(0.02)
    serving.sleep(0.1)
    assert sorted(one["body"]["sender_action"] for one in fake.requests("/messages")) == ["mark_seen", "typing_on"]


def test_a_note_does_not_leave(cast: Cast, platform: Platform, fake: Fake) -> None:
    conversation = begin(cast, platform)
    assert cast.owner.reply(conversation, "Just for us", private=True).json["message"]["status"] is None
    work()
    assert texts(fake) == []


def test_our_own_echo_adds_nothing(cast: Cast, platform: Platform, fake: Fake) -> None:
    conversation = begin(cast, platform)
    cast.owner.reply(conversation, "We do!")
    work()
    (sent,) = fake.sent()
    metadata = {"metadata": sent["message"]["metadata"]} if platform.kind == "facebook" else {}
    platform.tell(platform.wrap(platform.echo("We do!", sent["mid"], **metadata)))
    assert len(cast.owner.messages(conversation)) == 2


@pytest.mark.parametrize("knows_tag", [True, False])
def test_an_echo_before_the_answer_adds_nothing(
    cast: Cast, facebook: Platform, fake: Fake, monkeypatch: pytest.MonkeyPatch, knows_tag: bool
) -> None:
    conversation = begin(cast, facebook)
    real = sending._sent

    def echo_first(job: Any, mid: str) -> None:
        tag = {"metadata": job.part_id} if knows_tag else {}
        facebook.tell(facebook.wrap(facebook.echo("We do!", mid, **tag)))
        real(job, mid)

    monkeypatch.setattr(sending, "_sent", echo_first)
    cast.owner.reply(conversation, "We do!")
    work()
    assert [message["text"] for message in cast.owner.messages(conversation)] == ["Hello?", "We do!"]
    assert newest(cast, conversation)["status"] == "SENT"


def test_receipts_move_the_status_forward_only(cast: Cast, facebook: Platform, fake: Fake) -> None:
    conversation = begin(cast, facebook)
    cast.owner.reply(conversation, "We do!")
    work()
    mid = fake.sent()[0]["mid"]
    moment = int((now() + timedelta(seconds=5)).timestamp() * 1000)
    seen = {"watermark": moment}
    facebook.tell(facebook.wrap(facebook.item(0, delivery={"mids": [mid], "watermark": 5})))
    assert newest(cast, conversation)["status"] == "DELIVERED"
    facebook.tell(facebook.wrap(facebook.item(0, read=seen)))
    assert newest(cast, conversation)["status"] == "READ"
    facebook.tell(facebook.wrap(facebook.item(0, delivery={"mids": [mid], "watermark": moment})))
    assert newest(cast, conversation)["status"] == "READ"


def test_instagram_names_the_message_that_was_seen(cast: Cast, fake: Fake) -> None:
    instagram = connected(cast, fake, "instagram")
    conversation = begin(cast, instagram)
    cast.owner.reply(conversation, "One")
    cast.owner.reply(conversation, "Two")
    work(2)
    instagram.tell(instagram.wrap(instagram.item(0, read={"mid": fake.sent()[1]["mid"]})))
    assert [message["status"] for message in cast.owner.messages(conversation)[1:]] == ["READ", "READ"]


@pytest.mark.parametrize(("kind", "most"), [("facebook", 2000), ("instagram", 1000)])
def test_long_texts_leave_in_pieces(cast: Cast, fake: Fake, kind: str, most: int) -> None:
    platform = connected(cast, fake, kind)
    conversation = begin(cast, platform)
    family = "👩‍👩‍👧‍👦"
    text = ("word " * 300 + family * 60).strip()
    cast.owner.reply(conversation, text)
    work()
    pieces = [piece or "" for piece in texts(fake)]
    assert len(pieces) > 1
    assert "".join("".join(pieces).split()) == "".join(text.split())
    for piece in pieces:
        assert (len(piece.encode("utf-16-le")) // 2 if kind == "facebook" else len(piece.encode())) <= most
        assert not piece.startswith("\u200d")
        assert not piece.endswith("\u200d")
    for sent in fake.sent():
        platform.tell(platform.wrap(platform.echo(sent["message"]["text"], sent["mid"])))
    assert len(cast.owner.messages(conversation)) == 2


def test_files_are_uploaded_first(cast: Cast, platform: Platform, fake: Fake) -> None:
    from io import BytesIO

    from PIL import Image

    conversation = begin(cast, platform)
    png = BytesIO()
    Image.new("RGB", (20, 20)).save(png, "PNG")
    upload = cast.owner.post("/api/attachments", data={"file": (BytesIO(png.getvalue()), "bell.png")})
    cast.owner.reply(conversation, "Look", attachmentIds=[upload.json["attachment"]["id"]])
    work()
    (uploaded,) = fake.requests("/message_attachments")
    assert uploaded["body"]["filedata"] > 50
    assert [sorted(set(one["message"]) - {"metadata"}) for one in fake.sent()] == [["text"], ["attachment"]]
    assert newest(cast, conversation)["status"] == "SENT"


def test_what_has_one_customer_leaves_in_order(cast: Cast, facebook: Platform, fake: Fake) -> None:
    conversation = begin(cast, facebook)
    fake("script", path="/messages", times=1, status=400, body=error(4))
    for text in ("one", "two", "three"):
        cast.owner.reply(conversation, text)
    work(3)
    assert texts(fake) == []
    hurry()
    work(3)
    assert texts(fake) == ["one", "two", "three"]


def error(code: int, subcode: int | None = None) -> dict[str, Any]:
    return {"error": {"message": "x", "code": code, **({"error_subcode": subcode} if subcode else {})}}


CASES = [(name, fixture("facebook.graph_errors")[name]) for name in fixture("facebook.graph_errors")]
CASES += [(f"ig {name}", case) for name, case in fixture("instagram.graph_errors").items()]
OUTCOMES = {
    "window": ("FAILED", False, "CONNECTED"),
    "recipient": ("FAILED", False, "CONNECTED"),
    "permanent": ("FAILED", False, "CONNECTED"),
    "recipient_or_permission": ("FAILED", False, "CONNECTED"),
    "attachment": ("FAILED", True, "CONNECTED"),
    "thread_owner": ("FAILED", True, "CONNECTED"),
    "retry_later": ("FAILED", True, "CONNECTED"),  # another app has the conversation: the agent decides
    "permission": ("FAILED", True, "CONNECTED"),
    "token": ("QUEUED", False, "NEEDS_REAUTH"),
    "reconnect": ("QUEUED", False, "NEEDS_REAUTH"),
    "config": ("QUEUED", False, "NEEDS_REAUTH"),
    "channel_paused": ("QUEUED", False, "RESTRICTED"),
    "retry": ("QUEUED", False, "CONNECTED"),
    "retry_ambiguous": ("QUEUED", False, "CONNECTED"),
    "ambiguous_may_have_been_sent": ("QUEUED", False, "CONNECTED"),
}
AGAIN = {"retry": True, "retry_ambiguous": False, "ambiguous_may_have_been_sent": False}  # whether it is sent again
OF_SENDING = [(name, case) for name, case in CASES if case["class"] != "profile"]


@pytest.mark.parametrize(("name", "case"), OF_SENDING, ids=[name for name, _ in OF_SENDING])
def test_every_error_has_its_class(cast: Cast, facebook: Platform, fake: Fake, name: str, case: dict[str, Any]) -> None:
    conversation = begin(cast, facebook)
    fake("script", path="/messages", times=1, status=case["http_status"], body=case["body"])
    cast.owner.reply(conversation, "We do!")
    work()
    message = newest(cast, conversation)
    channel = cast.owner.get(f"/api/channels/{facebook.channel_id}").json["channel"]
    found = (message["status"], message["error"]["retryable"], channel["connection"]["state"])
    assert found == OUTCOMES[case["class"]], (name, message["error"])
    assert len(message["error"]["detail"]) > 10
    if case["class"] in AGAIN:
        hurry()
        work()
        assert (texts(fake) == ["We do!"]) == AGAIN[case["class"]]


@pytest.mark.parametrize("behaviour", ["drop", "html_502", "empty_200"])
def test_an_unknown_outcome_is_never_sent_again_blindly(
    cast: Cast, facebook: Platform, fake: Fake, behaviour: str
) -> None:
    conversation = begin(cast, facebook)
    fake("script", path="/messages", times=1, behaviour=behaviour)
    cast.owner.reply(conversation, "We do!")
    work()
    for _ in range(3):
        hurry()
        work()
    assert len(sends(fake)) == 1
    assert newest(cast, conversation)["status"] == "QUEUED"
    facebook.tell(facebook.wrap(facebook.echo("We do!", "m_at_last")))
    assert newest(cast, conversation)["status"] == "SENT"
    assert len(cast.owner.messages(conversation)) == 2
    hurry()
    work()
    assert len(sends(fake)) == 1


def test_without_an_echo_the_agent_decides(cast: Cast, facebook: Platform, fake: Fake) -> None:
    conversation = begin(cast, facebook)
    fake("script", path="/messages", times=1, behaviour="reset")
    cast.owner.reply(conversation, "We do!")
    work()
    with write() as tx:
        tx.session.execute(update(MessagePart).values(sent_at=now() - timedelta(minutes=5)))
    hurry()
    work()
    message = newest(cast, conversation)
    assert (message["status"], message["error"]["retryable"]) == ("FAILED", True)
    assert "not known" in message["error"]["detail"]
    assert cast.owner.post(f"/api/messages/{message['id']}/retry").status_code == 202
    work()
    assert newest(cast, conversation)["status"] == "SENT"
    assert newest(cast, conversation)["error"] is None
    assert texts(fake) == ["We do!"]


def test_a_kill_while_sending_is_an_unknown_outcome(cast: Cast, facebook: Platform, fake: Fake) -> None:
    conversation = begin(cast, facebook)
    cast.owner.reply(conversation, "We do!")
    with write() as tx:
        (item,) = tx.session.query(OutboxItem).filter_by(kind="platform")
        payload = item.payload
    assert sending._next_job(payload["messageId"]) is not None  # and then the process dies
    work()
    assert fake.sent() == []
    assert newest(cast, conversation)["status"] == "QUEUED"


def test_a_dead_token_holds_the_queue_until_it_is_renewed(cast: Cast, facebook: Platform, fake: Fake) -> None:
    conversation = begin(cast, facebook)
    fake("kill_token", id=PAGE)
    cast.owner.reply(conversation, "one")
    cast.owner.reply(conversation, "two")
    work(3)
    assert [message["status"] for message in cast.owner.messages(conversation)[1:]] == ["QUEUED", "QUEUED"]
    assert len(sends(fake)) == 1
    facebook.tell(facebook.wrap(facebook.said("Are you there?", at=1)))
    assert newest(cast, conversation)["text"] == "Are you there?"
    with write() as tx:
        mails = [item.payload["subject"] for item in tx.session.query(OutboxItem).filter_by(kind="mail")]
    assert mails in ([], ["facebook cannot send answers"])  # [] once it was delivered
    fake("revive", id=PAGE, token="page-token-2")
    body = {"platform": "FACEBOOK", "externalId": PAGE, "accessToken": "page-token-2", "name": ""}
    assert cast.owner.post("/api/connections", body).status_code == 200
    work(3)
    assert texts(fake) == ["one", "two"]
    assert cast.owner.get(f"/api/channels/{facebook.channel_id}").json["channel"]["connection"]["state"] == "CONNECTED"


def wrote(cast: Cast, hours: float) -> None:
    """The customer last wrote so many hours ago."""
    with write() as tx:
        tx.session.execute(update(ContactIdentity).values(acted_at=now() - timedelta(hours=hours)))


def test_the_window_closes_after_a_day(cast: Cast, platform: Platform, fake: Fake) -> None:
    conversation = begin(cast, platform)
    can = cast.owner.conversation(conversation)["canReply"]
    assert can["allowed"]
    assert datetime.fromisoformat(can["until"]) > now() + timedelta(hours=23)
    wrote(cast, 25)
    can = cast.owner.conversation(conversation)["canReply"]
    assert not can["allowed"]
    refused = cast.owner.reply(conversation, "Too late")
    assert (refused.status_code, refused.json["detail"]) == (409, can["reason"])
    assert len(cast.owner.messages(conversation)) == 1
    assert cast.owner.reply(conversation, "A note", private=True).status_code == 201


def test_a_humans_late_answer_is_tagged_where_the_channel_allows_it(cast: Cast, platform: Platform, fake: Fake) -> None:
    conversation = begin(cast, platform)
    assert cast.owner.patch(f"/api/connections/{platform.channel_id}", {"humanAgent": True}).status_code == 200
    wrote(cast, 30)
    fake("shift", seconds=30 * 3600)
    try:
        assert cast.owner.reply(conversation, "Late, but here").status_code == 201
        work()
        (request,) = sends(fake)
        assert (request["body"]["messaging_type"], request["body"]["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
        assert newest(cast, conversation)["status"] == "SENT"
    finally:
        fake("shift", seconds=-30 * 3600)
    wrote(cast, 24 * 7 + 1)
    assert cast.owner.reply(conversation, "Too late").status_code == 409


def test_a_window_that_closed_meanwhile_fails_the_message(cast: Cast, facebook: Platform, fake: Fake) -> None:
    conversation = begin(cast, facebook)
    cast.owner.reply(conversation, "We do!")
    wrote(cast, 25)
    work()
    message = newest(cast, conversation)
    assert (message["status"], message["error"]["code"]) == ("FAILED", "window")
    assert fake.sent() == []


def test_connecting_asks_whose_token_it_is(cast: Cast, fake: Fake) -> None:
    body = {"platform": "FACEBOOK", "externalId": PAGE, "accessToken": "page-token"}
    made = cast.owner.post("/api/connections", body)
    assert made.status_code == 201
    assert made.json["channel"]["name"] == "Bells & Sons"
    assert cast.owner.post("/api/connections", body).status_code == 200
    assert cast.outsider.post("/api/connections", body).status_code == 409
    wrong = cast.owner.post("/api/connections", {**body, "externalId": "5"})
    assert wrong.status_code == 422
    assert "not to 5" in wrong.json["errors"]["accessToken"][0]
    assert cast.owner.post("/api/connections", {**body, "accessToken": "no"}).status_code == 422
    assert cast.mate.post("/api/connections", body).status_code == 403
    work()
    channel = cast.owner.get(f"/api/channels/{made.json['channel']['id']}")
    assert "message_echoes" in channel.json["channel"]["connection"]["subscribed"]
    assert "page-token" not in channel.text
    gone = cast.owner.delete(f"/api/connections/{made.json['channel']['id']}")
    assert gone.json["channel"]["connection"]["state"] == "DISCONNECTED"
    work()
    assert fake.requests("/subscribed_apps")[-1]["method"] == "DELETE"


def test_a_page_stays_subscribed_while_its_instagram_account_needs_it(cast: Cast, fake: Fake) -> None:
    fake("account", id=ACCOUNT, kind="instagram", name="bells.and.sons", token="EAA-of-the-page")
    made = [
        cast.owner.post("/api/connections", {"platform": kind, "externalId": number, "accessToken": token})
        for kind, number, token in (("FACEBOOK", PAGE, "page-token"), ("INSTAGRAM", ACCOUNT, "EAA-of-the-page"))
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    cast.owner.delete(f"/api/connections/{made[0].json['channel']['id']}")
    work(4)
    assert [one["method"] for one in fake.requests("/subscribed_apps") if one["method"] == "DELETE"] == []
    fake("revive", id=ACCOUNT, token="ig-token")


def test_a_field_that_meta_refuses_does_not_cost_the_messages(cast: Cast, fake: Fake) -> None:
    refusal = {"error": {"code": 100, "message": "(#100) Param subscribed_fields[2] must be one of {messages}"}}
    fake("script", path="/subscribed_apps", times=1, status=400, body=refusal)
    body = {"platform": "FACEBOOK", "externalId": PAGE, "accessToken": "page-token"}
    made = cast.owner.post("/api/connections", body)
    work(2)
    connection = cast.owner.get(f"/api/channels/{made.json['channel']['id']}").json["channel"]["connection"]
    assert connection["subscribed"] == ["messages", "messaging_postbacks"]


def test_names_and_pictures_come_later(cast: Cast, platform: Platform, fake: Fake) -> None:
    fake("person", id=platform.person, name="Peter Chang", wrote_at=None)
    conversation = begin(cast, platform)
    found = cast.owner.conversation(conversation)
    assert found["customerName"] == "Peter Chang"
    contact = cast.owner.get(f"/api/contacts/{found['contactId']}").json["contact"]
    assert contact["avatarUrl"].startswith("/avatars/")
    asked = len(fake.requests(f"/{platform.person}"))
    platform.tell(platform.wrap(platform.said("Again", at=1)))
    work()
    assert len(fake.requests(f"/{platform.person}")) == asked


@pytest.mark.parametrize(("code", "subcode"), [(230, None), (9010, None), (100, 2018218), (100, 33)])
def test_who_cannot_be_looked_up_keeps_a_placeholder(
    cast: Cast, facebook: Platform, fake: Fake, code: int, subcode: int | None
) -> None:
    fake("person", id=facebook.person, profile_error={"code": code, "subcode": subcode})
    conversation = begin(cast, facebook)
    assert cast.owner.conversation(conversation)["customerName"].startswith("Visitor ")


MEDIA = [
    ("picture.png", "FETCHED", "picture.png"),
    ("gone", "FAILED", "no longer there"),
    ("inward", "FAILED", "not https"),
    ("endless", "FAILED", "larger than 1 MB"),
    ("page.html", "FAILED", ""),
]


@pytest.mark.parametrize(("name", "state", "why"), MEDIA)
def test_media_are_fetched_safely(cast: Cast, facebook: Platform, fake: Fake, name: str, state: str, why: str) -> None:
    attachment = {"type": "image", "payload": {"url": f"{fake.url}/cdn/{name}"}}
    facebook.tell(facebook.wrap(facebook.said("", attachments=[attachment])))
    work()
    (conversation,) = cast.owner.conversations()
    message = newest(cast, conversation["id"])
    (media,) = message["meta"]["media"]
    assert media["state"] == state
    if state == "FETCHED":
        assert message["attachments"][0]["name"] == why
        assert conversation["lastMessage"]["text"] == "📎 picture.png"
    else:
        assert why in media["reason"]
        assert message["attachments"] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://scontent.xx.fbcdn.net/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://localhost/a.jpg",
        "https://[::1]/a.jpg",
        "https://169.254.169.254/latest/",
        "https://10.0.0.1/a.jpg",
        "https://[::ffff:10.0.0.1]/a.jpg",
        "https://0.0.0.0/a.jpg",
        "https://[64:ff9b::a9fe:a9fe]/latest/",
        "https://[2002:a9fe:a9fe::1]/latest/",
        "https://user@127.0.0.1/a.jpg",
        "https://127.0.0.1:99999/a.jpg",
    ],
)
def test_media_at_private_addresses_are_refused(cast: Cast, facebook: Platform, fake: Fake, url: str) -> None:
    facebook.tell(facebook.wrap(facebook.said("See", attachments=[{"type": "image", "payload": {"url": url}}])))
    work()
    (conversation,) = cast.owner.conversations()
    message = newest(cast, conversation["id"])
    assert message["text"] == "See"
    assert message["meta"]["media"][0]["state"] == "FAILED"


def test_a_file_that_drips_does_not_hold_the_worker(
    cast: Cast, facebook: Platform, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "DOWNLOAD_FOR", 1.0)
    attachment = {"type": "video", "payload": {"url": f"{fake.url}/cdn/drip"}}
    facebook.tell(facebook.wrap(facebook.said("See", attachments=[attachment])))
    began = monotonic()
    work()
    assert monotonic() - began < 20
    with write() as tx:
        (item,) = tx.session.query(OutboxItem).filter_by(kind="media")
    assert "too slowly" in (item.error or "")


def test_story_media_is_only_linked_to(cast: Cast, fake: Fake) -> None:
    instagram = connected(cast, fake, "instagram")
    story = {"type": "story_mention", "payload": {"url": f"{fake.url}/cdn/story.png"}}
    instagram.tell(instagram.wrap(instagram.said("", attachments=[story])))
    work()
    (conversation,) = cast.owner.conversations()
    assert newest(cast, conversation["id"])["meta"]["media"][0]["state"] == "LINKED"
    assert newest(cast, conversation["id"])["attachments"] == []


def test_signing_in_at_meta_lists_what_may_be_connected(cast: Cast, fake: Fake) -> None:
    client = cast.anyone()
    page = client.get("/login").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"email": cast.company["email"], "password": "correct horse", "csrf_token": token}
    assert client.post("/login", data=form).status_code == 302
    to_meta = client.get("/settings/connect").headers["Location"]
    assert to_meta.startswith(f"{fake.url}/v26.0/dialog/oauth?client_id=1517776481860111")
    state = to_meta.split("state=")[1].split("&")[0]
    assert "did not begin here" in client.get("/settings/connect/back?code=good-code&state=forged").text
    client.get("/settings/connect")
    assert "did not begin here" in client.get(f"/settings/connect/back?code=good-code&state={state}").text
    state = client.get("/settings/connect").headers["Location"].split("state=")[1].split("&")[0]
    listed = client.get(f"/settings/connect/back?code=good-code&state={state}").text
    assert "Bells &amp; Sons" in listed
    assert "bells.and.sons" in listed
    assert "page-token" not in listed
    ticket = listed.split('name="ticket" value="')[1].split('"')[0]
    made = cast.owner.post("/api/connections/ticket", {"ticket": ticket})
    assert made.status_code == 201
    assert made.json["channel"]["connection"]["externalId"] == PAGE
    assert cast.outsider.post("/api/connections/ticket", {"ticket": ticket}).status_code == 422
    assert cast.owner.post("/api/connections/ticket", {"ticket": "made up"}).status_code == 422
    assert cast.mate.post("/api/connections/ticket", {"ticket": ticket}).status_code == 403


def test_a_code_that_meta_refuses_is_said(cast: Cast, fake: Fake) -> None:
    from actions.signing_in import signed_in
    from errors import Conflict
    from models import Agent

    with write() as tx:
        agent = tx.session.get_one(Agent, cast.owner.agent_id)
    with pytest.raises(Conflict, match="expired"):
        signed_in(agent, "old-code")


def test_an_instagram_token_is_renewed_before_it_ends(cast: Cast, fake: Fake) -> None:
    from actions.connections import look_after

    instagram = connected(cast, fake, "instagram")
    look_after()
    work(3)
    connection = cast.owner.get(f"/api/channels/{instagram.channel_id}").json["channel"]["connection"]
    assert datetime.fromisoformat(connection["tokenExpiresAt"]) > now() + timedelta(days=59)
    with write() as tx:
        assert decrypt(tx.session.get_one(Channel, instagram.channel_id).secret or "") == "ig-token+"
    look_after()
    work(3)
    assert len(fake.requests("/refresh_access_token")) == 1  # it has two months now


def test_a_token_that_died_is_found_out_without_sending(cast: Cast, facebook: Platform, fake: Fake) -> None:
    from actions.connections import look_after

    fake("kill_token", id=PAGE)
    look_after()
    work(3)
    connection = cast.owner.get(f"/api/channels/{facebook.channel_id}").json["channel"]["connection"]
    assert connection["state"] == "NEEDS_REAUTH"
