"""A real SMTP server on loopback that keeps what it is given."""

import socket
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

REFUSALS = {"nobody@example.com": "550 No such box", "busy@example.com": "451 Try later"}


class Postbox:
    """`url` is its SMTP_URL. `mails`: what arrived, oldest first. Close it."""

    def __init__(self, password: str | None = None) -> None:
        self.mails: list[Message] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        more = {"authenticator": _authenticator(password), "auth_require_tls": False} if password else {}
        self.server = Controller(self, hostname="127.0.0.1", port=port, **more)
        self.server.start()
        self.url = f"smtp://127.0.0.1:{port}"

    def close(self) -> None:
        self.server.stop()

    async def handle_RCPT(  # noqa: N802 -- the library's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address in REFUSALS:
            return REFUSALS[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 -- the library's name
        self.mails.append(message_from_bytes(envelope.content or b""))
        return "250 OK"


def _authenticator(password: str):  # type: ignore[no-untyped-def]
    def check(_: SMTP, __: Session, ___: Envelope, ____: str, given: object) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == password.encode()
        return AuthResult(success=right, handled=False)

    return check
