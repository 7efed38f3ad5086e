"""What could not be delivered, for the team's settings."""

from typing import Any

from flask import Blueprint, g

from actions.outbox import drop_dead, list_dead, retry_dead
from blueprints.endpoint import endpoint
from schemas.base import Nothing
from schemas.outbox import OutboxItemAnswer, OutboxList

outbox = Blueprint("outbox", __name__)

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@outbox.get("/api/outbox")
@endpoint("What could not be delivered", answers={200: OutboxList}, admin=True)
def undelivered() -> Answer:
    return list_dead(g.agent)


@outbox.post("/api/outbox/<item_id>/retry")
@endpoint("Deliver it again", answers={202: OutboxItemAnswer}, problems=(404, 409), admin=True)
def retry(item_id: str) -> Answer:
    return retry_dead(g.agent, item_id), 202


@outbox.delete("/api/outbox/<item_id>")
@endpoint("Give it up for good", answers={200: Nothing}, problems=(404, 409), admin=True)
def drop(item_id: str) -> Answer:
    return drop_dead(g.agent, item_id)
