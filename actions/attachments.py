"""Files that people send: uploaded first, then attached to a message; read by signed addresses that expire."""

import hashlib
import hmac
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, select

from actions.blobs import Blobs
from actions.file_types import clean_name, fitting_name, recognise
from actions.identity import Visitor
from errors import Invalid, NotFound, UnsupportedType
from extensions import db
from models import Agent, Attachment, Channel, Message
from models.types import now
from schemas.agent import AgentAnswer, AttachmentAnswer
from schemas.base import plain_id
from store import Transaction, offload, write

DAY = 24 * 3600  # seconds: an address lives one to two days, and is the same all day
UNSENT_FOR = timedelta(days=1)
MOST_UNSENT = 100 * 1024 * 1024  # bytes that one person may upload without sending them
WHOSE = "upload"  # what the address of a file that was not sent yet is bound to


def upload_by_agent(agent: Agent, stream: BinaryIO, name: str) -> dict[str, Any]:
    """{attachment}. Raises TooLarge, UnsupportedType, Invalid."""
    owner = {"company_id": agent.company_id, "agent_id": agent.id}
    return _upload(owner, Attachment.agent_id == agent.id, stream, name)


def upload_by_visitor(visitor: Visitor, channel: Channel, stream: BinaryIO, name: str) -> dict[str, Any]:
    owner = {"company_id": channel.company_id, "channel_id": visitor.channel_id, "psid": visitor.psid}
    return _upload(owner, _of_visitor(visitor), stream, name)


def take_uploads(tx: Transaction, ids: list[str], owner: Agent | Visitor) -> list[Attachment]:
    """The owner's uploads of these ids, in their order, for a message. Invalid unless all are his and unsent."""
    if not ids:
        return []
    whose = Attachment.agent_id == owner.id if isinstance(owner, Agent) else _of_visitor(owner)
    query = select(Attachment).where(Attachment.id.in_(ids), Attachment.message_id.is_(None), whose)
    found = {row.id: row for row in tx.session.scalars(query.with_for_update())}
    if set(found) != set(ids):
        raise Invalid({"attachmentIds": ["Not an upload of yours, or sent already."]})
    for position, attachment_id in enumerate(ids):
        found[attachment_id].position = position
    return [found[attachment_id] for attachment_id in ids]


def signed_url(attachment: Attachment, bound_to: str) -> str:
    """Where the file is read until the end of tomorrow (UTC). `bound_to`: its conversation's id, or WHOSE."""
    expires = int(time.time()) // DAY * DAY + 2 * DAY
    path = f"/files/{attachment.id}/{quote(attachment.name, safe='')}"
    query = f"expires={expires}&signature={_signature(attachment.id, bound_to, expires)}"
    return f"{current_app.config['PUBLIC_URL']}{path}?{query}"


def find_file(attachment_id: str, expires: int, signature: str, *, thumbnail: bool) -> tuple[Path, Attachment]:
    """The file of a signed address. NotFound if it expired, is forged, or belongs to another conversation."""
    query = (
        select(Attachment, Message.conversation_id)
        .outerjoin(Message, Attachment.message_id == Message.id)
        .where(Attachment.id == plain_id(attachment_id))
    )
    row = db.session.execute(query).first()
    if row is None or expires < time.time():
        raise NotFound()
    attachment, conversation_id = row
    expected = _signature(attachment.id, conversation_id or WHOSE, expires)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise NotFound()
    path = blobs().thumbnail(attachment.file) if thumbnail else blobs().path(attachment.file)
    if not path.exists():
        raise NotFound()
    return path, attachment


def find_avatar(name: str) -> Path:
    path = blobs().folder / "avatars" / Path(name).name
    if not path.is_file():
        raise NotFound()
    return path


def set_avatar(agent: Agent, stream: BinaryIO, name: str) -> dict[str, Any]:
    """{agent} with a new picture."""
    file = offload(_keep_avatar, blobs(), stream, clean_name(name), current_app.config["MAX_UPLOAD"])
    return _replace_avatar(agent, f"/avatars/{file}")


def remove_avatar(agent: Agent) -> dict[str, Any]:
    return _replace_avatar(agent, None)


def delete_files(files: list[str]) -> None:
    """Once the transaction that removed their rows is committed."""
    if files:
        offload(blobs().delete, files)


def sweep() -> None:
    """Remove uploads that were never sent, and files that belong to nothing."""
    with write() as tx:
        unsent = (Attachment.message_id.is_(None), Attachment.created_at < now() - UNSENT_FOR)
        tx.session.execute(delete(Attachment).where(*unsent))
    files = blobs()
    for path in offload(lambda: list(files.old())):
        file = path.name.removesuffix(".thumbnail")
        if db.session.scalar(select(Attachment.id).where(Attachment.file == file)) is None:
            offload(path.unlink, missing_ok=True)


def blobs() -> Blobs:
    return Blobs(Path(current_app.config["UPLOAD_DIR"]))


def _upload(owner: dict[str, str], whose: ColumnElement[bool], stream: BinaryIO, name: str) -> dict[str, Any]:
    waiting = select(func.coalesce(func.sum(Attachment.size), 0)).where(Attachment.message_id.is_(None), whose)
    if db.session.scalars(waiting).one() > MOST_UNSENT:
        raise Invalid({"file": ["Send what you uploaded before, or wait a day."]})
    db.session.remove()  # hold no connection meanwhile
    kept = offload(_keep, blobs(), stream, clean_name(name), current_app.config["MAX_UPLOAD"])
    with write() as tx:
        attachment = Attachment(**owner, **kept)
        tx.session.add(attachment)
        tx.session.flush()
        answer: dict[str, Any] = AttachmentAnswer().dump({"attachment": attachment})
        answer["attachment"]["url"] = signed_url(attachment, WHOSE)
        return answer


def keep_file(stream: BinaryIO, name: str) -> dict[str, Any]:
    """Keep a file that was not uploaded but fetched: columns of Attachment. Raises TooLarge, UnsupportedType."""
    return offload(_keep, blobs(), stream, clean_name(name), current_app.config["MAX_UPLOAD"])


def keep_picture(stream: BinaryIO) -> str:
    """The address of a person's picture that was fetched. Raises TooLarge, UnsupportedType."""
    return f"/avatars/{offload(_keep_avatar, blobs(), stream, 'picture', current_app.config['MAX_UPLOAD'])}"


def _keep(files: Blobs, stream: BinaryIO, name: str, most: int) -> dict[str, Any]:
    partial = files.receive(stream, most)
    try:
        found = recognise(partial, name)
        file = files.keep(partial, found.content_type)
    finally:
        partial.unlink(missing_ok=True)
    return {
        "file": file,
        "name": fitting_name(name, found.content_type),
        "content_type": found.content_type,
        "size": files.path(file).stat().st_size,
        "width": found.width,
        "height": found.height,
    }


def _keep_avatar(files: Blobs, stream: BinaryIO, name: str, most: int) -> str:
    partial = files.receive(stream, most)
    try:
        if recognise(partial, name).width is None:
            raise UnsupportedType("A picture is expected: PNG, JPEG, GIF or WebP.")
        return files.keep_avatar(partial)
    finally:
        partial.unlink(missing_ok=True)


def _replace_avatar(agent: Agent, url: str | None) -> dict[str, Any]:
    with write() as tx:
        row = tx.session.get_one(Agent, agent.id)
        before, row.avatar_url = row.avatar_url, url
        answer: dict[str, Any] = AgentAnswer().dump({"agent": row})
    if before and before.startswith("/avatars/"):
        offload(blobs().delete_avatar, before)
    return answer


def _of_visitor(visitor: Visitor) -> ColumnElement[bool]:
    return (Attachment.channel_id == visitor.channel_id) & (Attachment.psid == visitor.psid)


def _signature(attachment_id: str, bound_to: str, expires: int) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, f"file:{attachment_id}:{bound_to}:{expires}".encode(), hashlib.sha256).hexdigest()
