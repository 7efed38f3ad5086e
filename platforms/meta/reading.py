"""Reads one item of Meta's into a fact. The kind of an event is told by which key is there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from platforms.base import (
    Acted,
    Delivered,
    Edited,
    Fact,
    Handed,
    Ignored,
    Item,
    Media,
    Reacted,
    Read,
    Removed,
    Said,
    Warned,
)
from platforms.meta.envelope import dict_of, event_key, id_of, moment_of, text_of

FETCHED = {"image", "video", "audio", "file", "sticker", "media", "animated_image"}
STORIES = {"story", "story_mention", "ig_story"}  # may not be kept: only linked to
UNREADABLE = {"unsupported_type", "ephemeral"}
SILENT = {
    "optin": "an opt-in",
    "account_linking": "account linking",
    "response_feedback": "feedback on an automatic answer",
    "order": "an order",
    "app_roles": "the app's roles changed",
}
HANDOVERS = {
    "pass_thread_control": "This conversation was handed to {name}.",
    "take_thread_control": "This conversation was taken over by {name}.",
    "request_thread_control": "To answer this conversation is asked for by {name}.",
}
PAGE_INBOX = "26390203743090"  # Meta's own app
MOST_MEDIA = 20  # of one message


@dataclass(frozen=True)
class Event:
    """`of`: account, person and time, as every fact begins. `key`: a name for an event that has none."""

    body: dict[str, Any]
    of: tuple[str, str, datetime | None]
    by_team: bool
    key: str


def read_item(item: Item) -> Fact:
    """Raises Ignored with the reason if the item asks for nothing."""
    if item["platform"] is None:
        raise Ignored("an object of an unknown kind")
    body, account = _body(item), item["account"]
    if account is None:
        raise Ignored("it names no page or account")
    at = moment_of(body.get("timestamp"))
    if "policy_enforcement" in body:
        policy = dict_of(body["policy_enforcement"])
        return Warned(account, "", at, text_of(policy.get("action"), 40), text_of(policy.get("reason"), 1000))
    for key, read in _READERS.items():
        if body.get(key) is not None:
            person, by_team = _person(body, account)
            return read(Event(body, (account, person, at), by_team, event_key(item)))
    for key, what in SILENT.items():
        if key in body:
            raise Ignored(what)
    raise Ignored("an event of an unknown kind")


def _body(item: Item) -> dict[str, Any]:
    event = item["event"]
    if not isinstance(event, dict):
        raise Ignored("it has an unknown shape")
    if item["list"] in ("messaging", "standby"):
        return event
    value = dict_of(event.get("value"))
    if "sender" not in value:
        raise Ignored(f"{text_of(event.get('field'), 60) or 'this'} is no message")
    return value


def _person(event: dict[str, Any], account: str) -> tuple[str, bool]:
    """The customer, and whether the page did this."""
    sender, recipient = (id_of(dict_of(event.get(side)).get("id")) for side in ("sender", "recipient"))
    is_echo = dict_of(event.get("message")).get("is_echo") is True
    by_team = is_echo or sender == account
    person = recipient if by_team and sender != recipient else sender
    if by_team and sender not in (None, account) and recipient == account:
        person = sender  # an echo whose sides are the wrong way round
    if person is None:
        raise Ignored("it names no customer")
    if person == account:
        raise Ignored("the page writes to itself")
    return person, by_team


def _read_message(event: Event) -> Fact:
    message = event.body["message"]
    if not isinstance(message, dict):
        raise Ignored("its message has an unknown shape")
    mid = id_of(message.get("mid")) or event.key
    if message.get("is_deleted") is True:
        return Removed(*event.of, mid)
    attachments = message.get("attachments")
    attachments = attachments if isinstance(attachments, list) else [attachments]
    media, extra_text, readable = _read_attachments([one for one in attachments if isinstance(one, dict)])
    text = text_of(message.get("text")) or extra_text
    reply = dict_of(message.get("reply_to"))
    return Said(
        *event.of,
        mid,
        text=text,
        media=(*media, *_story(reply)),
        by_team=event.by_team,
        tag=text_of(message.get("metadata"), 200) or None,
        reply_to=id_of(reply.get("mid")),
        unsupported=not readable or message.get("is_unsupported") is True or not (text.strip() or media),
        extra=_extra(quickReply=dict_of(message.get("quick_reply")).get("payload"), referral=message.get("referral")),
    )


def _read_edit(event: Event) -> Fact:
    edit = dict_of(event.body["message_edit"])
    mid, number = id_of(edit.get("mid")), id_of(edit.get("num_edit")) or "1"
    if mid is None or not number.isdigit():
        raise Ignored("an edit of nothing")
    if not isinstance(edit.get("text"), str):
        raise Ignored("an edit without a text")
    return Edited(*event.of, mid, text_of(edit["text"]), min(int(number), 1000))


def _read_reaction(event: Event) -> Fact:
    reaction = dict_of(event.body["reaction"])
    mid = id_of(reaction.get("mid"))
    if mid is None:
        raise Ignored("a reaction to nothing")
    emoji = text_of(reaction.get("emoji"), 40) or _NAMED.get(text_of(reaction.get("reaction"), 40), "👍")
    return Reacted(*event.of, mid, None if reaction.get("action") == "unreact" else emoji, event.by_team)


_NAMED = {
    "love": "❤️",
    "smile": "😆",
    "wow": "😮",
    "sad": "😢",
    "angry": "😠",
    "like": "👍",
    "dislike": "👎",
    "other": "💬",
}


def _read_delivery(event: Event) -> Fact:
    delivery = dict_of(event.body["delivery"])
    mids = delivery.get("mids")
    named = [id_of(mid) for mid in mids] if isinstance(mids, list) else []
    return Delivered(*event.of, moment_of(delivery.get("watermark")), tuple(mid for mid in named if mid))


def _read_read(event: Event) -> Fact:
    read = dict_of(event.body["read"])
    return Read(*event.of, moment_of(read.get("watermark")), id_of(read.get("mid")))


def _read_postback(event: Event) -> Fact:
    postback = dict_of(event.body["postback"])
    title = text_of(postback.get("title"), 1000).strip() or text_of(postback.get("payload"), 1000).strip()
    mid = id_of(postback.get("mid")) or event.key
    extra = _extra(postback=postback.get("payload") or title, referral=postback.get("referral"))
    return Said(*event.of, mid, text=title, unsupported=not title, extra=extra)


def _read_act(event: Event) -> Fact:
    return Acted(*event.of)


def _read_handover(event: Event) -> Fact:
    for key, words in HANDOVERS.items():
        if isinstance(event.body.get(key), dict):
            body = event.body[key]
            owner = id_of(body.get("new_owner_app_id")) or id_of(body.get("requested_owner_app_id"))
            name = "Meta's own inbox" if owner == PAGE_INBOX else f"app {owner}" if owner else "nobody"
            return Handed(*event.of, event.key, words.format(name=name))
    raise Ignored("a handover of an unknown kind")


Reader = Callable[[Event], Fact]

_READERS: dict[str, Reader] = {
    "message": _read_message,
    "message_edit": _read_edit,
    "reaction": _read_reaction,
    "delivery": _read_delivery,
    "read": _read_read,
    "postback": _read_postback,
    "referral": _read_act,
    "pass_thread_control": _read_handover,
    "take_thread_control": _read_handover,
    "request_thread_control": _read_handover,
}


def _read_attachments(found: list[dict[str, Any]]) -> tuple[list[Media], str, bool]:
    """What can be shown, text that stands for the rest, and whether everything could be read."""
    media: list[Media] = []
    lines: list[str] = []
    readable = True
    for attachment in _once(found)[:MOST_MEDIA]:
        kind, payload = text_of(attachment.get("type"), 60), dict_of(attachment.get("payload"))
        if kind in UNREADABLE:
            readable = False
        elif kind == "location":
            media.append(_location(attachment, payload))
        elif kind == "appointment_booking":
            lines.append("Asks for an appointment")
        else:
            read = _media(kind, attachment, payload)
            media.append(read)
    return media, "\n".join(lines), readable


def _once(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """While Meta renames a kind it sends both: a sticker also as an image, a post also as a share."""
    stickers = {id_of(dict_of(one.get("payload")).get("sticker_id")) for one in found if one.get("type") == "sticker"}
    posts = {dict_of(one.get("payload")).get("url") for one in found if one.get("type") == "ig_post"}
    kept = []
    for one in found:
        payload = dict_of(one.get("payload"))
        if one.get("type") == "image" and id_of(payload.get("sticker_id")) in stickers - {None}:
            continue
        if one.get("type") == "share" and payload.get("url") in posts:
            continue
        kept.append(one)
    return kept


def _media(kind: str, attachment: dict[str, Any], payload: dict[str, Any]) -> Media:
    url = _link(payload.get("url")) or _link(payload.get("story_media_url")) or _link(attachment.get("url"))
    title = text_of(payload.get("title") or attachment.get("title"), 300).strip() or None
    if kind in FETCHED:
        return Media("image" if kind in ("media", "animated_image") else kind, url, title, fetch=True)
    if kind in STORIES:
        return Media("story", url, title or "Mentioned you in a story" if kind == "story_mention" else title)
    if kind == "template":
        return Media("link", url or _product_link(payload), title or _element_title(payload))
    return Media("link", url, title)


def _product_link(payload: dict[str, Any]) -> str | None:
    return _link(_element(payload).get("image_url"))


def _element_title(payload: dict[str, Any]) -> str | None:
    element = _element(payload)
    parts = [text_of(element.get(key), 200) for key in ("title", "subtitle")]
    return " · ".join(part for part in parts if part) or None


def _element(payload: dict[str, Any]) -> dict[str, Any]:
    for holder in (dict_of(payload.get("product")), dict_of(payload.get("generic")), payload):
        elements = holder.get("elements")
        if isinstance(elements, list) and elements:
            return dict_of(elements[0])
    return {}


def _location(attachment: dict[str, Any], payload: dict[str, Any]) -> Media:
    where = dict_of(payload.get("coordinates"))
    lat, long = where.get("lat"), where.get("long")
    title = text_of(attachment.get("title"), 300) or "Location"
    if not all(isinstance(one, (int, float)) and abs(one) <= 180 for one in (lat, long)):
        return Media("location", None, title)
    return Media("location", f"https://www.openstreetmap.org/?mlat={lat}&mlon={long}#map=16/{lat}/{long}", title)


def _story(reply: dict[str, Any]) -> tuple[Media, ...]:
    """A reply to a story of the account: its media may only be linked to, and expires."""
    story = reply.get("story")
    if not isinstance(story, dict):
        return ()
    return (Media("story", _link(story.get("url")), "Replied to your story"),)


def _link(value: Any) -> str | None:
    text = text_of(value, 4000).strip()
    return text if text.lower().startswith(("https://", "http://")) else None


def _extra(**given: Any) -> dict[str, Any]:
    """What came along, without what is empty, absurdly large or not simple."""
    kept: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, dict):
            value = {text_of(key, 60): text_of(inner, 500) for key, inner in list(value.items())[:20] if inner}
        elif value is not None:
            value = text_of(value, 1000)
        if value:
            kept[name] = value
    return kept
