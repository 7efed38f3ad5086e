"""What platforms only link to. Files of messages are copied here, as their addresses expire; the rest stays a link."""

import tempfile
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from flask import current_app
from sqlalchemy import select

from actions.accounts import account_of
from actions.announce import announce_message_change, raise_rev, renew_preview
from actions.attachments import delete_files, keep_file
from actions.outbox import enqueue
from errors import TooLarge, TransportError, UnsupportedType
from extensions import db
from models import Attachment, Channel, Message
from platforms import ADAPTERS
from platforms.http import DownloadFailed, DownloadRefused, download
from store import Transaction, write

log = structlog.get_logger(__name__)

MEDIA = "media"  # the kind of outbox item
NAMES = {"image": "Image", "video": "Video", "audio": "Voice message", "file": "File", "sticker": "Sticker"}
IN_MEMORY = 1024 * 1024  # bytes of a file that is kept in memory before it goes to the disk


def queue_media(tx: Transaction, message: Message) -> None:
    """Fetch the message's files once the transaction is committed."""
    for index, media in enumerate(message.meta.get("media", ())):
        if media["state"] == "FETCHING":
            payload = {"messageId": message.id, "index": index}
            enqueue(tx, message.company_id, MEDIA, f"{message.id}:{index}", payload)


def deliver_media(_: str, payload: dict[str, Any]) -> None:
    """The outbox's handler: fetch one file. Raises TransportError while it makes sense to try again."""
    message = db.session.scalar(select(Message).where(Message.id == payload["messageId"]))
    media = _waiting(message, payload["index"])
    if message is None or media is None:
        return
    channel = db.session.get_one(Channel, message.channel_id)
    hosts = frozenset(ADAPTERS[channel.platform].media_hosts(account_of(channel)))
    db.session.remove()  # hold no connection meanwhile
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as target:
        try:
            download(media["url"], target, current_app.config["MAX_UPLOAD"], hosts)  # type: ignore[arg-type]
            target.seek(0)
            kept = keep_file(target, _name(media))  # type: ignore[arg-type]
        except (DownloadRefused, TooLarge, UnsupportedType) as why:
            _give_up(payload, getattr(why, "detail", str(why)))
        except DownloadFailed as why:
            raise TransportError(f"A customer's file could not be fetched: {why}") from None
        else:
            _attach(payload, kept)


def _name(media: dict[str, Any]) -> str:
    last = unquote(PurePosixPath(urlsplit(media["url"]).path).name)
    return last if "." in last else NAMES[media["kind"]]


def _waiting(message: Message | None, index: int) -> dict[str, Any] | None:
    """The media of that place, if it still has to be fetched."""
    found = (message.meta.get("media") or ()) if message else ()
    return next((one for place, one in enumerate(found) if place == index and one["state"] == "FETCHING"), None)


def _attach(payload: dict[str, Any], kept: dict[str, Any]) -> None:
    with write() as tx:
        message = _locked(tx, payload)
        if message is None:
            unwanted: list[str] = [kept["file"]]
        else:
            unwanted = []
            owner = {"company_id": message.company_id, "channel_id": message.channel_id}
            owner["psid"] = message.conversation.identity.psid
            attachment = Attachment(**owner, **kept, message_id=message.id, position=payload["index"])
            tx.session.add(attachment)
            tx.session.flush()
            tx.session.refresh(message, ["attachments"])
            _change(tx, message, payload["index"], "FETCHED", None)
    delete_files(unwanted)


def _give_up(payload: dict[str, Any], why: str) -> None:
    log.info("media_refused", message=payload["messageId"], why=why)
    with write() as tx:
        if message := _locked(tx, payload):
            _change(tx, message, payload["index"], "FAILED", why)


def _locked(tx: Transaction, payload: dict[str, Any]) -> Message | None:
    query = select(Message).where(Message.id == payload["messageId"]).with_for_update(of=Message)
    message = tx.session.scalar(query)
    return message if _waiting(message, payload["index"]) else None


def _change(tx: Transaction, message: Message, index: int, state: str, reason: str | None) -> None:
    media = [
        {**one, "state": state, "reason": reason} if place == index else one
        for place, one in enumerate(message.meta["media"])
    ]
    message.meta = {**message.meta, "media": media}
    conversation = message.conversation
    raise_rev(tx, conversation)
    announce_message_change(tx, message)
    renew_preview(tx, conversation)
