"""A living inbox to look at: two weeks of a small shop's conversations, in many languages.

Every message goes the way of a message; only then its time is put back. The texts are in demo_inbox.json.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import current_app
from PIL import Image, ImageDraw
from sqlalchemy import select

from actions.agents import add_agent, hash_password
from actions.attachments import upload_by_visitor
from actions.conversations import patch_conversation
from actions.identity import Visitor
from actions.messages import Sent, send_agent_message, send_visitor_message
from actions.reading import read_by_team
from errors import Conflict, NotFound
from extensions import db
from models import Agent, Channel, Company, Conversation, Message
from models.enums import AgentRole, ConversationStatus, Platform
from models.types import new_id, now
from store import Transaction, write

TEXTS = Path(__file__).with_suffix(".json")
SPREAD = timedelta(days=14)  # between the oldest and the newest conversation
PAUSE = (40, 900)  # seconds between two lines
WAITING = 0.3  # of the made-up conversations end with a question that nobody has read
UNTOLD: dict[str, Any] = {"identity": None, "reply_to": None, "new_conversation": False, "attributes": {}}


@dataclass(frozen=True)
class Script:
    """One conversation. `lines`: "v:" the visitor, "a:" an agent, "n:" a note, "f:" a picture of the visitor's."""

    lines: list[str]
    name: str | None = None
    email: str | None = None
    locale: str = "en-US"
    timezone: str = "America/New_York"
    status: str = "OPEN"


def demo_company(password: str, *, force: bool) -> tuple[list[Agent], bool]:
    """The agents of the oldest company, for which the inbox is filled; without agents it becomes the demo's own.

    Returns the agents and whether they are the demo's. Conflict, unless `force`, where real work is done.
    """
    if current_app.config["DESKBELL_ENV"] == "production" and not force:
        raise Conflict("This is production: made-up conversations do not belong here. --force makes them all the same.")
    company = db.session.scalars(select(Company).order_by(Company.id)).first()
    if company is None:
        raise NotFound("There is no company yet. Start Deskbell once, or use create-company.")
    if not force and db.session.scalar(select(Conversation.id).where(Conversation.company_id == company.id).limit(1)):
        raise Conflict(f"{company.name} has conversations already. --force adds the made-up ones to them.")
    query = select(Agent).where(Agent.company_id == company.id, Agent.removed_at.is_(None)).order_by(Agent.id)
    agents = list(db.session.scalars(query))
    return (agents, False) if agents else (_make_team(company.id, password), True)


def scripts(count: int, seed: int) -> list[Script]:
    """`count` conversations, the oldest first: the written ones among made-up ones. The same for the same seed."""
    texts, chance = _texts(), random.Random(seed)  # noqa: S311
    written = [Script(**script) for script in texts["conversations"]][:count]
    made_up = [_made_up(texts, chance) for _ in range(count - len(written))]
    half = len(written) // 2
    return [*made_up, *written[half:], *written[:half]]


def play_all(agents: list[Agent], count: int, seed: int) -> Iterator[str]:
    """Writes the conversations one by one; yields their ids."""
    chance = random.Random(seed)  # noqa: S311
    channel = _widget_of(agents[0])
    started = now()
    for number, script in enumerate(scripts(count, seed)):
        ends = started - SPREAD * ((count - number - 1) / count) ** 2 - timedelta(seconds=chance.randint(20, 200))
        conversation_id = _play(script, agents, channel, chance)
        _put_back(conversation_id, ends, chance)
        yield conversation_id


def _play(script: Script, agents: list[Agent], channel: Channel, chance: random.Random) -> str:
    texts = _texts()
    visitor = Visitor(channel.id, new_id())
    agent = chance.choice(agents)
    page = chance.choice(texts["pages"])
    about = {
        **UNTOLD,
        "name": script.name,
        "email": script.email,
        "locale": script.locale,
        "timezone": script.timezone,
        "page": {
            "url": f"https://aldine-moss.example{page['path']}",
            "title": page["title"],
            "referrer": page["referrer"] or None,
        },
    }
    browser = chance.choice(texts["browsers"])
    sent: Sent | None = None
    conversation_id = ""
    for line in script.lines:
        kind, _, text = line.partition(":")
        message = {"client_id": new_id(), "attachment_ids": [], "text": text}
        if kind in "vf":
            if kind == "f":
                upload = upload_by_visitor(visitor, channel, _picture(text), text)
                message |= {"text": "", "attachment_ids": [upload["attachment"]["id"]]}
            sent = send_visitor_message(visitor, {**about, **message}, browser)
            conversation_id = sent.payload["message"]["conversationId"]
        else:
            reply = {**message, "conversation_id": conversation_id, "private": kind == "n", "reply_to": None}
            send_agent_message(agent, reply)
    _settle(script, agent, conversation_id, chance)
    return conversation_id


def _settle(script: Script, agent: Agent, conversation_id: str, chance: random.Random) -> None:
    """What the team did besides answering."""
    was_answered = any(line.startswith("a:") for line in script.lines)
    changes: dict[str, Any] = {}
    if was_answered:
        changes["assignee_id"] = agent.id
    if script.status != ConversationStatus.OPEN:
        changes["status"] = script.status
    if script.status == ConversationStatus.SNOOZED:
        changes["snoozed_until"] = now() + timedelta(days=1)
    if was_answered and (script.status != ConversationStatus.OPEN or chance.random() < 0.5):
        read_by_team(agent, conversation_id, len(script.lines) + 1)
    if changes:
        patch_conversation(agent, conversation_id, changes)


def _put_back(conversation_id: str, ends: Any, chance: random.Random) -> None:
    """Puts a conversation's times back, so that its newest message is from `ends`."""
    with write() as tx:
        conversation = tx.session.get_one(Conversation, conversation_id)
        query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.seq.desc())
        at = ends
        for message in tx.session.scalars(query).all():
            message.created_at = at
            at -= timedelta(seconds=chance.randint(*PAUSE))
        began = at + timedelta(seconds=1)
        newest = select(Message.created_at).where(
            Message.conversation_id == conversation_id, Message.public_seq == conversation.message_count
        )
        conversation.created_at = conversation.contact.created_at = conversation.identity.created_at = began
        tx.session.flush()
        conversation.last_message_at = tx.session.scalars(newest).one()
        conversation.identity.seen_at = ends


def _made_up(texts: dict[str, Any], chance: random.Random) -> Script:
    name = chance.choice(texts["people"])
    lines = [f"v:{chance.choice(texts['questions'])}"]
    status = "OPEN"
    if chance.random() > WAITING:
        lines += [f"a:{chance.choice(texts['answers'])}", f"v:{chance.choice(texts['thanks'])}"]
        status = chance.choice(["RESOLVED", "RESOLVED", "OPEN"])
    email = f"{name.split()[0].lower()}@mail.example" if name.isascii() else None
    return Script(lines=lines, name=name, email=email, status=status)


def _make_team(company_id: str, password: str) -> list[Agent]:
    texts, password_hash = _texts(), hash_password(password)
    with write() as tx:
        company = tx.session.get_one(Company, company_id)
        company.name = texts["company"]
        channel = tx.session.scalars(select(Channel).where(Channel.company_id == company_id)).one()
        channel.name = texts["company"]
        owner = _add(tx, company, texts["owner"], password_hash, AgentRole.OWNER)
        return [owner, *(_add(tx, company, agent, password_hash, AgentRole.AGENT) for agent in texts["agents"])]


def _add(tx: Transaction, company: Company, who: dict[str, str], password_hash: str, role: AgentRole) -> Agent:
    return add_agent(tx, company, name=who["name"], email=who["email"], password_hash=password_hash, role=role)


def _widget_of(agent: Agent) -> Channel:
    query = select(Channel).where(Channel.company_id == agent.company_id, Channel.platform == Platform.WIDGET)
    channel = db.session.scalars(query.order_by(Channel.id)).first()
    if channel is None:
        raise NotFound("The company has no website channel.")
    return channel


def _picture(name: str) -> BytesIO:
    """A drawing of a bell, as a photo stands in."""
    hue = sum(name.encode()) % 60
    picture = Image.new("RGB", (960, 640), (226, 214 - hue // 2, 196 - hue))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 500, 960, 640), fill=(124, 92 + hue // 3, 66))
    draw.pieslice((280, 180, 680, 780), 180, 360, fill=(196, 150, 58 + hue))
    draw.rectangle((250, 468, 710, 500), fill=(142, 104, 36))
    draw.ellipse((462, 140, 498, 190), fill=(142, 104, 36))
    draw.arc((320, 220, 640, 740), 195, 250, fill=(244, 222, 160), width=18)
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    file.seek(0)
    return file


def _texts() -> dict[str, Any]:
    texts: dict[str, Any] = json.loads(TEXTS.read_text("utf-8"))
    return texts
