"""Who is connected to this process right now, and what he is doing. In memory: sockets do not outlive the process."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from flask import current_app

TYPING_FOR = 6.0  # seconds that "is typing" holds without being said again
IDLE_AFTER = 600.0  # seconds without any sign of an agent after which he counts as away


@dataclass
class AgentSeat:
    """One socket of an agent."""

    company_id: str
    agent_id: str
    name: str
    door: str  # what let him in: "session:<id>" or "token:<id>"
    looking_at: set[str] = field(default_factory=set)  # conversation ids
    typing_in: dict[str, float] = field(default_factory=dict)  # conversation id: until when

    def is_typing(self, conversation_id: str) -> bool:
        return self.typing_in.get(conversation_id, 0.0) > monotonic()


@dataclass
class VisitorSeat:
    """One socket of a visitor. `page`: {url, title} as he last told it."""

    company_id: str
    channel_id: str
    psid: str
    page: dict[str, Any] | None = None
    typing_in: dict[str, float] = field(default_factory=dict)


class Live:
    def __init__(self) -> None:
        self.agents: dict[str, AgentSeat] = {}  # by socket
        self.visitors: dict[str, VisitorSeat] = {}
        self._sockets_of: dict[tuple[str, str], dict[str, None]] = {}  # visitor: his sockets, oldest first
        self.shared: set[str] = set()  # conversations that several agents look at
        self.active: dict[str, float] = {}  # agent id: when he last did something
        self.online: dict[str, str] = {}  # agents that are told to be online: agent id, company id
        self.visiting: set[tuple[str, str]] = set()  # visitors that are told to be online

    def seats_of_agent(self, agent_id: str) -> list[AgentSeat]:
        return [seat for seat in self.agents.values() if seat.agent_id == agent_id]

    def seats_of_visitor(self, channel_id: str, psid: str) -> list[VisitorSeat]:
        return [self.visitors[sid] for sid in self._sockets_of.get((channel_id, psid), ())]

    def seat_visitor(self, sid: str, seat: VisitorSeat) -> None:
        self.visitors[sid] = seat
        self._sockets_of.setdefault((seat.channel_id, seat.psid), {})[sid] = None

    def unseat_visitor(self, sid: str) -> VisitorSeat | None:
        seat = self.visitors.pop(sid, None)
        if seat is not None:
            sockets = self._sockets_of[seat.channel_id, seat.psid]
            del sockets[sid]
            if not sockets:
                del self._sockets_of[seat.channel_id, seat.psid]
        return seat

    def looking_at(self, conversation_id: str) -> Iterator[AgentSeat]:
        return (seat for seat in self.agents.values() if conversation_id in seat.looking_at)

    def is_active(self, agent_id: str) -> bool:
        return monotonic() - self.active.get(agent_id, 0.0) < IDLE_AFTER


def live() -> Live:
    """The state of the current application's process."""
    state: Live = current_app.extensions.setdefault("deskbell_live", Live())
    return state
