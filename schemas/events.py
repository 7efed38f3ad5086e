"""Payloads that clients send over Socket.IO."""

from marshmallow import validate

from schemas.base import Count, Flag, Id, OptionalLine, Shape, Text


class InConversation(Shape):
    conversation_id = Id(required=True)


class UpTo(InConversation):
    """Everything up to this seq, in the sender's own numbers."""

    seq = Count(required=True)


class Typing(InConversation):
    """`preview`: a visitor's text so far, used only where his channel says so."""

    is_typing = Flag(required=True)
    preview = Text(load_default=None, allow_none=True, validate=validate.Length(max=4000))


class PageShown(Shape):
    """The page that a visitor looks at now."""

    url = OptionalLine(validate=validate.Length(max=2048))
    title = OptionalLine(validate=validate.Length(max=300))
