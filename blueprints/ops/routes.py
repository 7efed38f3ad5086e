"""For whoever runs Deskbell: is the process alive, can it serve."""

from typing import Any

from flask import Blueprint

from actions.health import unready
from emit import counts

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
