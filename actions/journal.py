"""The platforms' journal: every event is stored as it came before it is answered, and processed afterwards.

Applying an event and noting that it is done are one transaction: a kill in between does it once, after the restart.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from actions.accounts import verify_tokens
from actions.arrival import Arrival, Postponed
from actions.incoming import apply
from errors import Conflict, NotFound, Unavailable
from extensions import db
from models import Agent, Channel, PlatformEvent
from models.enums import EventState
from models.types import now
from platforms import ADAPTERS
from platforms.base import Adapter, Ignored, Item
from schemas.base import plain_id
from schemas.platforms import EventAnswer, EventPage
from store import Transaction, later, retry_race, write

log = structlog.get_logger(__name__)

BATCH = 200  # events that are looked up at a time
AGAIN_AFTER = timedelta(seconds=1)  # of an event that had to wait
MOST_KEPT = 64 * 1024  # characters of a body that is not JSON
KEPT_FOR = timedelta(days=30)
FAILED_KEPT_FOR = timedelta(days=90)
PAGE = 100
NOT_CONFIGURED = "No secret is configured by which the platform could be believed: set META_APP_SECRET."
UNKNOWN_ACCOUNT = "no channel is connected to this page or account"

counts = {"stored": 0, "refused": 0}  # POSTs since the start: rightly signed, and not


def answer_handshake(platform: str, query: dict[str, str]) -> str | None:
    """What the platform wants to hear when it asks whether this address is ours; None: it was not told it here."""
    adapter = _adapter(platform)
    return adapter.answer_handshake(query, verify_tokens(adapter.name))


def keep(platform: str, body: bytes, headers: dict[str, str]) -> bool:
    """Store what a platform posted, each event on its own. False, and nothing is stored, unless it was the platform.
    Raises Unavailable if nothing can be believed, or it cannot be stored."""
    adapter = _adapter(platform)
    secrets = adapter.signing_secrets(current_app.config)
    if not secrets:
        raise Unavailable(NOT_CONFIGURED)
    if not adapter.is_genuine(body, headers, secrets):
        counts["refused"] += 1
        return False
    platform, items = adapter.name, adapter.split(body)
    with write() as tx:
        if items is None:
            tx.session.add(_unreadable(platform, body))
        else:
            tx.session.add_all(_rows(tx, platform, items))
    counts["stored"] += 1
    later(0, drain)
    return True


def _adapter(platform: str) -> Adapter:
    adapter = ADAPTERS.get(platform.upper())
    if adapter is None:
        raise NotFound()
    return adapter


def drain() -> None:
    """Process what is new, in the order in which it came; in each process one at a time."""
    state = current_app.extensions.setdefault("deskbell_journal", {"running": False, "again": False})
    state["again"] = True
    if state["running"]:
        return
    state["running"] = True
    try:
        while state["again"]:
            state["again"] = False
            _process_due()
    finally:
        state["running"] = False


def list_events(agent: Agent, state: str | None, before: int | None) -> dict[str, Any]:
    """{events, nextBefore} of the company's channels, newest first."""
    query = select(PlatformEvent).join(Channel).where(Channel.company_id == agent.company_id)
    if state:
        query = query.where(PlatformEvent.state == state)
    if before:
        query = query.where(PlatformEvent.number < before)
    rows = db.session.scalars(query.order_by(PlatformEvent.number.desc()).limit(PAGE + 1)).all()
    next_before = rows[PAGE - 1].number if len(rows) > PAGE else None
    return EventPage().dump({"events": rows[:PAGE], "next_before": next_before})


def replay(agent: Agent, event_id: str) -> dict[str, Any]:
    """Process an event once more. Conflict while it has not been processed yet."""
    with write() as tx:
        query = (
            select(PlatformEvent)
            .join(Channel)
            .where(PlatformEvent.id == plain_id(event_id), Channel.company_id == agent.company_id)
        )
        event = tx.session.scalar(query.with_for_update(of=PlatformEvent))
        if event is None:
            raise NotFound()
        if event.state == EventState.NEW:
            raise Conflict("This is about to be processed.")
        event.state, event.reason, event.attempts, event.next_at = EventState.NEW, None, 0, now()
        answer: dict[str, Any] = EventAnswer().dump({"event": event})
    later(0, drain)
    return answer


def forget_old() -> None:
    """What is done or ignored goes after a month, what failed after three."""
    failed = PlatformEvent.state == EventState.FAILED
    with write() as tx:
        old = PlatformEvent.created_at < now() - KEPT_FOR
        tx.session.execute(delete(PlatformEvent).where(old, ~failed, PlatformEvent.state != EventState.NEW))
        tx.session.execute(delete(PlatformEvent).where(failed, PlatformEvent.created_at < now() - FAILED_KEPT_FOR))


def _unreadable(platform: str, body: bytes) -> PlatformEvent:
    log.warning("platform_event_ignored", platform=platform, why="not JSON")
    text = json.dumps({"body": body[:MOST_KEPT].decode("latin-1")})
    return PlatformEvent(platform=platform, item=text, state=EventState.IGNORED, reason="it is not JSON")


def _rows(tx: Transaction, platform: str, items: list[Item]) -> list[PlatformEvent]:
    channels: dict[tuple[str, str | None], str | None] = {}
    rows = []
    for item in items:
        key = (item["platform"] or platform, item["account"])
        if key not in channels:
            channels[key] = _channel_id(tx, *key)
        rows.append(
            PlatformEvent(platform=key[0], channel_id=channels[key], item=json.dumps(item), state=EventState.NEW)
        )
    return rows


def _channel_id(tx: Transaction, platform: str, account: str | None) -> str | None:
    """The channel of that account, which is marked as alive."""
    if account is None or len(account) > 100:
        return None
    query = update(Channel).where(Channel.platform == platform, Channel.external_id == account)
    return tx.session.execute(query.values(last_event_at=now()).returning(Channel.id)).scalar()


def _process_due() -> None:
    while numbers := _due():
        for number in numbers:
            _process(number)


def _due() -> list[int]:
    query = select(PlatformEvent.number).where(PlatformEvent.state == EventState.NEW, PlatformEvent.next_at <= now())
    return list(db.session.scalars(query.order_by(PlatformEvent.number).limit(BATCH)))


def _process(number: int) -> None:
    try:
        _apply_event(number)
    except (Postponed, Unavailable, OperationalError):  # the last two: the database is busy, or chose a victim
        _note(number, lambda event: _set(event, next_at=now() + AGAIN_AFTER))
    except Ignored as ignored:
        why = str(ignored)
        _note(number, lambda event: _set(event, state=EventState.IGNORED, reason=why))
    except Exception as error:  # one bad event does not stop the rest: it can be looked at, and replayed
        log.exception("platform_event_failed", number=number)
        text = f"{type(error).__name__}: {error}"[:1000]
        _note(number, lambda event: _set(event, state=EventState.FAILED, reason=text))


@retry_race
def _apply_event(number: int) -> None:
    with write() as tx:
        event = _locked(tx, number)
        if event is None:
            return
        channel = tx.session.get(Channel, event.channel_id) if event.channel_id else None
        fact = ADAPTERS[event.platform].read(json.loads(event.item))
        if channel is None:
            raise Ignored(UNKNOWN_ACCOUNT)
        event.reason = apply(fact, Arrival(tx, channel, event.created_at))
        event.state = EventState.DONE


def _note(number: int, change: Callable[[PlatformEvent], None]) -> None:
    with write() as tx:
        if event := _locked(tx, number):
            change(event)
            event.attempts += 1
            if event.state == EventState.IGNORED:
                log.info("platform_event_ignored", platform=event.platform, why=event.reason)


def _locked(tx: Transaction, number: int) -> PlatformEvent | None:
    """The event, unless it is done, or another process has it."""
    query = select(PlatformEvent).where(PlatformEvent.number == number, PlatformEvent.state == EventState.NEW)
    return tx.session.scalar(query.with_for_update(skip_locked=True))


def _set(event: PlatformEvent, **values: str | datetime) -> None:
    for name, value in values.items():
        setattr(event, name, value)
