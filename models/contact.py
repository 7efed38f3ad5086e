from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import db
from models.types import ID_LENGTH, Json, RowNumber, UtcDateTime, new_id, now


class Contact(db.Model):
    """The customer. `number` is the rowid that the full-text index points at."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("company_id", "external_id"),)

    number: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True, default=new_id)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"))
    # The site's own user id, only ever set from a signed identity.
    external_id: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(50))
    avatar_url: Mapped[str | None] = mapped_column(String(2048))
    attributes: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since when his messages are refused
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def display_name(self) -> str:
        """Never empty: a placeholder such as "Visitor 4F2A" until the name is known."""
        return self.name or f"Visitor {self.id[-4:].upper()}"


class ContactIdentity(db.Model):
    """Who a contact is on one channel: `psid` is the platform's id of the person, or the visitor id."""

    __tablename__ = "contact_identity"
    __table_args__ = (UniqueConstraint("channel_id", "psid"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    psid: Mapped[str] = mapped_column(String(100))
    # Where and how the visitor last wrote: {url, title, referrer}, BCP 47, IANA zone, browser.
    page: Mapped[dict[str, Any] | None] = mapped_column(Json)
    locale: Mapped[str | None] = mapped_column(String(35))
    timezone: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(512))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when his last socket went away
    # On a platform, by its own clock: when he last did something, up to when the team answered elsewhere, and up to
    # when what was sent to him has arrived and is read. They only go forward, in whatever order events come.
    acted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    profile_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when his profile was last asked for
    profile_name: Mapped[str | None] = mapped_column(String(200))  # as the platform last said
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    contact: Mapped[Contact] = relationship(lazy="joined", innerjoin=True)

    def advance(self, name: str, moment: datetime | None) -> bool:
        """Move one of the positions above forward. True if it moved."""
        before = getattr(self, name)
        if moment is None or (before is not None and moment <= before):
            return False
        setattr(self, name, moment)
        return True
