from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.agent import Agent
from models.attachment import Attachment
from models.conversation import Conversation
from models.enums import DeliveryStatus, MessageRole
from models.types import ID_LENGTH, Json, RowNumber, UtcDateTime, new_id, now

PREVIEW = 500  # code points of the last message that stand on its conversation


class Message(db.Model):
    """One line of a conversation. `seq` counts every line, `public_seq` those a visitor may see.

    `number` is the rowid that the full-text index points at; the world knows a message by `id`.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "public_seq"),
        UniqueConstraint("identity_id", "client_id"),
        UniqueConstraint("agent_id", "client_id"),
        UniqueConstraint("channel_id", "external_id"),
        Index("ix_message_company_id", "company_id", "number"),
    )

    number: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True, default=new_id)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"))
    channel_id: Mapped[str] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(Integer)
    public_seq: Mapped[int | None] = mapped_column(Integer)  # null: internal
    role: Mapped[str] = mapped_column(String(16))
    private: Mapped[bool] = mapped_column(Boolean, default=False)
    text: Mapped[str] = mapped_column(Text)
    # The author: the customer's identity, or the agent; neither for BOT and SYSTEM.
    identity_id: Mapped[str | None] = mapped_column(ForeignKey("contact_identity.id", ondelete="CASCADE"))
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    client_id: Mapped[str | None] = mapped_column(String(64))
    external_id: Mapped[str | None] = mapped_column(String(255))  # the platform's message id
    reply_to_id: Mapped[str | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"))
    status: Mapped[str | None] = mapped_column(String(16))  # as stored; see delivery_status
    error: Mapped[dict[str, Any] | None] = mapped_column(Json)
    meta: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    conversation: Mapped[Conversation] = relationship(lazy="joined", innerjoin=True)
    agent: Mapped[Agent | None] = relationship(lazy="joined")
    reply_to: Mapped["Message | None"] = relationship(
        remote_side=id,  # noqa: A003
        lazy="selectin",
        join_depth=1,
    )

    attachments: Mapped[list[Attachment]] = relationship(
        lazy="selectin", order_by=Attachment.position, passive_deletes=True
    )

    @property
    def internal(self) -> bool:
        """Notes and SYSTEM lines never leave the team."""
        return self.private or self.role == MessageRole.SYSTEM

    @property
    def delivery_status(self) -> str | None:
        """The stored status, raised by the watermarks of the other side. Internal lines have none."""
        if self.public_seq is None or self.status in (DeliveryStatus.FAILED, DeliveryStatus.QUEUED):
            return self.status
        if self.role == MessageRole.USER:
            return DeliveryStatus.READ if self.seq <= self.conversation.team_read_seq else self.status
        if self.public_seq <= self.conversation.visitor_read_seq:
            return DeliveryStatus.READ
        if self.public_seq <= self.conversation.visitor_delivered_seq:
            return DeliveryStatus.DELIVERED
        return self.status

    @property
    def author(self) -> dict[str, Any] | None:
        """{id, name, avatar_url} of the customer or the agent; null for BOT and SYSTEM."""
        if self.role == MessageRole.USER:
            contact = self.conversation.contact
            return {"id": contact.id, "name": contact.display_name, "avatar_url": contact.avatar_url}
        if self.role == MessageRole.AGENT and self.agent is not None:
            return {"id": self.agent.id, "name": self.agent.name, "avatar_url": self.agent.avatar_url}
        return None

    @property
    def public_meta(self) -> dict[str, Any]:
        """Of `meta`, what a visitor may see."""
        return {"removed": True} if self.meta.get("removed") else {}

    @property
    def preview(self) -> str:
        """What stands for the message in a list."""
        if self.meta and self.meta.get("removed"):
            return "Message removed"
        names = [attachment.name for attachment in self.attachments]
        names += [
            media.get("title") or media["kind"].capitalize()
            for media in (self.meta or {}).get("media", ())
            if media["state"] != "FETCHED"
        ]
        return (self.text or f"📎 {', '.join(names)}")[:PREVIEW]
