"""Shapes of the visitor's door. What is not named here, a visitor never sees."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from models.enums import ConversationStatus, DeliveryStatus, MessageRole
from schemas.agent import AttachmentIds, AttachmentShape, ListMessages, ReplyToShape, one_of, says_something
from schemas.base import (
    MAX_TEXT,
    ClientId,
    Flag,
    Id,
    Line,
    OptionalLine,
    Shape,
    Text,
    Timestamp,
    email_address,
    person_name,
)

# ---- out


class PersonShape(Shape):
    """An agent or the visitor himself, as a visitor may see them."""

    name = fields.String(required=True)
    avatar_url = fields.String(required=True, allow_none=True)


class VisitorMessageShape(Shape):
    id = Id(required=True)
    conversation_id = Id(required=True)
    seq = fields.Integer(required=True, attribute="public_seq")
    client_id = fields.String(required=True, allow_none=True)
    role = fields.String(required=True, validate=one_of([MessageRole.USER, MessageRole.AGENT, MessageRole.BOT]))
    text = fields.String(required=True)
    created_at = Timestamp(required=True)
    status = fields.String(required=True, attribute="delivery_status", validate=one_of(DeliveryStatus))
    author = fields.Nested(PersonShape, required=True, allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentShape), required=True)
    reply_to = fields.Nested(ReplyToShape, required=True, allow_none=True)
    meta = fields.Dict(required=True, attribute="public_meta")


class VisitorConversationShape(Shape):
    id = Id(required=True)
    status = fields.String(required=True, validate=one_of(ConversationStatus))
    unread_count = fields.Integer(required=True, attribute="visitor_unread_count")
    message_count = fields.Integer(required=True)
    last_seq = fields.Integer(required=True, attribute="visitor_last_seq")
    last_message_at = Timestamp(required=True)
    created_at = Timestamp(required=True)
    assignee = fields.Nested(PersonShape, required=True, allow_none=True)


class VisitorContactShape(Shape):
    id = Id(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)


class ColorsShape(Shape):
    accent = fields.String(required=True)


class TextsShape(Shape):
    title = fields.String(required=True)
    greeting = fields.String(required=True)
    offline = fields.String(required=True)
    placeholder = fields.String(required=True)


class PreChatFieldShape(Shape):
    name = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True, validate=validate.OneOf(["text", "email"]))
    required = fields.Boolean(required=True)


class WidgetConfigShape(Shape):
    """All that the world may know of a channel."""

    widget_key = fields.String(required=True)
    name = fields.String(required=True)
    colors = fields.Nested(ColorsShape, required=True)
    texts = fields.Nested(TextsShape, required=True)
    position = fields.String(required=True, validate=validate.OneOf(["left", "right"]))
    theme = fields.String(required=True, validate=validate.OneOf(["auto", "light", "dark"]))
    online = fields.Boolean(required=True)
    team = fields.List(fields.Nested(PersonShape), required=True)
    pre_chat_fields = fields.List(fields.Nested(PreChatFieldShape), required=True)
    sneak_peek = fields.Boolean(required=True)
    max_file_size = fields.Integer(required=True, metadata={"description": "Bytes that one attachment may have."})


class InitAnswer(Shape):
    visitor_token = fields.String(required=True)
    contact = fields.Nested(VisitorContactShape, required=True)
    conversation = fields.Nested(VisitorConversationShape, required=True, allow_none=True)
    messages = fields.List(fields.Nested(VisitorMessageShape), required=True)
    config = fields.Nested(WidgetConfigShape, required=True)


class SentAnswer(Shape):
    message = fields.Nested(VisitorMessageShape, required=True)
    conversation = fields.Nested(VisitorConversationShape, required=True)


class VisitorConversationAnswer(Shape):
    conversation = fields.Nested(VisitorConversationShape, required=True)


class VisitorConversationList(Shape):
    conversations = fields.List(fields.Nested(VisitorConversationShape), required=True)


class VisitorMessagePage(Shape):
    messages = fields.List(fields.Nested(VisitorMessageShape), required=True)
    has_more = fields.Boolean(required=True)
    last_seq = fields.Integer(required=True)


# ---- in


class PageShape(Shape):
    """The page that the visitor was on."""

    url = OptionalLine(validate=validate.Length(max=2048))
    title = OptionalLine(validate=validate.Length(max=300))
    referrer = OptionalLine(validate=validate.Length(max=2048))


class Attributes(fields.Dict):
    """Up to 50 facts about the customer: short keys, plain values."""

    def __init__(self, **kwargs: Any):
        super().__init__(
            keys=Line(validate=validate.Length(1, 64)),
            values=fields.Raw(allow_none=True, validate=_plain_value),
            validate=validate.Length(max=50),
            **kwargs,
        )


def _plain_value(value: Any) -> None:
    if isinstance(value, str):
        Line(validate=validate.Length(max=1000)).deserialize(value)
    elif not isinstance(value, (bool, int, float)):
        raise ValidationError("Only text, a number, true, false or null.")


class IdentityShape(Shape):
    """Who the site says its visitor is. `hash`: hex HMAC-SHA256(the channel's identity secret, userId)."""

    user_id = Line(required=True, validate=validate.Length(1, 200))
    hash = fields.String(required=True, validate=validate.Length(1, 128))
    name = person_name()
    email = email_address()
    attributes = Attributes(load_default=dict)


class AboutVisitor(Shape):
    name = person_name()
    email = email_address()
    page = fields.Nested(PageShape, load_default=None, allow_none=True)
    locale = OptionalLine(validate=validate.Length(max=35))
    timezone = OptionalLine(validate=validate.Length(max=64))
    identity = fields.Nested(IdentityShape, load_default=None, allow_none=True)
    attributes = fields.Dict(
        keys=Line(validate=validate.Length(1, 40)),
        values=Line(validate=validate.Length(max=500)),
        load_default=dict,
        validate=validate.Length(max=20),
        metadata={"description": "Answers to the channel's pre-chat fields, by their names."},
    )


class StartVisit(AboutVisitor):
    widget_key = fields.String(required=True)
    visitor_token = fields.String(load_default=None, allow_none=True)
    message = Text(validate=validate.Length(1, MAX_TEXT))
    client_id = ClientId()

    @validates_schema
    def _message_has_client_id(self, data: dict[str, Any], **kwargs: Any) -> None:
        if "message" in data and "client_id" not in data:
            raise ValidationError("Required with message.", "clientId")


class SendVisitorMessage(AboutVisitor):
    text = Text(load_default="", validate=validate.Length(max=MAX_TEXT))
    client_id = ClientId(required=True)
    attachment_ids = AttachmentIds()
    reply_to = Id(load_default=None, allow_none=True)
    new_conversation = Flag(load_default=False)

    @validates_schema
    def _says_something(self, data: dict[str, Any], **kwargs: Any) -> None:
        says_something(data)


class ConfigQuery(Shape):
    """`check=1`: somebody is looking whether the widget is installed."""

    widget_key = fields.String(required=True)
    check = fields.String(load_default=None)


class ListVisitorMessages(ListMessages):
    conversation_id = Id(load_default=None)
