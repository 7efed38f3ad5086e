"""Rate limits: generous to an office behind one address, firm with one visitor who floods."""

from time import time
from typing import Any

from flask import g, request
from flask_limiter import RequestLimit
from flask_limiter.util import get_remote_address

from extensions import limiter


def _note_when_it_ends(limit: RequestLimit) -> None:
    """For the answer's Retry-After."""
    g.retry_after = max(1, int(limit.reset_at - time()) + 1)


def _limit(value: str, **options: Any) -> Any:
    return limiter.limit(value, on_breach=_note_when_it_ends, **options)


def _failed(response: Any) -> bool:
    return bool(response.status_code >= 400)


by_address = limiter.shared_limit(
    "6000 per minute", scope="widget", key_func=get_remote_address, on_breach=_note_when_it_ends
)
by_visitor = _limit("600 per minute", key_func=lambda: f"{g.visitor.channel_id}:{g.visitor.psid}")

# Only failed sign-ins count, by account and address and by address alone.
failed_sign_ins = _limit(
    "10 per minute; 100 per hour",
    key_func=lambda: f"{get_remote_address()}:{request.form.get('email', '').lower()[:254]}",
    deduct_when=_failed,
)
failed_sign_ins_of_address = _limit("100 per hour", key_func=get_remote_address, deduct_when=_failed)
failed_password_changes = _limit("10 per minute; 50 per hour", key_func=lambda: g.agent.id, deduct_when=_failed)

# Links that somebody is mailed, by address and by who is named; and links that are tried.
mailed_links = _limit(
    "5 per minute; 20 per hour",
    key_func=lambda: f"{get_remote_address()}:{request.form.get('email', '').lower()[:254]}",
)
used_links = _limit("60 per minute", key_func=get_remote_address)
invitations = _limit("60 per hour", key_func=lambda: g.agent.company_id)
uploads_of_visitor = _limit("30 per minute; 300 per hour", key_func=lambda: f"{g.visitor.channel_id}:{g.visitor.psid}")
uploads_of_address = _limit("300 per minute", key_func=get_remote_address)
uploads_of_agent = _limit("120 per minute", key_func=lambda: g.agent.id)
