"""Opaque cursors of keyset pages: the sort key of the last row, in base64."""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields

Key = tuple[datetime, str]  # (last activity or newest hit, conversation id)


def encode_cursor(key: Key) -> str:
    moment, row_id = key
    raw = json.dumps([moment.isoformat(), row_id]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Cursor(fields.String):
    """Loads to a `Key`."""

    default_error_messages = {"invalid_cursor": "Not a cursor that Deskbell gave out."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Key:  # type: ignore[override]
        try:
            raw = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
            moment, row_id = json.loads(raw)
            if not isinstance(row_id, str) or "\x00" in row_id:
                raise ValueError
            row_id.encode()
            return datetime.fromisoformat(moment).astimezone(UTC), row_id
        except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
            raise self.make_error("invalid_cursor") from None
