"""Mail to a real SMTP server: what is accepted, refused for now, refused for good, and out of reach."""

from collections.abc import Iterator

import pytest

from errors import TransportError
from mail import MailServer
from tests.live.postbox import Postbox

SENDER = "Deskbell <deskbell@example.com>"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    postbox = Postbox()
    yield postbox
    postbox.close()


def test_a_mail_arrives_with_every_letter_and_its_id(postbox: Postbox) -> None:
    text = "Línk: https://x.example/a?b=c\n"
    MailServer(postbox.url, SENDER).send("ann@example.com", "Grüße 👋", text, "<1@example.com>")
    [mail] = postbox.mails
    assert (mail["To"], mail["From"], mail["Message-ID"]) == ("ann@example.com", SENDER, "<1@example.com>")
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == text


@pytest.mark.parametrize(("to", "permanent"), [("nobody@example.com", True), ("busy@example.com", False)])
def test_a_refusal_says_whether_it_is_for_good(postbox: Postbox, to: str, permanent: bool) -> None:
    with pytest.raises(TransportError, match="refused") as caught:
        MailServer(postbox.url, SENDER).send(to, "Hello", "Hello", "<1@example.com>")
    assert caught.value.permanent is permanent


def test_a_line_break_in_a_subject_is_no_header(postbox: Postbox) -> None:
    with pytest.raises(ValueError, match=r"(?i)newline|linefeed"):
        MailServer(postbox.url, SENDER).send("ann@example.com", "Hi\nBcc: eve@example.com", "Hello", "<1@example.com>")
    assert postbox.mails == []


def test_a_server_that_is_away_is_tried_again() -> None:
    gone = Postbox()
    gone.close()
    with pytest.raises(TransportError) as caught:
        MailServer(gone.url, SENDER).send("ann@example.com", "Hello", "Hello", "<1@example.com>")
    assert caught.value.permanent is False


def test_a_password_is_used_and_a_wrong_one_is_said_without_it() -> None:
    postbox = Postbox(password="s3cret")
    right = postbox.url.replace("//", "//ann:s3cret@")
    MailServer(right, SENDER).send("ann@example.com", "Hello", "Hello", "<1@example.com>")
    with pytest.raises(TransportError) as caught:
        MailServer(right.replace("s3cret", "wr0ng"), SENDER).send("ann@example.com", "Hello", "Hello", "<1@x>")
    postbox.close()
    assert len(postbox.mails) == 1
    assert "wr0ng" not in str(caught.value)
