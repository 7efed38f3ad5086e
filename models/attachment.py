from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.types import ID_LENGTH, UtcDateTime, new_id, now


class Attachment(db.Model):
    """A file that somebody uploaded: first his alone, then of the message he sent it with.

    Exactly one uploader: an agent, or the visitor `psid` of the channel (who may have no row yet).
    """

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_unsent", "message_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    channel_id: Mapped[str | None] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    psid: Mapped[str | None] = mapped_column(String(100))
    message_id: Mapped[str | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))  # null: not sent yet
    position: Mapped[int] = mapped_column(Integer, default=0)  # among its message's
    file: Mapped[str] = mapped_column(String(64), unique=True)  # random name under UPLOAD_DIR
    name: Mapped[str] = mapped_column(String(255))  # what people call it
    content_type: Mapped[str] = mapped_column(String(100))  # by its content
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    width: Mapped[int | None] = mapped_column(Integer)  # pixels, of images
    height: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
