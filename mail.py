"""Mail over SMTP. Blocking only for the greenlet that sends; never call it in a request or a transaction."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from errors import TransportError

TIMEOUT = 15  # seconds for each step of the conversation


@dataclass(frozen=True)
class MailServer:
    """From `SMTP_URL` (smtp://user:password@host:587, or smtps:// for TLS from the first byte) and `MAIL_FROM`."""

    url: str
    sender: str

    def send(self, to: str, subject: str, text: str, message_id: str) -> None:
        """Hand one mail over. Raises TransportError; permanent if the server refuses it for good.

        The same `message_id` tells a receiver that a mail which was sent twice is one.
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, why = next(iter(error.recipients.values()))
            raise TransportError(f"The mail server refused {to}: {code} {_words(why)}", permanent=code >= 500) from None
        except smtplib.SMTPAuthenticationError as error:
            raise TransportError(f"The mail server refused the sign-in: {_words(error.smtp_error)}") from None
        except smtplib.SMTPResponseException as error:
            why = f"The mail server said {error.smtp_code} {_words(error.smtp_error)}"
            raise TransportError(why, permanent=error.smtp_code >= 500) from None
        except (OSError, smtplib.SMTPException) as error:
            raise TransportError(f"The mail server cannot be reached: {type(error).__name__}") from None

    def _connect(self) -> smtplib.SMTP:
        """Encrypted whenever the server can; a password goes over an encrypted connection or not at all."""
        parts = urlsplit(self.url)
        host, context = parts.hostname or "", ssl.create_default_context()
        ours = self.sender.rpartition("@")[2].rstrip("> ")  # asking the system for its name may take long
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, ours, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 587, ours, timeout=TIMEOUT)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif parts.username and host not in ("localhost", "127.0.0.1", "::1"):
                raise TransportError("The mail server offers no encryption, and a password must not go in the clear.")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server


def _words(raw: bytes | str) -> str:
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return " ".join(text.split())[:300]
