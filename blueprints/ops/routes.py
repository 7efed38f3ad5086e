"""For whoever runs Deskbell: is the process alive, can it serve."""

import hmac
from typing import Any

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest

from actions import journal
from actions.health import unready
from blueprints.guard import bearer_token
from emit import counts
from errors import NotFound, Unauthorized

ops = Blueprint("ops", __name__)


@ops.get("/healthz")
def healthz() -> dict[str, Any]:
    return {"status": "alive"}


@ops.get("/readyz")
def readyz() -> tuple[dict[str, Any], int]:
    """200 only while requests can be served; what is wrong otherwise. `events`: sent, failed and dropped so far."""
    why = unready()
    return {
        "status": "ready" if why is None else "unready",
        "why": why,
        "events": dict(counts),
    }, 200 if why is None else 503


@ops.get("/metrics")
def metrics() -> Response:
    """Counters of this process since its start, for Prometheus; 404 while METRICS_TOKEN is not set."""
    token = current_app.config["METRICS_TOKEN"]
    if token is None:
        raise NotFound()
    if not hmac.compare_digest((bearer_token() or "").encode("utf-8", "replace"), token.encode()):
        raise Unauthorized("Send METRICS_TOKEN as a bearer token.")
    registry = CollectorRegistry()
    events = Counter("deskbell_events", "Events told over Socket.IO", ["outcome"], registry=registry)
    for outcome, count in counts.items():
        events.labels(outcome).inc(count)
    posts = Counter("deskbell_webhook_posts", "Posts of platforms: stored, or refused", ["outcome"], registry=registry)
    for outcome, count in journal.counts.items():
        posts.labels(outcome).inc(count)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
