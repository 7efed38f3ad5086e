from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.enums import PartStatus
from models.types import ID_LENGTH, UtcDateTime, new_id


class MessagePart(db.Model):
    """What of a message to a platform's customer goes out in one request: a piece of its text, or an attachment.

    `id` goes along and comes back in the echo, where the platform does that.
    """

    __tablename__ = "message_part"
    __table_args__ = (UniqueConstraint("message_id", "position"), UniqueConstraint("channel_id", "external_id"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    channel_id: Mapped[str] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    text: Mapped[str | None] = mapped_column(Text)
    attachment_id: Mapped[str | None] = mapped_column(ForeignKey("attachment.id", ondelete="SET NULL"))
    external_id: Mapped[str | None] = mapped_column(String(255))  # the platform's id of it
    status: Mapped[str] = mapped_column(String(16), default=PartStatus.QUEUED)
    # When it left, by the platform's clock where that is known: what its receipts are compared with.
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
