from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from extensions import db
from models.types import ID_LENGTH, Json, RowNumber, UtcDateTime, new_id, now


class OutboxItem(db.Model):
    """Something that leaves later: a mail, a message to a platform. Gone once it is done.

    What has one `target` leaves in the order of `number`. `claim` names the worker that has it until `claimed_until`.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "dead", "next_at"),
        Index("ix_outbox_target", "target", "dead", "number"),
        Index("ix_outbox_company", "company_id", "dead", "number"),
    )

    number: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True, default=new_id)
    company_id: Mapped[str] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(String(300))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    claim: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dead: Mapped[bool] = mapped_column(default=False)  # given up until somebody retries it
    error: Mapped[str | None] = mapped_column(Text)  # of the last attempt, in words for people
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
