from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.enums import ChannelState, Platform
from models.types import ID_LENGTH, Json, UtcDateTime, new_id, now


class Channel(db.Model):
    """One door for customers: a website widget, a Facebook page or an Instagram account."""

    __tablename__ = "channel"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"), index=True)
    platform: Mapped[str] = mapped_column(String(16))
    # The platform's id of the page or account; of a widget, its key.
    external_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    # Encrypted: a widget's identity secret, a page's or account's access token.
    secret: Mapped[str | None] = mapped_column(Text)
    # Overrides of WIDGET_DEFAULTS below.
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    # Raised by every change of name or settings: who saves an older one is told.
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    # Where a visitor's browser last loaded this widget, noted at most once an hour.
    seen_origin: Mapped[str | None] = mapped_column(String(300))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Of a platform: whether something can leave, why not and until when; its last event; when its token ends.
    state: Mapped[str] = mapped_column(String(16), default=ChannelState.CONNECTED, server_default="CONNECTED")
    state_reason: Mapped[str | None] = mapped_column(Text)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_event_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def is_widget(self) -> bool:
        return self.platform == Platform.WIDGET

    def allows_origin(self, origin: str | None) -> bool:
        """Whether a page of this origin may use the widget. Not a browser (no Origin): yes."""
        allowed = self.settings.get("allowedOrigins") or []
        return not allowed or origin is None or origin in allowed


# What holds until a channel says otherwise. schemas.visitor.WidgetConfigShape says what of it is public.
WIDGET_DEFAULTS: dict[str, Any] = {
    "colors": {"accent": "#2f5bea"},
    "texts": {
        "title": "Chat with us",
        "greeting": "Hello! How can we help?",
        "offline": "Leave us a message and we will answer here.",
        "placeholder": "Write a message…",
    },
    "position": "right",
    "theme": "auto",
    "allowedOrigins": [],
    "sneakPeek": False,
    "preChatFields": [
        {"name": "name", "label": "Your name", "type": "text", "required": False},
        {"name": "email", "label": "E-mail", "type": "email", "required": False},
    ],
}
