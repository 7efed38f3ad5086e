from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.agent import Agent
from models.types import ID_LENGTH, UtcDateTime, new_id, now


class PasswordReset(db.Model):
    """A mailed link that sets a new password, once, until it expires. Only the token's SHA-256 is kept."""

    __tablename__ = "password_reset"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    agent: Mapped[Agent] = relationship(lazy="joined", innerjoin=True)
