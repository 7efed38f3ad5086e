"""The platforms' door. No session, no form, no rate limit: a signature over the raw bytes, and a quick answer."""

import hmac

import structlog
from flask import Blueprint, Response, current_app, request

from actions.channels import verify_tokens
from actions.journal import keep
from errors import Malformed, NotFound, Unauthorized, Unavailable

webhooks = Blueprint("webhooks", __name__)

log = structlog.get_logger(__name__)

LARGEST = 4 * 1024 * 1024  # bytes of a body: up to a thousand events
# Which secrets may sign: Instagram's events come through either app.
SIGNERS = {
    "facebook": ("META_APP_SECRETS",),
    "instagram": ("META_APP_SECRETS", "INSTAGRAM_APP_SECRETS"),
}


@webhooks.get("/api/webhooks/<platform>")
def shake_hands(platform: str) -> Response:
    """Meta asks whether this address is ours before it sends anything: the challenge is the whole answer."""
    _known(platform)
    given = request.args.get("hub.verify_token", "").encode("utf-8", "replace")
    matches = [hmac.compare_digest(given, token.encode()) for token in verify_tokens(platform)]
    if request.args.get("hub.mode") != "subscribe" or not given or not any(matches):
        log.warning("webhook_handshake_refused", platform=platform)
        return Response("The verify token does not match.", 403, content_type="text/plain; charset=utf-8")
    challenge = request.args.get("hub.challenge")
    if not challenge:
        raise Malformed("hub.challenge is missing.")
    log.info("webhook_handshake", platform=platform)
    return Response(challenge, 200, content_type="text/plain; charset=utf-8")


@webhooks.post("/api/webhooks/<platform>")
def receive(platform: str) -> Response:
    """Check the signature, store what came as it came, answer. It is processed afterwards."""
    _known(platform)
    secrets = [secret for name in SIGNERS[platform] for secret in current_app.config[name]]
    if not secrets:
        raise Unavailable("No app secret is configured: set META_APP_SECRET.")
    request.max_content_length = LARGEST
    body = request.get_data(cache=False)
    if request.content_length is None:
        request.stream.read(1)  # a chunked body was cut at the limit: reading on raises 413
    if not keep(platform.upper(), body, dict(request.headers), secrets):
        log.warning("webhook_signature_refused", platform=platform)
        raise Unauthorized("The signature does not match.")
    return Response("EVENT_RECEIVED", 200, content_type="text/plain; charset=utf-8")


def _known(platform: str) -> None:
    if platform not in SIGNERS:
        raise NotFound()
