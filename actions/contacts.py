"""Customers: what is known of one, corrections, and blocking."""

from typing import Any

from sqlalchemy import select

from actions.announce import announce_change, raise_rev
from actions.browsers import describe_browser
from actions.messages import add_system_line
from actions.presence import visitor_state
from emit import visitor_room
from errors import NotFound
from extensions import db
from models import Agent, Contact, ContactIdentity, Conversation
from models.types import now
from schemas.base import plain_id
from schemas.settings import ContactAnswer
from store import Transaction, write

SHOWN = 20  # conversations


def describe_contact(agent: Agent, contact_id: str) -> dict[str, Any]:
    return _described(_access(agent, contact_id))


def change_contact(agent: Agent, contact_id: str, data: dict[str, Any], given: set[str]) -> dict[str, Any]:
    """Change what is `given` of name, email, phone, blocked. Every conversation of the contact is announced."""
    with write() as tx:
        contact = _access(agent, contact_id, tx)
        before = (contact.display_name, contact.email)
        for field in given & {"name", "email", "phone"}:
            setattr(contact, field, data[field])
        conversations = _conversations(tx, contact)
        if "blocked" in given and data["blocked"] != (contact.blocked_at is not None):
            _block(tx, agent, contact, conversations, data["blocked"])
        if before != (contact.display_name, contact.email):
            for conversation in conversations:
                raise_rev(tx, conversation)
                announce_change(tx, conversation, ("customerName", "customerEmail"))
    db.session.expire_all()
    return describe_contact(agent, contact_id)


def _block(tx: Transaction, agent: Agent, contact: Contact, conversations: list[Conversation], blocked: bool) -> None:
    """What he writes is refused from now on; the team sees a line about it in his newest conversation."""
    contact.blocked_at = now() if blocked else None
    if conversations:
        text = f"{agent.name} {'blocked' if blocked else 'unblocked'} this customer"
        meta = {"field": "blocked", "from": not blocked, "to": blocked, "by": {"id": agent.id, "name": agent.name}}
        add_system_line(tx, conversations[0], text, meta)
        announce_change(tx, conversations[0], ("lastSeq",))
    for conversation in conversations if blocked else []:
        tx.disconnect(visitor_room(conversation.channel_id, conversation.identity.psid))


def _conversations(tx: Transaction, contact: Contact) -> list[Conversation]:
    """All of the contact's, locked, the newest first."""
    query = select(Conversation).where(Conversation.contact_id == contact.id)
    rows = tx.session.scalars(query.order_by(Conversation.id).with_for_update(of=Conversation)).all()
    return sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)


def _access(agent: Agent, contact_id: str, tx: Transaction | None = None) -> Contact:
    query = select(Contact).where(Contact.id == plain_id(contact_id), Contact.company_id == agent.company_id)
    contact = tx.session.scalar(query.with_for_update()) if tx else db.session.scalar(query)
    if contact is None:
        raise NotFound()
    return contact


def _described(contact: Contact) -> dict[str, Any]:
    identities = select(ContactIdentity).where(ContactIdentity.contact_id == contact.id)
    identity = db.session.scalar(identities.order_by(ContactIdentity.created_at.desc()).limit(1))
    conversations = db.session.scalars(
        select(Conversation)
        .where(Conversation.contact_id == contact.id)
        .order_by(Conversation.created_at.desc(), Conversation.id.desc())
        .limit(SHOWN)
    ).all()
    return ContactAnswer().dump({"contact": {**_facts(contact, identity), "conversations": conversations}})


def _facts(contact: Contact, identity: ContactIdentity | None) -> dict[str, Any]:
    state = visitor_state(identity.channel_id, identity.psid) if identity else {"online": False, "page": None}
    return {
        "id": contact.id,
        "name": contact.name,
        "display_name": contact.display_name,
        "email": contact.email,
        "phone": contact.phone,
        "avatar_url": contact.avatar_url,
        "attributes": contact.attributes,
        "blocked": contact.blocked_at is not None,
        "created_at": contact.created_at,
        "page": state["page"] or (identity.page if identity else None),
        "browser": describe_browser(identity.user_agent) if identity else None,
        "locale": identity.locale if identity else None,
        "timezone": identity.timezone if identity else None,
        "online": state["online"],
        "last_seen_at": identity.seen_at if identity else None,
    }
