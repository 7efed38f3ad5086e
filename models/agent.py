from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.company import Company
from models.enums import Availability
from models.types import ID_LENGTH, UtcDateTime, new_id, now


class Agent(db.Model):
    """A person who signs in and answers."""

    __tablename__ = "agent"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"), index=True)
    # Lower case. Of a removed agent a made-up one, so that the address can be invited again.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(200))
    avatar_url: Mapped[str | None] = mapped_column(String(2048))
    # What the agent chose; whether he is there at all, his sockets say.
    availability: Mapped[str] = mapped_column(String(16), default=Availability.ONLINE, server_default="ONLINE")
    # A removed agent cannot do anything any more; his name stays on what he wrote.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    company: Mapped[Company] = relationship(lazy="joined")
