"""Shapes of the company's and the channels' settings, and of a customer's contact."""

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate, validates_schema

from models.enums import ChannelState, ConversationStatus, Platform
from schemas.agent import ConversationShape, StatusList, one_of
from schemas.base import Count, Flag, Id, Line, OptionalLine, Shape, Text, Timestamp, email_address, person_name
from schemas.visitor import ColorsShape, PageShape, PreChatFieldShape, TextsShape

THEMES = ("auto", "light", "dark")
POSITIONS = ("right", "left")
MOST_ORIGINS = 50
DECEIVING = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")

# ---- out


class CompanySettingsShape(Shape):
    """`version` is raised by every change: send it back with the next one."""

    id = Id(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)


class CompanyAnswer(Shape):
    company = fields.Nested(CompanySettingsShape, required=True)


class WidgetSettingsShape(Shape):
    colors = fields.Nested(ColorsShape, required=True)
    texts = fields.Nested(TextsShape, required=True)
    position = fields.String(required=True, validate=validate.OneOf(POSITIONS))
    theme = fields.String(required=True, validate=validate.OneOf(THEMES))
    allowed_origins = fields.List(fields.String(), required=True)
    pre_chat_fields = fields.List(fields.Nested(PreChatFieldShape), required=True)
    sneak_peek = fields.Boolean(required=True)


class InstallationShape(Shape):
    """Where and when a browser last loaded this widget (noted at most once an hour)."""

    origin = fields.String(required=True)
    seen_at = Timestamp(required=True)


class ConnectionShape(Shape):
    """A channel on a platform: its health, and what has to be entered there. `problem`: why events do not come."""

    external_id = fields.String(required=True)
    state = fields.String(required=True, validate=one_of(ChannelState))
    reason = fields.String(required=True, allow_none=True)
    held_until = Timestamp(required=True, allow_none=True)
    last_event_at = Timestamp(required=True, allow_none=True)
    token_expires_at = Timestamp(required=True, allow_none=True)
    human_agent = fields.Boolean(required=True)
    subscribed = fields.List(fields.String(), required=True)
    problem = fields.String(required=True, allow_none=True)
    callback_url = fields.String(required=True)
    verify_token = fields.String(required=True)


class ChannelShape(Shape):
    id = Id(required=True)
    platform = fields.String(required=True, validate=one_of(Platform))
    name = fields.String(required=True)
    widget_key = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    snippet = fields.String(required=True, allow_none=True)
    settings = fields.Nested(WidgetSettingsShape, required=True)
    connection = fields.Nested(ConnectionShape, required=True, allow_none=True)
    installation = fields.Nested(InstallationShape, required=True, allow_none=True)
    created_at = Timestamp(required=True)


class ChannelList(Shape):
    channels = fields.List(fields.Nested(ChannelShape), required=True)


class ChannelAnswer(Shape):
    channel = fields.Nested(ChannelShape, required=True)


class ChannelSecretAnswer(ChannelAnswer):
    """`identitySecret` signs who the site's visitors are."""

    identity_secret = fields.String(required=True, allow_none=True)


class ContactShape(Shape):
    """`name` is null until known; `displayName` never is."""

    id = Id(required=True)
    name = fields.String(required=True, allow_none=True)
    display_name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    avatar_url = fields.String(required=True, allow_none=True)
    attributes = fields.Dict(required=True)
    blocked = fields.Boolean(required=True)
    created_at = Timestamp(required=True)
    page = fields.Nested(PageShape, required=True, allow_none=True)
    browser = fields.String(required=True, allow_none=True)
    locale = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True, allow_none=True)
    online = fields.Boolean(required=True)
    last_seen_at = Timestamp(required=True, allow_none=True)
    conversations = fields.List(fields.Nested(ConversationShape), required=True)


class ContactAnswer(Shape):
    contact = fields.Nested(ContactShape, required=True)


class CountsShape(Shape):
    """Conversations, each number at most 1000. `unread`: those with something the team has not read."""

    all = fields.Integer(required=True)
    mine = fields.Integer(required=True)
    unassigned = fields.Integer(required=True)
    unread = fields.Integer(required=True)


class CountsAnswer(Shape):
    counts = fields.Nested(CountsShape, required=True)


# ---- in


class Label(Line):
    """A name or a title that looks like what it is: no overrides of the writing direction, nothing without width.
    Joiners stay: emoji and Persian need them."""

    def __init__(self, most: int, least: int = 1, **kwargs: Any):
        super().__init__(validate=validate.Length(least, most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return plain_label(super()._deserialize(value, attr, data, **kwargs))


def plain_label(text: str) -> str:
    return " ".join(DECEIVING.sub("", unicodedata.normalize("NFC", text)).split())


class Origin(fields.String):
    """`https://shop.example`. Of a whole address its origin is taken."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs).strip()
        try:
            parts = urlsplit(text.lower())
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            raise ValidationError("Not an address such as https://shop.example.") from None
        if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9.\-\[\]:]+", parts.hostname or ""):
            raise ValidationError("Not an address such as https://shop.example.")
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        default = {"http": ":80", "https": ":443"}[parts.scheme]
        return f"{parts.scheme}://{host}{'' if port == default else port}"


class ChangeColors(Shape):
    accent = fields.String(required=True, validate=validate.Regexp(r"^#[0-9a-fA-F]{6}\Z", error="Like #2f5bea."))


class ChangeTexts(Shape):
    title = Label(60, required=True)
    greeting = Text(required=True, validate=validate.Length(1, 500))
    offline = Text(required=True, validate=validate.Length(1, 500))
    placeholder = Label(100, required=True)


class ChangePreChatField(Shape):
    name = fields.String(
        required=True,
        validate=validate.Regexp(r"^[a-z][a-zA-Z0-9_]{0,39}\Z", error="A letter first, then letters and digits."),
    )
    label = Label(80, required=True)
    type = fields.String(load_default="text", validate=validate.OneOf(["text", "email"]))
    required = Flag(load_default=False)


class ChangeWidget(Shape):
    """Each key is replaced as a whole."""

    colors = fields.Nested(ChangeColors)
    texts = fields.Nested(ChangeTexts)
    position = fields.String(validate=validate.OneOf(POSITIONS))
    theme = fields.String(validate=validate.OneOf(THEMES))
    allowed_origins = fields.List(Origin(), validate=validate.Length(max=MOST_ORIGINS))
    pre_chat_fields = fields.List(fields.Nested(ChangePreChatField), validate=validate.Length(max=10))
    sneak_peek = Flag()

    @validates_schema
    def _every_field_once(self, data: dict[str, Any], **kwargs: Any) -> None:
        names = [field["name"] for field in data.get("pre_chat_fields", [])]
        if len(set(names)) < len(names):
            raise ValidationError("Two fields have the same name.", "preChatFields")


class ChangeCompany(Shape):
    version = Count(required=True)
    name = Label(200)


class CreateChannel(Shape):
    name = Label(200, required=True)


class ChangeChannel(Shape):
    version = Count(required=True)
    name = Label(200)
    settings = fields.Nested(ChangeWidget)


class ChangeContact(Shape):
    name = person_name()
    email = email_address()
    phone = OptionalLine(validate=validate.Length(max=50))
    blocked = Flag()


class CountQuery(Shape):
    status = StatusList(load_default=[ConversationStatus.OPEN, ConversationStatus.PENDING])
