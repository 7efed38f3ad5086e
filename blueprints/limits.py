"""Rate limits: generous to an office behind one address, firm with one visitor who floods."""

from flask import g, request
from flask_limiter.util import get_remote_address

from extensions import limiter

by_address = limiter.shared_limit("6000 per minute", scope="widget", key_func=get_remote_address)
by_visitor = limiter.limit("600 per minute", key_func=lambda: f"{g.visitor.channel_id}:{g.visitor.psid}")

# Only failed sign-ins count: ten for one account from one address, a hundred from one address.
failed_sign_ins = limiter.limit(
    "10 per minute; 100 per hour",
    key_func=lambda: f"{get_remote_address()}:{request.form.get('email', '').lower()[:254]}",
    deduct_when=lambda response: response.status_code >= 400,
)
failed_sign_ins_of_address = limiter.limit(
    "100 per hour", key_func=get_remote_address, deduct_when=lambda response: response.status_code >= 400
)
