from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.agent import Agent
from models.company import Company
from models.types import ID_LENGTH, UtcDateTime, new_id, now


class Invite(db.Model):
    """A link by which one person may join as an agent, once, until it expires. Only the token's SHA-256 is kept."""

    __tablename__ = "invite"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"), index=True)
    invited_by_id: Mapped[str | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    email: Mapped[str] = mapped_column(String(254))  # lower case
    role: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
    invited_by: Mapped[Agent | None] = relationship(lazy="joined")

    @property
    def expired(self) -> bool:
        return self.expires_at <= now()
