"""What every shape shares: camelCase keys, unknown keys ignored, strict JSON types, clean text."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

MAX_TEXT = 4000  # code points of a message
MAX_COUNTER = 2**53 - 1  # the largest whole number that every JSON reader keeps exact

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"\s+")


def camel_case(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


class Shape(Schema):
    """Base of all shapes, in and out."""

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.data_key = field_obj.data_key or camel_case(field_name)


class Nothing(Shape):
    """The answer of what has nothing to tell: {}."""


class Text(fields.String):
    """Text of a message: trimmed, line ends made \\n, controls other than newline and tab removed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        _refuse_surrogates(text)
        return clean_text(text)


def clean_text(text: str) -> str:
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


class Line(fields.String):
    """A name, an address, a title: one line, runs of space made one, no control characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        _refuse_surrogates(text)
        return _CONTROLS.sub("", _SPACES.sub(" ", text)).strip()


class OptionalLine(Line):
    """A line that may be left out: null and "" both mean that."""

    def __init__(self, **kwargs: Any):
        super().__init__(allow_none=True, load_default=None, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:  # type: ignore[override]
        return super()._deserialize(value, attr, data, **kwargs) or None

    def _validate(self, value: Any) -> None:
        if value is not None:
            super()._validate(value)


class Count(fields.Integer):
    """A whole number from 0, in a JSON body: true is none, and neither are digits in quotes."""

    def __init__(self, *, least: int = 0, most: int = MAX_COUNTER, **kwargs: Any):
        super().__init__(validate=validate.Range(least, most), **kwargs)

    def _validated(self, value: Any) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        return value


class QueryCount(Count):
    """A whole number in a query string: digits."""

    def _validated(self, value: Any) -> int | None:
        if not re.fullmatch(r"-?[0-9]{1,16}", value, re.ASCII):
            raise self.make_error("invalid")
        return int(value)


class Flag(fields.Boolean):
    """JSON true or false, and nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Timestamp(fields.DateTime):
    """ISO 8601 in UTC with milliseconds and Z; what comes in must name its zone."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else moment_text(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None


def moment_text(moment: datetime) -> str:
    """A moment as every answer and event says it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ClientId(fields.String):
    """The sender's own id of a message: 1-64 printable characters."""

    def __init__(self, **kwargs: Any):
        super().__init__(validate=[validate.Length(1, 64), _printable], **kwargs)


class Id(fields.String):
    """An opaque id. One that cannot be an id is simply not found."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return plain_id(super()._deserialize(value, attr, data, **kwargs))


def plain_id(value: str) -> str:
    """An id that every database can compare, and "" (nobody's id) for text that none can:
    PostgreSQL refuses NUL, UTF-8 refuses lone surrogates."""
    return value if value.isascii() and value.isprintable() and len(value) <= 255 else ""


def email_address() -> OptionalLine:
    return OptionalLine(validate=[validate.Length(max=254), validate.Email()])


def person_name() -> OptionalLine:
    return OptionalLine(validate=validate.Length(max=200))


def _printable(value: str) -> None:
    if not value.isprintable():
        raise ValidationError("Only printable characters.")


def _refuse_surrogates(text: str) -> None:
    if any(unicodedata.category(character) == "Cs" for character in text if character > "\ud7ff"):
        raise ValidationError("Not valid Unicode: it holds half of a surrogate pair.")
