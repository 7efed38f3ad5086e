"""Payloads that clients send over Socket.IO."""

from schemas.base import Count, Id, Shape


class InConversation(Shape):
    conversation_id = Id(required=True)


class UpTo(InConversation):
    """Everything up to this seq, in the sender's own numbers."""

    seq = Count(required=True)
