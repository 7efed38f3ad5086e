from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.types import Json


class PlatformFact(db.Model):
    """What a platform told about one of its messages, which may come before the message itself."""

    __tablename__ = "platform_fact"

    channel_id: Mapped[str] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"), primary_key=True)
    mid: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)  # edit, removal, customer, team, delivery, read
    value: Mapped[dict[str, Any]] = mapped_column(Json)
