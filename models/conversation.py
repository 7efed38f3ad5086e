from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.agent import Agent
from models.channel import Channel
from models.contact import Contact, ContactIdentity
from models.enums import ChannelState, ConversationStatus
from models.types import ID_LENGTH, Json, UtcDateTime, new_id, now

# How long a platform lets a team answer after the customer last did something.
WINDOW = timedelta(hours=24)
HUMAN_WINDOW = timedelta(days=7)
NOBODY_WROTE = "The customer has not written yet, and the platform only allows answers."
OVER = {
    False: "The customer last wrote more than 24 hours ago: the platform allows no answer until they write again.",
    True: "The customer last wrote more than 7 days ago: the platform allows no answer until they write again.",
}


class Conversation(db.Model):
    """A thread between one contact and the team on one channel.

    Numbers, counters and the preview stand here, so that neither the list nor an event counts rows.
    `last_seq` numbers every message; `message_count` only those that are not internal, which makes it
    the visitor's own `lastSeq`. Read positions are watermarks: `team_*` in the agents' numbers,
    `visitor_*` in the visitor's.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        Index("ix_conversation_inbox", "company_id", "last_message_at", "id"),
        Index("ix_conversation_status", "company_id", "status", "last_message_at", "id"),
        Index("ix_conversation_rev", "company_id", "rev"),
        Index("ix_conversation_current", "identity_id", "created_at", "id"),
        Index(
            "ix_conversation_snoozed_until",
            "snoozed_until",
            sqlite_where=text("snoozed_until IS NOT NULL"),
            postgresql_where=text("snoozed_until IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"))
    channel_id: Mapped[str] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    identity_id: Mapped[str] = mapped_column(ForeignKey("contact_identity.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(16), default=ConversationStatus.OPEN)
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    auto_bot: Mapped[bool] = mapped_column(Boolean, default=False)
    assignee_id: Mapped[str | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"), index=True)
    labels: Mapped[list[str]] = mapped_column(Json, default=list)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    message_count: Mapped[int] = mapped_column(Integer, default=0)
    unread_count: Mapped[int] = mapped_column(Integer, default=0)
    team_read_seq: Mapped[int] = mapped_column(Integer, default=0)
    visitor_unread_count: Mapped[int] = mapped_column(Integer, default=0)
    visitor_read_seq: Mapped[int] = mapped_column(Integer, default=0)
    visitor_delivered_seq: Mapped[int] = mapped_column(Integer, default=0)
    last_message_text: Mapped[str] = mapped_column(Text, default="")
    last_message_role: Mapped[str] = mapped_column(String(16), default="")
    last_message_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    rev: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    channel: Mapped[Channel] = relationship(lazy="joined", innerjoin=True)
    contact: Mapped[Contact] = relationship(lazy="joined", innerjoin=True)
    identity: Mapped[ContactIdentity] = relationship(lazy="joined", innerjoin=True)
    assignee: Mapped[Agent | None] = relationship(lazy="joined")

    @property
    def visitor_last_seq(self) -> int:
        return self.message_count

    @property
    def last_message(self) -> dict[str, Any]:
        return {"text": self.last_message_text, "role": self.last_message_role, "created_at": self.last_message_at}

    @property
    def can_reply(self) -> dict[str, Any]:
        """{allowed, until, reason}. A widget's visitor can always be answered, a platform's customer for a while
        after he last did something; `until` is null where nothing limits it."""
        if self.channel.is_widget:
            return {"allowed": True, "until": None, "reason": None}
        if self.channel.state == ChannelState.DISCONNECTED:
            return {"allowed": False, "until": None, "reason": "This channel is disconnected."}
        acted_at = self.identity.acted_at
        if acted_at is None:
            return {"allowed": False, "until": None, "reason": NOBODY_WROTE}
        is_long = self.channel.settings.get("humanAgent") is True
        until = acted_at + (HUMAN_WINDOW if is_long else WINDOW)
        allowed = now() < until
        return {"allowed": allowed, "until": until, "reason": None if allowed else OVER[is_long]}

    @property
    def needs_human(self) -> bool:
        """Whether an answer now needs the platform's tag for a human's late answer."""
        return self.identity.acted_at is not None and now() >= self.identity.acted_at + WINDOW

    def reopen(self) -> bool:
        """What a customer's message does: RESOLVED or SNOOZED becomes OPEN, PENDING stays. True if it changed."""
        if self.status not in (ConversationStatus.RESOLVED, ConversationStatus.SNOOZED):
            return False
        self.status = ConversationStatus.OPEN
        self.snoozed_until = None
        return True
