"""What a message to a platform's customer leaves as: parts, each one request, and what became of them."""

from typing import Any

from sqlalchemy import select

from actions.outbox import enqueue
from errors import Conflict
from models import Conversation, Message, MessagePart
from models.enums import DeliveryStatus, PartStatus
from platforms import ADAPTERS
from store import Transaction

PLATFORM = "platform"  # the kind of outbox item

_FORWARD = [PartStatus.SENT, PartStatus.DELIVERED, PartStatus.READ]


def check_window(conversation: Conversation) -> None:
    """Raise Conflict with the reason if the platform allows no answer now."""
    answer = conversation.can_reply
    if not answer["allowed"]:
        raise Conflict(answer["reason"])


def queue_message(tx: Transaction, message: Message) -> None:
    """Cut a stored message into parts, and send them once the transaction is committed."""
    adapter = ADAPTERS[message.conversation.channel.platform]
    pieces: list[dict[str, Any]] = [{"text": text} for text in adapter.split_text(message.text) if text]
    pieces += [{"attachment_id": attachment.id} for attachment in message.attachments]
    for position, piece in enumerate(pieces):
        tx.session.add(MessagePart(message_id=message.id, channel_id=message.channel_id, position=position, **piece))
    _enqueue(tx, message)


def requeue_message(tx: Transaction, message: Message) -> None:
    """What of a failed message has not left leaves again."""
    for part in parts_of(tx, message):
        if part.status in (PartStatus.FAILED, PartStatus.UNKNOWN, PartStatus.SENDING):
            part.status = PartStatus.QUEUED
    _enqueue(tx, message)


def parts_of(tx: Transaction, message: Message) -> list[MessagePart]:
    query = select(MessagePart).where(MessagePart.message_id == message.id).order_by(MessagePart.position)
    return list(tx.session.scalars(query))


def raise_part(part: MessagePart, status: PartStatus) -> bool:
    """Move a part forward to SENT, DELIVERED or READ. True if it moved."""
    if part.status in _FORWARD and _FORWARD.index(PartStatus(part.status)) >= _FORWARD.index(status):
        return False
    part.status = status
    return True


def settle_status(tx: Transaction, message: Message) -> bool:
    """The message is as far as the part that is least far. True if its status changed."""
    tx.session.flush()
    found = {PartStatus(part.status) for part in parts_of(tx, message)}
    status = DeliveryStatus.FAILED if PartStatus.FAILED in found else DeliveryStatus.QUEUED
    if found and found <= set(_FORWARD):
        status = DeliveryStatus(min(found, key=_FORWARD.index))
    if status in (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ):
        message.error = None
    changed = message.status != status
    message.status = status
    return changed


def _enqueue(tx: Transaction, message: Message) -> None:
    conversation = message.conversation
    enqueue(tx, conversation.company_id, PLATFORM, conversation.id, {"messageId": message.id})
