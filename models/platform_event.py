from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.types import ID_LENGTH, RowNumber, UtcDateTime, new_id, now


class PlatformEvent(db.Model):
    """The journal: one event of a platform, as it came, and what became of it. Processed in the order of `number`.

    `channel_id` is null if it named no channel of ours.
    """

    __tablename__ = "platform_event"
    __table_args__ = (
        Index("ix_platform_event_due", "state", "next_at", "number"),
        Index("ix_platform_event_channel", "channel_id", "state", "number"),
    )

    number: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True, default=new_id)
    platform: Mapped[str] = mapped_column(String(16))
    channel_id: Mapped[str | None] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(Text)  # JSON, in ASCII: what databases refuse in text is escaped
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)  # why it is ignored, or failed
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
