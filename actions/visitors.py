"""Visitors: starting a visit, and what their widget tells about them. A visit that sends nothing writes nothing."""

from typing import Any

from flask import current_app
from sqlalchemy import select

from actions.access import own_conversations
from actions.announce import announce_change, raise_rev
from actions.channels import effective_settings
from actions.history import newest_page
from actions.identity import Visitor, check_identity, visitor_of, visitor_token
from actions.presence import is_agent_online, is_team_online
from errors import Forbidden
from extensions import db
from models import Agent, Channel, Contact, ContactIdentity, Conversation
from models.types import new_id
from schemas.visitor import VisitorContactShape, VisitorConversationShape, WidgetConfigShape
from store import Transaction


def recognise(channel: Channel, data: dict[str, Any]) -> Visitor:
    """Who starts a visit: whom the token names, whom the site vouches for, or a new visitor."""
    visitor = visitor_of(data["visitor_token"])
    if visitor is not None and visitor.channel_id != channel.id:
        visitor = None
    if identity := data["identity"]:
        check_identity(channel, identity["user_id"], identity["hash"])
        visitor = _vouched_visitor(channel, visitor, identity["user_id"])
    return visitor or Visitor(channel.id, new_id())


def resume(visitor: Visitor, data: dict[str, Any]) -> dict[str, Any]:
    """What a visit shows at its start: the contact, the current conversation and its newest messages."""
    conversation = db.session.scalar(own_conversations(visitor).limit(1))
    contact: Any = {"id": None, "name": data["name"], "email": data["email"]}
    if conversation is not None:
        contact = conversation.contact
    return {
        "visitorToken": visitor_token(visitor),
        "contact": VisitorContactShape().dump(contact),
        "conversation": VisitorConversationShape().dump(conversation) if conversation else None,
        "messages": newest_page(conversation) if conversation else [],
    }


def list_own(visitor: Visitor) -> dict[str, Any]:
    """All of the visitor's conversations, newest first."""
    rows = db.session.scalars(own_conversations(visitor).limit(100))
    return {"conversations": VisitorConversationShape(many=True).dump(rows)}


def public_config(channel: Channel) -> dict[str, Any]:
    """What the world may know of a channel: its look, its texts, and who would answer."""
    settings = effective_settings(channel)
    return WidgetConfigShape().dump(
        {
            "widget_key": channel.external_id,
            "name": channel.name,
            "online": is_team_online(channel.company_id),
            "team": _faces(channel.company_id),
            "colors": settings["colors"],
            "texts": settings["texts"],
            "position": settings["position"],
            "theme": settings["theme"],
            "pre_chat_fields": settings["preChatFields"],
            "sneak_peek": settings["sneakPeek"],
            "max_file_size": current_app.config["MAX_UPLOAD"],
        }
    )


def _faces(company_id: str) -> list[Agent]:
    """Up to three agents, those first who are there."""
    agents = db.session.scalars(
        select(Agent).where(Agent.company_id == company_id, Agent.removed_at.is_(None)).order_by(Agent.id).limit(50)
    )
    return sorted(agents, key=lambda agent: not is_agent_online(agent.id))[:3]


def channel_of(visitor: Visitor) -> Channel | None:
    """The channel that a token was given out for; None if it is gone."""
    return db.session.get(Channel, visitor.channel_id)


def find_or_make_identity(tx: Transaction, visitor: Visitor, signed: dict[str, Any] | None) -> ContactIdentity:
    """The visitor's row, locked; made with its contact if he never wrote. A signed identity ties it to
    the site's user, whoever that already is."""
    identity = _identity_of(tx, visitor)
    if identity is None:
        identity = _make_identity(tx, visitor)
    if identity.contact.blocked_at is not None:
        raise Forbidden("You cannot write to this team.")
    if signed:
        channel = tx.session.get_one(Channel, visitor.channel_id)
        check_identity(channel, signed["user_id"], signed["hash"])
        _tie_to_user(tx, identity, signed["user_id"])
    return identity


def learn_about(
    tx: Transaction, conversation: Conversation, data: dict[str, Any], user_agent: str | None
) -> tuple[str, ...]:
    """Keep what came along with a message. Returns the keys of Conversation that it changed, which the message
    tells of; the contact's other conversations are told of here."""
    signed = data["identity"] or {}
    identity, contact = conversation.identity, conversation.contact
    before = (contact.display_name, contact.email)
    contact.name = signed.get("name") or data["name"] or contact.name
    contact.email = signed.get("email") or data["email"] or contact.email
    if told := _answers(conversation.channel, data) | (signed.get("attributes") or {}):
        contact.attributes = {**contact.attributes, **told}
    identity.page = data["page"] or identity.page
    identity.locale = data["locale"] or identity.locale
    identity.timezone = data["timezone"] or identity.timezone
    identity.user_agent = (user_agent or "")[:512] or identity.user_agent
    tx.session.flush()
    if before == (contact.display_name, contact.email):
        return ()
    changed = ("customerName", "customerEmail")
    _tell_other_conversations(tx, conversation, changed)
    return changed


def _answers(channel: Channel, data: dict[str, Any]) -> dict[str, Any]:
    """What the visitor answered to the channel's own pre-chat fields, and nothing else."""
    asked = {field["name"] for field in effective_settings(channel)["preChatFields"]} - {"name", "email"}
    return {name: value for name, value in data["attributes"].items() if name in asked}


def _tell_other_conversations(tx: Transaction, conversation: Conversation, changed: tuple[str, ...]) -> None:
    """A contact's name stands in each of his conversations' rows of the list."""
    query = select(Conversation).where(
        Conversation.contact_id == conversation.contact_id, Conversation.id != conversation.id
    )
    for other in tx.session.scalars(query.order_by(Conversation.id).with_for_update(of=Conversation)).all():
        raise_rev(tx, other)
        announce_change(tx, other, changed)


def _identity_of(tx: Transaction, visitor: Visitor) -> ContactIdentity | None:
    query = select(ContactIdentity).where(
        ContactIdentity.channel_id == visitor.channel_id, ContactIdentity.psid == visitor.psid
    )
    return tx.session.scalar(query.with_for_update(of=ContactIdentity))


def _make_identity(tx: Transaction, visitor: Visitor) -> ContactIdentity:
    channel = tx.session.get_one(Channel, visitor.channel_id)
    contact = Contact(company_id=channel.company_id)
    identity = ContactIdentity(contact=contact, channel_id=channel.id, psid=visitor.psid)
    tx.session.add(identity)
    tx.session.flush()
    return identity


def _tie_to_user(tx: Transaction, identity: ContactIdentity, user_id: str) -> None:
    """Make the identity that of the site's user: name its contact after him, or move it to his contact."""
    contact = identity.contact
    if contact.external_id == user_id:
        return
    if contact.external_id is not None:
        raise Forbidden("This visitor token belongs to another user. Start a new visit.")
    known = tx.session.scalar(
        select(Contact).where(Contact.company_id == contact.company_id, Contact.external_id == user_id)
    )
    if known is None:
        contact.external_id = user_id
    else:
        _move_identity(tx, identity, known)
    tx.session.flush()


def _move_identity(tx: Transaction, identity: ContactIdentity, known: Contact) -> None:
    """The anonymous visitor turned out to be a contact we have: his conversations become that contact's."""
    anonymous = identity.contact
    query = select(Conversation).where(Conversation.identity_id == identity.id).order_by(Conversation.id)
    for conversation in tx.session.scalars(query.with_for_update(of=Conversation)).all():
        conversation.contact = known
        raise_rev(tx, conversation)
        announce_change(tx, conversation, ("customerName", "customerEmail", "contactId"))
    identity.contact = known
    tx.session.flush()
    tx.session.delete(anonymous)


def _vouched_visitor(channel: Channel, visitor: Visitor | None, user_id: str) -> Visitor | None:
    """Whom a signed identity makes of the token's visitor: himself if he is that user or still anonymous;
    otherwise the user's own visitor of this channel; None (a new one) if the user never wrote here."""
    mine = _contact_of(visitor) if visitor else None
    if mine is not None and mine.external_id in (None, user_id):
        return visitor
    known = db.session.scalar(
        select(ContactIdentity)
        .join(Contact)
        .where(
            Contact.company_id == channel.company_id,
            Contact.external_id == user_id,
            ContactIdentity.channel_id == channel.id,
        )
        .order_by(ContactIdentity.created_at.desc())
        .limit(1)
    )
    if known is not None:
        return Visitor(channel.id, known.psid)
    return visitor if mine is None else None


def _contact_of(visitor: Visitor) -> Contact | None:
    return db.session.scalar(
        select(Contact)
        .join(ContactIdentity)
        .where(ContactIdentity.channel_id == visitor.channel_id, ContactIdentity.psid == visitor.psid)
    )
