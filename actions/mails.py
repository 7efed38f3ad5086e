"""Mails to people, through the outbox. Without SMTP_URL they are logged, not sent."""

from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import current_app

from actions.outbox import enqueue
from mail import MailServer
from store import Transaction

log = structlog.get_logger(__name__)

MAIL = "mail"  # the kind of outbox item


def queue_mail(tx: Transaction, company_id: str, to: str, subject: str, text: str) -> None:
    """Send a mail once this transaction is committed."""
    enqueue(tx, company_id, MAIL, to, {"to": to, "subject": subject, "text": text})


def mail_configured() -> bool:
    return bool(current_app.config["SMTP_URL"])


def deliver_mail(item_id: str, payload: dict[str, Any]) -> None:
    """The outbox's handler. Raises TransportError."""
    config = current_app.config
    if not config["SMTP_URL"]:
        # A link in a production log would let everybody in who reads it.
        text = payload["text"] if config["DESKBELL_ENV"] == "development" else None
        log.warning("mail_not_sent", why="SMTP_URL is not set", to=payload["to"], subject=payload["subject"], text=text)
        return
    host = urlsplit(config["PUBLIC_URL"]).hostname
    server = MailServer(config["SMTP_URL"], config["MAIL_FROM"])
    server.send(payload["to"], payload["subject"], payload["text"], f"<{item_id}@{host}>")
