"""Sends what waits for a platform's customer, part by part, in order, and never twice on a guess."""

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select

from actions.accounts import account_of
from actions.announce import announce_message_change, raise_rev
from actions.attachments import blobs
from actions.leaving import PLATFORM, parts_of, raise_part, settle_status
from actions.mails import queue_mail
from actions.outbox import hurry
from errors import TransportError
from models import Agent, Attachment, Channel, Message, MessagePart
from models.enums import AgentRole, ChannelState, DeliveryStatus, PartStatus
from models.types import now
from platforms import ADAPTERS
from platforms.base import Account, Adapter, Outgoing
from platforms.failures import NeedsReauth, Restricted, SendFailed, TryLater, Unknown
from store import Transaction, retry_race, write

log = structlog.get_logger(__name__)

ATTEMPTS = 6  # of one message; then it has failed, and an agent may try again
UNKNOWN_FOR = timedelta(seconds=90)  # that an echo is waited for, before the agent is asked
LOOK_AGAIN = 5.0  # seconds
HELD_FOR = 300.0  # seconds until a channel that cannot send is looked at again
RESTRICTED_FOR = timedelta(hours=1)  # until a restricted channel tries again
LOST_TRACK = "It is not known whether this arrived. Sending it again may show it to the customer twice."


@dataclass(frozen=True)
class Job:
    """The next part of a message, ready to go."""

    adapter: Adapter
    account: Account
    part_id: str
    outgoing: Outgoing
    secret: str | None  # the channel's, as it was then


def deliver_message(_: str, payload: dict[str, Any]) -> None:
    """The outbox's handler: send a message's parts. Raises TransportError while it has to be tried again."""
    while job := _next_job(payload["messageId"]):
        try:
            mid = job.adapter.send(job.account, job.outgoing)
        except SendFailed as why:
            _failed(job, why)
        else:
            _sent(job, mid)


def _next_job(message_id: str) -> Job | None:
    """The next part, noted as being sent; None if nothing is left to do."""
    wait: TransportError | None = None
    with write() as tx:
        message = _message(tx, message_id)
        if message is None or message.status != DeliveryStatus.QUEUED:
            return None
        channel = message.conversation.channel
        part = next((one for one in parts_of(tx, message) if one.external_id is None and not _is_sent(one)), None)
        if part is None:
            return None
        if part.status in (PartStatus.SENDING, PartStatus.UNKNOWN):
            wait = _wait_for_echo(tx, message, part)
        elif held := _held(channel):
            wait = held
            _explain(tx, message, "channel", channel.state_reason or "This channel cannot send now.", retryable=False)
        elif not message.conversation.can_reply["allowed"]:
            _give_up(tx, message, part, SendFailed(message.conversation.can_reply["reason"], "window"))
        else:
            part.status, part.sent_at = PartStatus.SENDING, now()
            return _job(tx, message, part)
    if wait is not None:
        raise wait
    return None


def _is_sent(part: MessagePart) -> bool:
    return part.status in (PartStatus.SENT, PartStatus.DELIVERED, PartStatus.READ)


def _held(channel: Channel) -> TransportError | None:
    """Why nothing of the channel leaves now, and until when; None if it may."""
    why = f"{channel.name} cannot send: {channel.state_reason}"
    if channel.state in (ChannelState.NEEDS_REAUTH, ChannelState.DISCONNECTED):
        return TransportError(why, after=HELD_FOR, counts=False)
    if channel.held_until is not None and now() < channel.held_until:
        after = (channel.held_until - now()).total_seconds() + random.uniform(1, 10)  # noqa: S311
        return TransportError(why, after=after, counts=False)
    return None


def _wait_for_echo(tx: Transaction, message: Message, part: MessagePart) -> TransportError | None:
    """Nobody knows whether this part was sent: the process died meanwhile, or the platform did not answer."""
    part.status = PartStatus.UNKNOWN
    if part.sent_at is not None and now() - part.sent_at < UNKNOWN_FOR:
        return TransportError("It is not known yet whether this arrived.", after=LOOK_AGAIN, counts=False)
    _give_up(tx, message, part, Unknown(LOST_TRACK, "unknown"))
    return None


def _job(tx: Transaction, message: Message, part: MessagePart) -> Job:
    conversation = message.conversation
    outgoing = Outgoing(
        conversation.identity.psid,
        part.id,
        text=part.text,
        human=conversation.needs_human,
        reply_to=_quoted_mid(tx, message) if part.position == 0 else None,
    )
    if part.attachment_id:
        attachment = tx.session.get_one(Attachment, part.attachment_id)
        file = blobs().path(attachment.file)
        outgoing = replace(outgoing, file=file, name=attachment.name, content_type=attachment.content_type)
    channel = conversation.channel
    return Job(ADAPTERS[channel.platform], account_of(channel), part.id, outgoing, channel.secret)


def _quoted_mid(tx: Transaction, message: Message) -> str | None:
    if message.reply_to is None:
        return None
    query = select(MessagePart.external_id).where(MessagePart.message_id == message.reply_to.id)
    return message.reply_to.external_id or tx.session.scalar(query.limit(1))


@retry_race
def _sent(job: Job, mid: str | None) -> None:
    with write() as tx:
        part, message = _part(tx, job.part_id)
        if part is None or message is None:
            return
        if part.external_id is None and mid is not None and not _is_taken(tx, part, mid):
            part.external_id = mid
        raise_part(part, PartStatus.SENT)
        if message.conversation.channel.state == ChannelState.RESTRICTED:  # evidently over
            release(tx, message.conversation.channel)
        _tell(tx, message)


def _is_taken(tx: Transaction, part: MessagePart, mid: str) -> bool:
    """An echo that came long before the answer was taken for somebody else's message."""
    query = select(MessagePart.id).where(MessagePart.channel_id == part.channel_id, MessagePart.external_id == mid)
    return tx.session.scalar(query) is not None


def _failed(job: Job, why: SendFailed) -> None:
    """Note what became of a part, and raise TransportError if it is tried again."""
    log.warning("platform_send_failed", part=job.part_id, code=why.code, kind=type(why).__name__)
    again: TransportError | None = None
    with write() as tx:
        part, message = _part(tx, job.part_id)
        if part is None or message is None or _is_sent(part):
            return
        match why:
            case Unknown():
                part.status = PartStatus.UNKNOWN
                again = TransportError(why.reason, after=LOOK_AGAIN, counts=False)
                _explain(tx, message, why.code, why.reason, retryable=False)
            case NeedsReauth() | Restricted():
                part.status = PartStatus.QUEUED
                again = _hold(tx, message, why, job.secret)
            case TryLater() if _attempts(message) < ATTEMPTS:
                part.status = PartStatus.QUEUED
                _count_attempt(tx, message, why)
                again = TransportError(why.reason, after=why.after)
            case _:
                _give_up(tx, message, part, why)
    if again is not None:
        raise again


def _attempts(message: Message) -> int:
    return int((message.error or {}).get("attempts", 0)) + 1


def _count_attempt(tx: Transaction, message: Message, why: SendFailed) -> None:
    attempts = _attempts(message)
    _explain(tx, message, why.code, why.reason, retryable=False, attempts=attempts)


def _hold(tx: Transaction, message: Message, why: SendFailed, secret: str | None) -> TransportError:
    """Nothing of this channel leaves until it is connected anew, or the restriction is over."""
    needs_reauth = isinstance(why, NeedsReauth)
    channel = tx.session.get_one(Channel, message.channel_id)
    if needs_reauth and channel.secret != secret:  # meanwhile it was connected anew
        return TransportError(why.reason, after=LOOK_AGAIN, counts=False)
    hold_channel(tx, channel, ChannelState.NEEDS_REAUTH if needs_reauth else ChannelState.RESTRICTED, why.reason)
    if not needs_reauth:
        channel.held_until = now() + RESTRICTED_FOR
    _explain(tx, message, why.code, why.reason, retryable=False)
    return TransportError(why.reason, after=HELD_FOR, counts=False)


def hold_channel(tx: Transaction, channel: Channel, state: ChannelState, reason: str) -> None:
    """Note that nothing of the channel leaves, and tell the admins, once."""
    if channel.state != state:
        channel.state, channel.state_reason = state, reason
        _mail_admins(tx, channel)


def _mail_admins(tx: Transaction, channel: Channel) -> None:
    admins = select(Agent).where(
        Agent.company_id == channel.company_id,
        Agent.removed_at.is_(None),
        Agent.role.in_((AgentRole.OWNER, AgentRole.ADMIN)),
    )
    title = ADAPTERS[channel.platform].title
    text = (
        f"{channel.state_reason}\n\nMessages of {channel.name} ({title}) keep coming in. Answers wait and leave by "
        "themselves as soon as the channel can send again. See Settings, Channels."
    )
    for admin in tx.session.scalars(admins):
        queue_mail(tx, channel.company_id, admin.email, f"{channel.name} cannot send answers", text)


def release(tx: Transaction, channel: Channel) -> None:
    """The channel can send again: what waited leaves at once."""
    channel.state, channel.state_reason, channel.held_until = ChannelState.CONNECTED, None, None
    waiting = select(Message.conversation_id).where(
        Message.channel_id == channel.id, Message.status == DeliveryStatus.QUEUED
    )
    for conversation_id in tx.session.scalars(waiting.distinct()).all():
        hurry(tx, PLATFORM, conversation_id)


def _give_up(tx: Transaction, message: Message, part: MessagePart, why: SendFailed) -> None:
    part.status = PartStatus.FAILED
    settle_status(tx, message)
    _explain(tx, message, why.code, why.reason, retryable=why.retryable)


def _explain(tx: Transaction, message: Message, code: str, reason: str, *, retryable: bool, **more: int) -> None:
    """Tell the team why a message has failed, or still waits."""
    error = {"code": code, "detail": reason, "retryable": retryable, **more}
    if message.error != error:
        message.error = error
        raise_rev(tx, message.conversation)
        announce_message_change(tx, message)


def _tell(tx: Transaction, message: Message) -> None:
    if settle_status(tx, message):
        raise_rev(tx, message.conversation)
        announce_message_change(tx, message)


def _message(tx: Transaction, message_id: str) -> Message | None:
    return tx.session.scalar(select(Message).where(Message.id == message_id).with_for_update(of=Message))


def _part(tx: Transaction, part_id: str) -> tuple[MessagePart | None, Message | None]:
    part = tx.session.get(MessagePart, part_id)
    return part, _message(tx, part.message_id) if part else None
