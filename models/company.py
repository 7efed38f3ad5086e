from datetime import datetime

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.types import ID_LENGTH, UtcDateTime, new_id, now


class Company(db.Model):
    """The tenant. Everything belongs to exactly one company; nothing ever crosses."""

    __tablename__ = "company"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    # Raised by every change that an agent's list could show; every company event carries it.
    rev: Mapped[int] = mapped_column(BigInteger, default=0)
    # Raised by every change of the company's settings: who saves an older one is told.
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
