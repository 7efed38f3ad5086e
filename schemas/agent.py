"""Shapes of the agent's door, in and out. Visitors have shapes of their own in schemas/visitor.py."""

from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate, validates_schema

from models.enums import AgentRole, Availability, ConversationStatus, DeliveryStatus, MessageRole, Platform
from schemas.base import MAX_TEXT, ClientId, Count, Flag, Id, Line, QueryCount, Shape, Text, Timestamp
from schemas.cursor import Cursor


def one_of(values: Any) -> validate.OneOf:
    return validate.OneOf([str(value) for value in values])


# ---- out


class AgentShape(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True, validate=one_of(AgentRole))
    avatar_url = fields.String(required=True, allow_none=True)
    availability = fields.String(required=True, validate=one_of(Availability))


class CompanyShape(Shape):
    id = Id(required=True)
    name = fields.String(required=True)


class MeShape(AgentShape):
    company = fields.Nested(CompanyShape, required=True)
    csrf_token = fields.String(required=True)


class AuthorShape(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    avatar_url = fields.String(required=True, allow_none=True)


class ReplyToShape(Shape):
    id = Id(required=True)
    text = fields.String(required=True)
    role = fields.String(required=True, validate=one_of(MessageRole))


class AttachmentShape(Shape):
    """`url` is signed and lives one to two days; with `&thumbnail=1` it is an image's small WebP."""

    id = Id(required=True)
    name = fields.String(required=True)
    content_type = fields.String(required=True)
    size = fields.Integer(required=True)
    url = fields.String(required=True)
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)


class AttachmentAnswer(Shape):
    attachment = fields.Nested(AttachmentShape, required=True)


class MessageShape(Shape):
    """A message as agents see it."""

    id = Id(required=True)
    conversation_id = Id(required=True)
    seq = fields.Integer(required=True)
    client_id = fields.String(required=True, allow_none=True)
    role = fields.String(required=True, validate=one_of(MessageRole))
    text = fields.String(required=True)
    created_at = Timestamp(required=True)
    private = fields.Boolean(required=True)
    status = fields.String(
        required=True, allow_none=True, attribute="delivery_status", validate=one_of([*DeliveryStatus])
    )
    error = fields.Dict(required=True, allow_none=True)
    author = fields.Nested(AuthorShape, required=True, allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentShape), required=True)
    reply_to = fields.Nested(ReplyToShape, required=True, allow_none=True)
    meta = fields.Dict(required=True)


class LastMessageShape(Shape):
    text = fields.String(required=True)
    role = fields.String(required=True, validate=one_of(MessageRole))
    created_at = Timestamp(required=True)


class CanReplyShape(Shape):
    allowed = fields.Boolean(required=True)
    until = Timestamp(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class ConversationShape(Shape):
    """A conversation as agents see it."""

    id = Id(required=True)
    psid = fields.String(required=True, attribute="identity.psid")
    platform = fields.String(required=True, attribute="channel.platform", validate=one_of(Platform))
    status = fields.String(required=True, validate=one_of(ConversationStatus))
    auto_bot = fields.Boolean(required=True)
    customer_name = fields.String(required=True, attribute="contact.display_name")
    customer_email = fields.String(required=True, allow_none=True, attribute="contact.email")
    page_name = fields.String(required=True, attribute="channel.name")
    channel_id = Id(required=True)
    contact_id = Id(required=True)
    assignee = fields.Nested(AgentShape, required=True, allow_none=True)
    labels = fields.List(fields.String(), required=True)
    unread_count = fields.Integer(required=True)
    message_count = fields.Integer(required=True)
    last_seq = fields.Integer(required=True)
    rev = fields.Integer(required=True)
    last_message = fields.Nested(LastMessageShape, required=True)
    last_message_at = Timestamp(required=True)
    created_at = Timestamp(required=True)
    can_reply = fields.Nested(CanReplyShape, required=True)


class MessageAnswer(Shape):
    message = fields.Nested(MessageShape, required=True)


class ConversationAnswer(Shape):
    conversation = fields.Nested(ConversationShape, required=True)


class MessagePage(Shape):
    messages = fields.List(fields.Nested(MessageShape), required=True)
    has_more = fields.Boolean(required=True)
    last_seq = fields.Integer(required=True)


class HitShape(Shape):
    message_id = Id(required=True)
    seq = fields.Integer(required=True)
    text = fields.String(required=True)


class ConversationPage(Shape):
    """A page of the list, or with `changedAfter` a page of changes: those have `hasMore` for a cursor."""

    conversations = fields.List(fields.Nested(ConversationShape), required=True)
    rev = fields.Integer(required=True)
    next_cursor = fields.String(allow_none=True)
    hits = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(HitShape),
        metadata={"description": "With `q`: by conversation id, its newest matching message."},
    )
    has_more = fields.Boolean()


class ColleagueShape(AgentShape):
    """`online`: whether he would see a message at once."""

    online = fields.Boolean()


class AgentList(Shape):
    agents = fields.List(fields.Nested(ColleagueShape), required=True)


class PresenceAnswer(Shape):
    """Who is there now."""

    contact_ids = fields.List(Id(), required=True)
    agent_ids = fields.List(Id(), required=True)


class AgentAnswer(Shape):
    agent = fields.Nested(AgentShape, required=True)


# ---- in


class AttachmentIds(fields.List):
    """Ids of uploads that are not sent yet."""

    def __init__(self) -> None:
        unique = validate.And(validate.Length(max=10), _no_twins)
        super().__init__(Id(), load_default=list, validate=unique)


def _no_twins(ids: list[str]) -> None:
    if len(set(ids)) < len(ids):
        raise ValidationError("The same one twice.")


def says_something(data: dict[str, Any]) -> None:
    """A message has a text, or attachments."""
    if not data["text"] and not data["attachment_ids"]:
        raise ValidationError("Write something, or attach a file.", "text")


class SendMessage(Shape):
    conversation_id = Id(required=True)
    text = Text(load_default="", validate=validate.Length(max=MAX_TEXT))
    client_id = ClientId(required=True)
    private = Flag(load_default=False)
    attachment_ids = AttachmentIds()
    reply_to = Id(load_default=None, allow_none=True)

    @validates_schema
    def _says_something(self, data: dict[str, Any], **kwargs: Any) -> None:
        says_something(data)


class PatchConversation(Shape):
    status = fields.String(validate=one_of(ConversationStatus))
    snoozed_until = Timestamp(allow_none=True)
    assignee_id = Id(allow_none=True)
    auto_bot = Flag()
    labels = fields.List(Line(validate=validate.Length(1, 50)), validate=validate.Length(max=20))


class ReadUpTo(Shape):
    seq = Count(required=True)


class StatusList(fields.String):
    """A comma list of statuses; loads to a list."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:  # type: ignore[override]
        statuses = str(value).split(",")
        if unknown := [status for status in statuses if status not in list(ConversationStatus)]:
            raise ValidationError(f"Unknown status: {unknown[0][:50]!r}.")
        return statuses


class ListConversations(Shape):
    status = StatusList(load_default=None)
    platform = fields.String(load_default=None, validate=one_of(Platform))
    channel_id = Id(load_default=None)
    assignee = Id(load_default=None, metadata={"description": "`me`, `none` or an agent's id."})
    label = Line(load_default=None)
    q = Line(load_default=None, validate=validate.Length(max=200))
    cursor = Cursor(load_default=None)
    limit = QueryCount(load_default=50, least=1, most=100)
    changed_after = QueryCount(load_default=None)

    @pre_load
    def _drop_empty(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """`?status=&q=` asks for nothing; an empty number is no number."""
        return {name: value for name, value in data.items() if value or name in ("limit", "changedAfter")}

    @validates_schema
    def _one_way_to_page(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["changed_after"] is not None and (data["cursor"] or data["q"]):
            raise ValidationError("Not together with q or cursor.", "changedAfter")


class ListMessages(Shape):
    before = QueryCount(load_default=None)
    after = QueryCount(load_default=None)
    limit = QueryCount(load_default=50, least=1, most=100)

    @validates_schema
    def _one_direction(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["before"] is not None and data["after"] is not None:
            raise ValidationError("Give before or after, not both.", "before")
