from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.agent import Agent
from models.types import ID_LENGTH, UtcDateTime, new_id, now


class ApiToken(db.Model):
    """A bearer token that acts as its agent. Only its SHA-256 is kept."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(8), default="", server_default="")  # its last characters
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    agent: Mapped[Agent] = relationship(lazy="joined")
