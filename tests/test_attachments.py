"""Files, end to end: what is taken and what is not, who may read them, and that nothing of them stays."""

import io
import struct
import time
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from actions import attachments
from actions.attachments import blobs, sweep
from actions.file_types import clean_name
from extensions import db
from models import Attachment, Conversation
from models.types import now
from store import write
from tests.cast import AgentDoor, Cast, Door, VisitorDoor

# The test client leaves the temporary file of a large form to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:.*FileIO.*:pytest.PytestUnraisableExceptionWarning")

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
KEYS = {"id", "name", "contentType", "size", "url", "width", "height"}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "teal").save(target, kind, **more)
    return target.getvalue()


def archive(*names: str, mimetype: str | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        if mimetype:
            file.writestr("mimetype", mimetype)
        for name in names:
            file.writestr(name, "content")
    return target.getvalue()


def huge_png() -> bytes:
    """The beginning of a PNG that says it has 30,000 × 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def upload(door: Door, content: bytes, name: str = "bell.png", path: str | None = None) -> TestResponse:
    path = path or ("/api/attachments" if isinstance(door, AgentDoor) else "/api/widget/attachments")
    data = {"file": (io.BytesIO(content), name)}
    return door.post(path, data=data, content_type="multipart/form-data")


def uploaded(door: Door, content: bytes, name: str = "bell.png") -> dict[str, Any]:
    answer = upload(door, content, name)
    assert answer.status_code == 201, answer.text
    attachment: dict[str, Any] = answer.json["attachment"]
    return attachment


def sent_file(visitor: VisitorDoor, content: bytes, name: str = "bell.png") -> dict[str, Any]:
    """The attachment of a message of its own."""
    sent = visitor.send("", attachmentIds=[uploaded(visitor, content, name)["id"]])
    attachment: dict[str, Any] = sent.json["message"]["attachments"][0]
    return attachment


def read(cast: Cast, url: str, more: str = "") -> TestResponse:
    parts = urlsplit(url)
    return cast.anyone().get(f"{parts.path}?{parts.query}{more}", buffered=True)


def stored_files() -> list[Path]:
    return [path for path in blobs().folder.glob("*/*") if path.is_file() and path.parent.name != "avatars"]


@pytest.fixture(autouse=True)
def folder(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast.app.config, "UPLOAD_DIR", str(tmp_path))


# The way of a file


@pytest.mark.parametrize("side", ["visitor", "agent"])
def test_a_file_goes_from_one_side_to_the_other(cast: Cast, side: str) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    agent_hears, visitor_hears = cast.owner.socket(), visitor.socket()
    sender: Door = visitor if side == "visitor" else cast.owner
    content = picture(size=(1000, 500))
    mine = uploaded(sender, content)
    assert (set(mine), mine["contentType"], mine["width"], mine["height"]) == (KEYS, "image/png", 1000, 500)
    if isinstance(sender, AgentDoor):
        sent = sender.reply(conversation_id, "", attachmentIds=[mine["id"]])
    else:
        sent = visitor.send("", attachmentIds=[mine["id"]])
    assert sent.status_code == 201, sent.text
    [attachment] = sent.json["message"]["attachments"]
    for socket in (agent_hears, visitor_hears):
        [message] = [payload["message"] for name, payload in socket.heard() if name == "message:new"]
        assert message["attachments"] == [attachment]
    assert cast.mate.messages(conversation_id)[-1]["attachments"] == [attachment]
    assert visitor.messages()[-1]["attachments"] == [attachment]
    assert cast.owner.conversation(conversation_id)["lastMessage"]["text"] == "📎 bell.png"
    got = read(cast, attachment["url"])
    assert (got.status_code, got.data) == (200, content)
    small = Image.open(io.BytesIO(read(cast, attachment["url"], "&thumbnail=1").data))
    assert (small.format, small.size) == ("WEBP", (640, 320))


def test_a_file_is_handed_out_so_that_it_cannot_run(cast: Cast) -> None:
    visitor = cast.visitor()
    [attachment] = visitor.send("", attachmentIds=[uploaded(visitor, PDF, "a.pdf")["id"]]).json["message"][
        "attachments"
    ]
    got = read(cast, attachment["url"])
    assert got.headers["Content-Disposition"] == "attachment; filename=a.pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Access-Control-Allow-Origin"] == "*"
    assert got.headers["Content-Type"] == "application/pdf"
    parts = urlsplit(attachment["url"])
    part = cast.anyone().get(f"{parts.path}?{parts.query}", headers={"Range": "bytes=0-3"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"%PDF")


def test_several_files_keep_their_order_and_a_repeated_message_sends_none_twice(cast: Cast) -> None:
    visitor = cast.visitor()
    ids = [uploaded(visitor, picture(), f"{number}.png")["id"] for number in range(3)][::-1]
    body = {"text": "Three", "clientId": "1", "attachmentIds": ids}
    first = visitor.post("/api/widget/messages", body)
    again = visitor.post("/api/widget/messages", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert [attachment["id"] for attachment in again.json["message"]["attachments"]] == ids
    assert first.json["message"] == again.json["message"]


def test_a_photograph_does_not_tell_where_it_was_taken(cast: Cast) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Camera"
    attachment = uploaded(cast.owner, picture("JPEG", (40, 20), exif=exif), "photo.jpg")
    assert (attachment["width"], attachment["height"]) == (20, 40)
    kept = Image.open(io.BytesIO(read(cast, attachment["url"]).data)).getexif()
    assert (dict(kept), kept.get_ifd(0x8825)) == ({0x0112: 6}, {})
    assert Image.open(io.BytesIO(read(cast, attachment["url"], "&thumbnail=1").data)).size == (20, 40)


# What is taken


@pytest.mark.parametrize(
    ("content", "name", "content_type", "kept_name"),
    [
        (picture("JPEG"), "photo.jpeg", "image/jpeg", "photo.jpeg"),
        (picture("JPEG"), "photo.png", "image/jpeg", "photo.jpg"),
        (picture("WEBP"), "photo", "image/webp", "photo.webp"),
        (picture("GIF"), "moving.GIF", "image/gif", "moving.GIF"),
        (PDF, "bill.pdf", "application/pdf", "bill.pdf"),
        (b"Hello\nbells \xf0\x9f\x94\x94", "note.txt", "text/plain", "note.txt"),
        (b"a,b\n1,2\n", "table.csv", "text/csv", "table.csv"),
        (archive("a.txt"), "all.zip", "application/zip", "all.zip"),
        (
            archive("[Content_Types].xml", "word/document.xml"),
            "letter.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "letter.docx",
        ),
        (
            archive("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
            "letter.odt",
            "application/vnd.oasis.opendocument.text",
            "letter.odt",
        ),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(400), "bell.mp3", "audio/mpeg", "bell.mp3"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + bytes(64), "bell.mp4", "video/mp4", "bell.mp4"),
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(64), "bell.wav", "audio/wav", "bell.wav"),
        (picture(), "../../etc/passwd.png", "image/png", "passwd.png"),
    ],
)
def test_the_content_decides(cast: Cast, content: bytes, name: str, content_type: str, kept_name: str) -> None:
    answer = upload(cast.owner, content, name)
    assert answer.status_code == 201, answer.text
    assert (answer.json["attachment"]["contentType"], answer.json["attachment"]["name"]) == (content_type, kept_name)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\ann\\bell.png", "bell.png"),
        ("/etc/../passwd", "passwd"),
        ("cod\u202egnp.exe.png", "codgnp.exe.png"),
        ("b\u200bell\x00\n.png", "bell.png"),
        (" . .", "file"),
        ("", "file"),
        ("ü" * 300 + ".png", "ü" * 196 + ".png"),
        ("x" * 300, "x" * 200),
        ("<b>bell</b>.png", "b>.png"),
        ("Glocke 🔔.png", "Glocke 🔔.png"),
    ],
)
def test_a_name_deceives_nobody(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (b"", "empty.png", 422),
        (b"<!DOCTYPE html><script>alert(1)</script>", "page.html", 415),
        (b"<!DOCTYPE html><script>alert(1)</script>", "page.png", 415),
        (b"<html><body>", "page.txt", 415),
        (b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image.svg", 415),
        (b"<?xml version='1.0'?><svg/>", "image.png", 415),
        (b"<?php system($_GET[0]);", "image.txt", 415),
        (b"Just text", "image.png", 415),
        (b"Just text", "run.sh", 415),
        (b"Just text", "page.html", 415),
        (PDF, "photo.jpg", 415),
        (picture(), "bill.pdf", 415),
        (picture(), "run.exe", 415),
        (b"MZ\x90\0" + bytes(200), "setup.exe", 415),
        (b"MZ\x90\0" + bytes(200), "photo.png", 415),
        (b"\x7fELF" + bytes(200), "program", 415),
        (b"\x00\x01\x02\x03" * 50, "data.bin", 415),
        (archive("[Content_Types].xml", "word/vbaProject.bin"), "letter.docx", 415),
        (archive("a.txt")[:40], "all.zip", 415),
        (picture(size=(400, 400))[:300], "half.png", 415),
        (picture("JPEG", (400, 400))[:-200], "half.jpg", 415),
        (huge_png(), "huge.png", 415),
        (bytes(1024 * 1024 + 1), "big.bin", 413),
        (bytes(3 * 1024 * 1024), "bigger.bin", 413),
    ],
)
@pytest.mark.parametrize("side", ["visitor", "agent"])
def test_what_is_refused_leaves_nothing(cast: Cast, content: bytes, name: str, status: int, side: str) -> None:
    answer = upload(cast.visitor() if side == "visitor" else cast.owner, content, name)
    assert (answer.status_code, answer.json["status"]) == (status, status), answer.text
    assert stored_files() == []
    assert db.session.scalars(select(Attachment)).all() == []


def test_what_is_far_too_large_says_how_large_it_may_be(cast: Cast) -> None:
    answer = upload(cast.visitor(), bytes(3 * 1024 * 1024), "bigger.bin")
    assert answer.json["detail"] == "The file is too large: 1 MB at the most."


@pytest.mark.parametrize(
    ("content", "name", "disposition"),
    [(picture(), "bell.png", "inline; filename=bell.png"), (PDF, "a.pdf", "attachment; filename=a.pdf")],
)
def test_a_picture_may_be_looked_at_in_a_page_of_its_own(
    cast: Cast, content: bytes, name: str, disposition: str
) -> None:
    got = read(cast, sent_file(cast.visitor(), content, name)["url"], "&inline=1")
    assert got.headers["Content-Disposition"] == disposition
    assert "sandbox" in got.headers["Content-Security-Policy"]


def test_a_picture_that_is_also_a_script_stays_a_picture(cast: Cast) -> None:
    polyglot = picture("GIF").replace(b"\x3b", b"") + b"/*alert(1)*/=1;\x3b"
    answer = upload(cast.owner, polyglot, "fun.gif")
    if answer.status_code == 201:
        got = read(cast, answer.json["attachment"]["url"])
        assert (got.headers["Content-Type"], got.headers["X-Content-Type-Options"]) == ("image/gif", "nosniff")
        assert got.headers["Content-Disposition"].startswith("attachment")
    else:
        assert answer.status_code == 415


@pytest.mark.parametrize("body", [{"data": {}}, {"data": {"other": "x"}}, {"data": {"file": "no file"}}])
def test_an_upload_without_a_file(cast: Cast, body: dict[str, Any]) -> None:
    answer = cast.owner.post("/api/attachments", content_type="multipart/form-data", **body)
    assert (answer.status_code, "file" in answer.json["errors"]) == (422, True)


def test_an_upload_that_is_no_form(cast: Cast) -> None:
    assert cast.owner.post("/api/attachments", {"file": "x"}).status_code == 415


def test_one_person_cannot_fill_the_disk_with_what_he_never_sends(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_UNSENT", 50)
    visitor = cast.visitor()
    assert upload(visitor, picture()).status_code == 201
    assert upload(visitor, picture()).status_code == 422
    assert upload(cast.visitor(), picture()).status_code == 201


# Whose it is


def test_only_ones_own_unsent_uploads_can_be_sent(cast: Cast) -> None:
    visitor, other = cast.visitor(), cast.visitor()
    conversation_id = visitor.write()
    agents, visitors, others = (
        uploaded(cast.owner, PDF, "a.pdf"),
        uploaded(visitor, PDF, "a.pdf"),
        uploaded(other, PDF, "a.pdf"),
    )
    tries = [
        lambda attachment: visitor.send("", attachmentIds=[attachment["id"]]),
        lambda attachment: cast.owner.reply(conversation_id, "", attachmentIds=[attachment["id"]]),
    ]
    for send, foreign in ((tries[0], agents), (tries[0], others), (tries[1], visitors)):
        assert send(foreign).status_code == 422
    assert cast.mate.reply(conversation_id, "", attachmentIds=[agents["id"]]).status_code == 422
    assert tries[0](visitors).status_code == 201
    assert tries[0](visitors).status_code == 422


@pytest.mark.parametrize("ids", ["x", ["x"], [5], [None], None, ["x"] * 2, [str(uuid4()) for _ in range(11)]])
def test_ids_that_are_none(cast: Cast, ids: Any) -> None:
    assert cast.visitor().send("Text", attachmentIds=ids).status_code == 422


def test_a_message_says_something(cast: Cast) -> None:
    assert cast.visitor().send("", attachmentIds=[]).status_code == 422
    assert cast.owner.reply(cast.visitor().write(), " ").status_code == 422


def test_an_address_is_bound_and_expires(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = cast.visitor()
    mine = uploaded(visitor, PDF, "a.pdf")
    [sent] = visitor.send("", attachmentIds=[mine["id"]]).json["message"]["attachments"]
    assert read(cast, mine["url"]).status_code == 404  # it was bound to the upload
    assert read(cast, sent["url"]).status_code == 200
    other = sent_file(visitor, PDF, "a.pdf")
    query = parse_qs(urlsplit(sent["url"]).query)
    expires, signature = int(query["expires"][0]), query["signature"][0]
    path = urlsplit(sent["url"]).path
    forged = [
        path,
        f"{path}?expires={expires}",
        f"{path}?expires={expires}&signature=",
        f"{path}?expires={expires + 1}&signature={signature}",
        f"{path}?expires=soon&signature={signature}",
        f"{path}?expires={expires}&signature=%C3%BC",
        f"{urlsplit(other['url']).path}?expires={expires}&signature={signature}",
        f"/files/x/a.pdf?expires={expires}&signature={signature}",
    ]
    assert {cast.anyone().get(address).status_code for address in forged} == {404}
    moment = time.time()
    monkeypatch.setattr(attachments.time, "time", lambda: moment + 3 * attachments.DAY)
    assert read(cast, sent["url"]).status_code == 404
    assert read(cast, visitor.messages()[0]["attachments"][0]["url"]).status_code == 200


def test_a_file_of_another_conversation_is_not_read_with_this_ones_address(cast: Cast) -> None:
    visitor = cast.visitor()
    sent = sent_file(visitor, PDF, "a.pdf")
    elsewhere = cast.visitor().send("Hello").json["message"]["id"]
    with write() as tx:
        tx.session.execute(update(Attachment).values(message_id=elsewhere))
    assert read(cast, sent["url"]).status_code == 404


# Nothing stays


def test_a_removed_message_takes_its_files_with_it(cast: Cast) -> None:
    visitor = cast.visitor()
    conversation_id = visitor.write()
    sent = cast.owner.reply(conversation_id, "Secret", attachmentIds=[uploaded(cast.owner, picture())["id"]]).json[
        "message"
    ]
    agent_hears, visitor_hears = cast.mate.socket(), visitor.socket()
    assert cast.mate.delete(f"/api/messages/{sent['id']}").status_code == 403
    assert cast.outsider.delete(f"/api/messages/{sent['id']}").status_code == 404
    removed = cast.owner.delete(f"/api/messages/{sent['id']}")
    assert removed.status_code == 200
    assert removed.json["message"]["attachments"] == []
    assert (removed.json["message"]["text"], removed.json["message"]["meta"]) == ("", {"removed": True})
    assert stored_files() == []
    assert read(cast, sent["attachments"][0]["url"]).status_code == 404
    for socket in (agent_hears, visitor_hears):
        [message] = [payload["message"] for name, payload in socket.heard() if name == "message:updated"]
        assert (message["text"], message["attachments"], message["meta"]) == ("", [], {"removed": True})
    assert cast.owner.conversation(conversation_id)["lastMessage"]["text"] == "Message removed"
    assert cast.owner.get("/api/conversations?q=Secret").json["conversations"] == []


def test_what_a_customer_wrote_cannot_be_removed(cast: Cast) -> None:
    conversation_id = cast.visitor().write()
    cast.owner.patch(f"/api/conversations/{conversation_id}", {"status": "RESOLVED"})
    for message in cast.owner.messages(conversation_id):
        assert cast.owner.delete(f"/api/messages/{message['id']}").status_code == 409


def test_uploads_that_nobody_sends_and_files_of_nothing_are_swept_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = cast.visitor()
    kept = sent_file(visitor, picture())
    uploaded(visitor, picture())
    sent_file(cast.visitor(), picture())
    sweep()
    assert len(stored_files()) == 6
    with write() as tx:
        older = now() - timedelta(days=2)
        tx.session.execute(update(Attachment).where(Attachment.message_id.is_(None)).values(created_at=older))
        newest = tx.session.scalars(select(Conversation).order_by(Conversation.id.desc())).first()
        tx.session.delete(newest)
    sweep()
    assert len(stored_files()) == 6  # too young to be nobody's
    monkeypatch.setattr("actions.blobs.ORPHAN_AFTER", -1)
    sweep()
    assert len(stored_files()) == 2
    assert read(cast, kept["url"]).status_code == 200


# Pictures of agents


def test_an_agents_picture(cast: Cast) -> None:
    changed = upload(cast.mate, picture(size=(900, 300)), "me.png", "/api/me/avatar")
    assert changed.status_code == 200, changed.text
    url = changed.json["agent"]["avatarUrl"]
    got = cast.anyone().get(url, buffered=True)
    assert (got.status_code, got.headers["Content-Type"]) == (200, "image/webp")
    assert "immutable" in got.headers["Cache-Control"]
    assert Image.open(io.BytesIO(got.data)).size == (256, 256)
    assert upload(cast.mate, PDF, "me.pdf", "/api/me/avatar").status_code == 415
    assert cast.mate.get("/api/me").json["avatarUrl"] == url
    newer = upload(cast.mate, picture(), "me.png", "/api/me/avatar").json["agent"]["avatarUrl"]
    assert cast.anyone().get(url).status_code == 404
    assert cast.mate.delete("/api/me/avatar").json["agent"]["avatarUrl"] is None
    assert cast.anyone().get(newer).status_code == 404
    assert cast.anyone().get("/avatars/..%2f..%2fetc%2fpasswd").status_code == 404


def test_visitors_see_the_picture_beside_an_answer(cast: Cast) -> None:
    url = upload(cast.mate, picture(), "me.png", "/api/me/avatar").json["agent"]["avatarUrl"]
    visitor: VisitorDoor = cast.visitor()
    cast.mate.reply(visitor.write())
    assert visitor.messages()[-1]["author"] == {"name": "Mate", "avatarUrl": url}
