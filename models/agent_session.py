from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.agent import Agent
from models.types import ID_LENGTH, UtcDateTime, new_id, now


class AgentSession(UserMixin, db.Model):
    """An agent signed in with one browser. The cookie names it; without this row the cookie is worth nothing."""

    __tablename__ = "agent_session"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    user_agent: Mapped[str | None] = mapped_column(String(512))
    address: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    agent: Mapped[Agent] = relationship(lazy="joined", innerjoin=True)
