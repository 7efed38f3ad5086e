"""What a POST of Meta's holds: entries of items, each an event of its own. Nothing that it may hold raises."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.base import Item

PLATFORMS = {"page": "FACEBOOK", "instagram": "INSTAGRAM"}  # by `object`
LISTS = ("messaging", "standby", "changes")
EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)
SECONDS_BELOW = 10**11  # a time below this is in seconds, above in milliseconds

# Items are {platform, account, time, list, event}.


def split(body: bytes) -> list[Item] | None:
    """The items of a POST, in its order; None if it is not JSON."""
    try:
        root = json.loads(body)
    except (ValueError, RecursionError):
        return None
    roots = root if isinstance(root, list) else [root]
    return [item for each in roots for item in _items(each)] or [_item(None, {}, None, root)]


def _items(root: Any) -> Iterator[Item]:
    if not isinstance(root, dict):
        return
    entries = root.get("entry")
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, dict):
            yield from _items_of_entry(root.get("object"), entry)
        elif entry is not None:
            yield _item(root.get("object"), {}, None, entry)


def _items_of_entry(kind: Any, entry: dict[str, Any]) -> Iterator[Item]:
    found = False
    for name in LISTS:
        events = entry.get(name)
        for event in events if isinstance(events, list) else []:
            found = True
            yield _item(kind, entry, name, event)
    if not found:
        yield _item(kind, entry, None, {key: value for key, value in entry.items() if key not in ("id", "time")})


def _item(kind: Any, entry: dict[str, Any], name: str | None, event: Any) -> Item:
    return {
        "platform": PLATFORMS.get(kind) if isinstance(kind, str) else None,
        "account": id_of(entry.get("id")),
        "time": entry.get("time"),
        "list": name,
        "event": event,
    }


def event_key(item: Item) -> str:
    """A name for an event that the platform gave none: the same one for the same event, whenever delivered."""
    same = {key: value for key, value in item.items() if key != "time"}
    return "event:" + hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()


def id_of(value: Any) -> str | None:
    """An id as text: ids may be larger than a float holds, and come as numbers, too."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    try:
        text = str(value).strip()
    except ValueError:  # a number of thousands of digits
        return None
    return text if 0 < len(text) <= 255 and text.isascii() and text.isprintable() else None


def dict_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def text_of(value: Any, most: int = 20_000) -> str:
    """Text that every database takes: no half surrogates, no NUL, cut where nobody writes any more."""
    if not isinstance(value, str):
        return ""
    return value[:most].replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def moment_of(value: Any) -> datetime | None:
    """A time in milliseconds or seconds, as a number or in quotes; None outside 2004 ... tomorrow."""
    try:
        number = int(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    except ValueError:
        return None
    if number is None or not 0 < number < 10**14:
        return None
    milliseconds = number * 1000 if number < SECONDS_BELOW else number
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
    return moment if EARLIEST <= moment < datetime.now(UTC) + timedelta(days=1) else None
