"""The platforms' door. No session, no form, no rate limit: a signature over the raw bytes, and a quick answer."""

import structlog
from flask import Blueprint, Response, request

from actions.journal import answer_handshake, keep
from errors import Malformed, Unauthorized

webhooks = Blueprint("webhooks", __name__)

log = structlog.get_logger(__name__)

LARGEST = 4 * 1024 * 1024  # bytes of a body: up to a thousand events
TEXT = "text/plain; charset=utf-8"


@webhooks.get("/api/webhooks/<platform>")
def shake_hands(platform: str) -> Response:
    """The platform asks whether this address is ours before it sends anything: the challenge is the whole answer."""
    challenge = answer_handshake(platform, request.args.to_dict())
    log.info("webhook_handshake", platform=platform, accepted=challenge is not None)
    if challenge is None:
        return Response("The verify token does not match.", 403, content_type=TEXT)
    if not challenge:
        raise Malformed("The challenge is missing.")
    return Response(challenge, 200, content_type=TEXT)


@webhooks.post("/api/webhooks/<platform>")
def receive(platform: str) -> Response:
    """Check the signature, store what came as it came, answer. It is processed afterwards."""
    request.max_content_length = LARGEST
    body = request.get_data(cache=False)
    if request.content_length is None:
        request.stream.read(1)  # a chunked body was cut at the limit: reading on raises 413
    if not keep(platform, body, dict(request.headers)):
        log.warning("webhook_signature_refused", platform=platform)
        raise Unauthorized("The signature does not match.")
    return Response("EVENT_RECEIVED", 200, content_type=TEXT)
