from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.company import Company
from models.types import ID_LENGTH, UtcDateTime, new_id, now


class Agent(UserMixin, db.Model):
    """A person who signs in and answers."""

    __tablename__ = "agent"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(200))
    # A new password raises it, and every session signed in before is over.
    session_epoch: Mapped[int] = mapped_column(Integer, default=0)
    avatar_url: Mapped[str | None] = mapped_column(String(2048))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    company: Mapped[Company] = relationship(lazy="joined")

    def get_id(self) -> str:
        """What the session cookie keeps: the agent, and which generation of sessions this is."""
        return f"{self.id}:{self.session_epoch}"
