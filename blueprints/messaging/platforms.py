"""Channels on platforms, and the journal of what platforms said: for admins."""

from typing import Any

from flask import Blueprint, g

from actions import connections, journal, signing_in
from blueprints.endpoint import endpoint
from schemas.platforms import ChangePlatform, ConnectChannel, ConnectTicket, EventAnswer, EventPage, ListEvents
from schemas.settings import ChannelAnswer

connected = Blueprint("platforms", __name__)

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@connected.post("/api/connections")
@endpoint(
    "Connect a Facebook page or an Instagram account, or connect it anew",
    body=ConnectChannel,
    answers={201: ChannelAnswer, 200: ChannelAnswer},
    problems=(409,),
    admin=True,
)
def connect(data: dict[str, Any]) -> Answer:
    answer, is_new = connections.connect(g.agent, data)
    return answer, 201 if is_new else 200


@connected.post("/api/connections/ticket")
@endpoint(
    "Connect what signing in at Meta allowed",
    body=ConnectTicket,
    answers={201: ChannelAnswer, 200: ChannelAnswer},
    problems=(409,),
    admin=True,
)
def connect_ticket(data: dict[str, Any]) -> Answer:
    answer, is_new = signing_in.connect_ticket(g.agent, data["ticket"])
    return answer, 201 if is_new else 200


@connected.patch("/api/connections/<channel_id>")
@endpoint(
    "Change how a platform is answered",
    body=ChangePlatform,
    answers={200: ChannelAnswer},
    problems=(404, 409),
    admin=True,
)
def change(channel_id: str, data: dict[str, Any]) -> Answer:
    return connections.change_connection(g.agent, channel_id, data)


@connected.delete("/api/connections/<channel_id>")
@endpoint("Disconnect; the history stays", answers={200: ChannelAnswer}, problems=(404, 409), admin=True)
def disconnect(channel_id: str) -> Answer:
    return connections.disconnect(g.agent, channel_id)


@connected.post("/api/connections/<channel_id>/test")
@endpoint("Send a test event to this Deskbell", answers={200: ChannelAnswer}, problems=(404, 409), admin=True)
def test(channel_id: str) -> Answer:
    return connections.send_test_event(g.agent, channel_id)


@connected.get("/api/platform-events")
@endpoint("What platforms said, and what became of it", query=ListEvents, answers={200: EventPage}, admin=True)
def events(data: dict[str, Any]) -> Answer:
    return journal.list_events(g.agent, data["state"], data["before"])


@connected.post("/api/platform-events/<event_id>/replay")
@endpoint("Process an event once more", answers={202: EventAnswer}, problems=(404, 409), admin=True)
def replay(event_id: str) -> Answer:
    return journal.replay(g.agent, event_id), 202
