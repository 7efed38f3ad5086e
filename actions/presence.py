"""Who is there: agents and visitors by their live sockets, with a grace period for reloads and short drops.

An agent is online with a socket, the availability ONLINE, and a sign of life in the last ten minutes. Told on change:
to the company as {agentId | contactId, …}, to visitors as the state of the team.
"""

from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import select, tuple_

import emit
from actions.identity import Visitor
from actions.live import AgentSeat, VisitorSeat, live
from actions.typing import stop_typing, tell_viewers
from extensions import db
from models import Agent, Channel, ContactIdentity, Conversation
from models.enums import Availability
from models.types import now
from schemas.agent import PresenceAnswer
from schemas.base import moment_text
from store import later, tell, write

MOST_LISTED = 1000  # visitors
GRACE = 15.0  # seconds that a reload or a short drop may take unnoticed


def agent_came(agent: Agent, sid: str, door: str) -> None:
    live().agents[sid] = AgentSeat(agent.company_id, agent.id, agent.name, door)
    agent_acts(agent, sid)


def agent_left(sid: str) -> None:
    seat = live().agents.pop(sid, None)
    if seat is None:
        return
    for conversation_id in seat.looking_at:
        tell_viewers(seat.company_id, conversation_id)
    for conversation_id in list(seat.typing_in):
        stop_typing(seat, conversation_id)
    later(GRACE, refresh_agent, seat.agent_id)


def agent_acts(agent: Agent, sid: str | None = None) -> None:
    """A sign of life."""
    live().active[agent.id] = monotonic()
    if (agent.id in live().online) != _is_online(agent):
        refresh_agent(agent.id, sid)


def refresh_agent(agent_id: str, sid: str | None = None) -> None:
    """Tell whether an agent is online, if that changed; not to the socket that caused it."""
    agent = db.session.get(Agent, agent_id)
    before, is_online = agent_id in live().online, agent is not None and _is_online(agent)
    if before == is_online:
        return
    if agent is not None and is_online:
        live().online[agent_id] = agent.company_id
        company_id = agent.company_id
    else:
        company_id = live().online.pop(agent_id)
    _tell_company(company_id, {"agentId": agent_id, "online": is_online, "lastSeenAt": moment_text(now())}, sid)
    _tell_visitors(company_id)


def refresh_idle_agents() -> None:
    """Agents who have not done anything for a while count as away."""
    for agent_id in list(live().online):
        if not live().is_active(agent_id):
            refresh_agent(agent_id)


def is_agent_online(agent_id: str) -> bool:
    return agent_id in live().online


def is_team_online(company_id: str) -> bool:
    """Whether anybody of the company would see a message at once."""
    return company_id in live().online.values()


def list_present(agent: Agent) -> dict[str, Any]:
    """{contactIds, agentIds} of the company's customers and agents who are there."""
    here = {(seat.channel_id, seat.psid) for seat in live().visitors.values() if seat.company_id == agent.company_id}
    keys = tuple_(ContactIdentity.channel_id, ContactIdentity.psid)
    query = select(ContactIdentity.contact_id).where(keys.in_(list(here)[:MOST_LISTED]))
    agents = [agent_id for agent_id, company_id in live().online.items() if company_id == agent.company_id]
    return PresenceAnswer().dump({"contact_ids": sorted(set(db.session.scalars(query))), "agent_ids": sorted(agents)})


def visitor_came(visitor: Visitor, channel: Channel, sid: str) -> None:
    live().seat_visitor(sid, VisitorSeat(channel.company_id, visitor.channel_id, visitor.psid))
    if (visitor.channel_id, visitor.psid) not in live().visiting:
        live().visiting.add((visitor.channel_id, visitor.psid))
        _tell_of_visitor(visitor, online=True)


def visitor_left(sid: str) -> None:
    seat = live().unseat_visitor(sid)
    if seat is None:
        return
    for conversation_id in list(seat.typing_in):
        stop_typing(seat, conversation_id)
    later(GRACE, _visitor_may_be_gone, Visitor(seat.channel_id, seat.psid))


def visitor_turns_page(visitor: Visitor, sid: str, page: dict[str, Any]) -> None:
    """What the visitor looks at now: {url, title}."""
    if seat := live().visitors.get(sid):
        seat.page = page
        _tell_of_visitor(visitor, online=True)


def visitor_state(channel_id: str, psid: str) -> dict[str, Any]:
    """{online, page} of a visitor."""
    seats = live().seats_of_visitor(channel_id, psid)
    pages = [seat.page for seat in seats if seat.page]
    return {"online": bool(seats), "page": pages[-1] if pages else None}


def _is_online(agent: Agent) -> bool:
    chosen = agent.removed_at is None and agent.availability == Availability.ONLINE
    return chosen and live().is_active(agent.id) and bool(live().seats_of_agent(agent.id))


def _visitor_may_be_gone(visitor: Visitor) -> None:
    key = (visitor.channel_id, visitor.psid)
    if live().seats_of_visitor(*key) or key not in live().visiting:
        return
    live().visiting.discard(key)
    seen_at = now()
    if _note_last_seen(visitor, seen_at):
        _tell_of_visitor(visitor, online=False, seen_at=seen_at)


def _note_last_seen(visitor: Visitor, seen_at: datetime) -> bool:
    """False for a visitor who never wrote: nothing is kept of him."""
    known = select(ContactIdentity.id).where(
        ContactIdentity.channel_id == visitor.channel_id, ContactIdentity.psid == visitor.psid
    )
    if db.session.scalar(known) is None:
        return False
    with write() as tx:
        identity = tx.session.scalars(select(ContactIdentity).where(ContactIdentity.id.in_(known))).one()
        identity.seen_at = seen_at
    return True


def _tell_of_visitor(visitor: Visitor, *, online: bool, seen_at: datetime | None = None) -> None:
    """Nobody hears of a visitor who never wrote."""
    query = (
        select(Conversation)
        .join(ContactIdentity, Conversation.identity_id == ContactIdentity.id)
        .where(ContactIdentity.channel_id == visitor.channel_id, ContactIdentity.psid == visitor.psid)
        .order_by(Conversation.created_at.desc())
        .limit(1)
    )
    conversation = db.session.scalar(query)
    if conversation is None:
        return
    payload = {
        "contactId": conversation.contact_id,
        "conversationId": conversation.id,
        "online": online,
        "lastSeenAt": moment_text(seen_at or now()),
        "page": visitor_state(visitor.channel_id, visitor.psid)["page"],
    }
    _tell_company(conversation.company_id, payload)


def _tell_company(company_id: str, payload: dict[str, Any], sid: str | None = None) -> None:
    rooms = (emit.company_room(company_id),)
    tell(emit.Announcement(emit.PRESENCE, payload, emit.AGENT_NAMESPACE, rooms, company_id, "", skip=sid))


def _tell_visitors(company_id: str) -> None:
    payload = {"online": is_team_online(company_id), "lastSeenAt": moment_text(now())}
    rooms = (emit.visitors_room(company_id),)
    tell(emit.Announcement(emit.PRESENCE, payload, emit.WIDGET_NAMESPACE, rooms, company_id, ""))
