"""Column types and value makers that every table shares."""

from datetime import UTC, datetime
from typing import Any

import uuid_utils
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

ID_LENGTH = 36

# A counter that SQLite can number by itself (only INTEGER PRIMARY KEY is its rowid).
RowNumber = BigInteger().with_variant(Integer, "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def new_id() -> str:
    """A UUIDv7 in its usual text form: sorts by time of creation, cannot be guessed."""
    return str(uuid_utils.uuid7())


def now() -> datetime:
    """This moment in UTC, cut to the milliseconds that the contract speaks in."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC on every database (SQLite would forget the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
