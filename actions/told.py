"""What platforms tell about messages: edits, removal, reactions, and who quotes whom. Kept by the platform's id of the
message, which may come later; it holds from the moment on that the message is there."""

from typing import Any

from sqlalchemy import delete, select

from actions.announce import renew_preview
from actions.arrival import Arrival, identity_of, lock, message_of, tell_message, tell_window
from actions.attachments import delete_files
from models import Attachment, Channel, Conversation, Message, PlatformFact
from platforms.base import Edited, Reacted, Removed, Said
from schemas.base import clean_text
from store import Transaction, later


def edited(fact: Edited, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    kept = kept_about(tx, channel, fact.mid, "edit")
    if kept and (kept["number"], kept["text"]) >= (fact.number, fact.text):
        return "already known"
    return _keep(tx, channel, fact.mid, "edit", {"number": fact.number, "text": fact.text})


def removed(fact: Removed, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    if kept_about(tx, channel, fact.mid, "removal") is not None:
        return "already known"
    return _keep(tx, channel, fact.mid, "removal", {})


def reacted(fact: Reacted, here: Arrival) -> str | None:
    tx, channel = here.tx, here.channel
    if not fact.by_team and fact.emoji is not None:
        identity = identity_of(tx, channel, fact.person)
        if identity.advance("acted_at", fact.at or here.at):
            tell_window(tx, identity)
    at = (fact.at or here.at).isoformat()
    kind = "team" if fact.by_team else "customer"
    kept = kept_about(tx, channel, fact.mid, kind)
    if kept and (kept["at"], kept["emoji"] or "") >= (at, fact.emoji or ""):
        return "already known"
    return _keep(tx, channel, fact.mid, kind, {"at": at, "emoji": fact.emoji})


def _keep(tx: Transaction, channel: Channel, mid: str, kind: str, value: dict[str, Any]) -> str | None:
    """Keep what was told about a message; it shows at once if the message is there."""
    store_fact(tx, channel, mid, kind, value)
    message = message_of(tx.session, channel.id, mid)
    if message is None:
        return "kept until its message comes"
    lock(tx, message.conversation)
    apply_kept(tx, channel, message, mid)
    renew_preview(tx, message.conversation)
    tell_message(tx, message)
    return None


def kept_about(tx: Transaction, channel: Channel, mid: str, kind: str) -> dict[str, Any] | None:
    row = tx.session.get(PlatformFact, (channel.id, mid, kind))
    return row.value if row else None


def store_fact(tx: Transaction, channel: Channel, mid: str, kind: str, value: dict[str, Any]) -> None:
    tx.session.merge(PlatformFact(channel_id=channel.id, mid=mid, kind=kind, value=value))
    tx.session.flush()


def apply_kept(tx: Transaction, channel: Channel, message: Message, mid: str) -> None:
    """Text, removal and reactions of a message as all that was told about it says."""
    query = select(PlatformFact).where(PlatformFact.channel_id == channel.id, PlatformFact.mid == mid)
    kept = {row.kind: row.value for row in tx.session.scalars(query)}
    meta = dict(message.meta)
    if edit := kept.get("edit"):
        message.text, meta["edited"] = clean_text(edit["text"]), edit["number"]
    reactions = {who: kept[who]["emoji"] for who in ("customer", "team") if who in kept and kept[who]["emoji"]}
    meta.pop("reactions", None)
    if reactions:
        meta["reactions"] = reactions
    if "removal" in kept:
        message.text, meta = "", {"removed": True}
        _drop_files(tx, message)
    message.meta = meta


def _drop_files(tx: Transaction, message: Message) -> None:
    files = [attachment.file for attachment in message.attachments]
    message.attachments[:] = []
    if files:
        tx.session.execute(delete(Attachment).where(Attachment.message_id == message.id))
        later(0, delete_files, files)


def quoted_by(tx: Transaction, conversation: Conversation, fact: Said) -> Message | None:
    """The message that this one answers. If it is not there yet, it is told of this one when it comes."""
    if fact.reply_to is None:
        return None
    quoted = message_of(tx.session, conversation.channel_id, fact.reply_to)
    if quoted is None:
        kept = kept_about(tx, conversation.channel, fact.reply_to, "quoted") or {"by": []}
        store_fact(tx, conversation.channel, fact.reply_to, "quoted", {"by": [*kept["by"], fact.mid][-50:]})
    return quoted if quoted is not None and quoted.conversation_id == conversation.id else None


def tell_who_quoted(tx: Transaction, channel: Channel, message: Message, mid: str) -> None:
    for by in (kept_about(tx, channel, mid, "quoted") or {"by": []})["by"]:
        reply = message_of(tx.session, channel.id, by)
        if reply is not None and reply.conversation_id == message.conversation_id:
            reply.reply_to = message
            tx.session.flush()
            tell_message(tx, reply)
