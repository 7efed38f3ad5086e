"""What leaves later. Written in the transaction that wants it, delivered by a worker, at least once.

    with write() as tx:
        …
        enqueue(tx, company_id, "mail", to, {"to": to, "subject": …, "text": …})

A handler delivers one item and raises TransportError if it cannot. A worker claims what is due for a while: if it is
killed, another one takes it over when the claim is over. Several processes may work side by side. What has the same
target leaves in order; one that is given up (dead) holds nothing back.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Select, select, update
from sqlalchemy.orm import aliased

from errors import Conflict, NotFound, TransportError
from extensions import db
from models import Agent, OutboxItem
from models.types import new_id, now
from schemas.base import plain_id
from schemas.outbox import OutboxItemShape, OutboxList
from store import Transaction, later, write

log = structlog.get_logger(__name__)

Handler = Callable[[str, dict[str, Any]], None]  # (id of the item, payload)

CLAIM = timedelta(seconds=120)  # longer than any handler may take
BATCH = 10  # items that are delivered side by side
FIRST_WAIT = 2.0  # seconds before the second attempt; then twice as long each time
LONGEST_WAIT = 3600.0  # seconds
ATTEMPTS = 16  # then it is dead: after about half a day


def enqueue(tx: Transaction, company_id: str, kind: str, target: str, payload: dict[str, Any]) -> None:
    """Let something leave once this transaction is committed."""
    tx.session.add(OutboxItem(company_id=company_id, kind=kind, target=f"{kind}:{target}", payload=payload))


class Worker:
    """Delivers with these handlers, `BATCH` items side by side at the most."""

    def __init__(self, handlers: dict[str, Handler]):
        self.handlers = handlers
        self.busy = 0  # items that are being delivered

    def step(self) -> None:
        """Begin to deliver what is due."""
        free = BATCH - self.busy
        if free <= 0 or db.session.scalar(_due(now()).limit(1)) is None:
            return
        claim = new_id()
        for item in _claim(claim, free):
            self.busy += 1
            later(0, self._deliver, claim, *item)

    def _deliver(self, claim: str, number: int, item_id: str, kind: str, payload: dict[str, Any]) -> None:
        try:
            self.handlers[kind](item_id, payload)
        except TransportError as error:
            _failed(claim, number, error)
        except Exception as error:  # a mistake of ours: tried again, in case it is the data of a moment
            log.exception("outbox_handler_failed", kind=kind)
            _failed(claim, number, TransportError(f"Unexpected: {type(error).__name__}"))
        else:
            _finish(claim, number)
        finally:
            self.busy -= 1


def hurry(tx: Transaction, kind: str, target: str) -> None:
    """What waits for this target is tried at once, when the transaction is committed."""
    mine = (OutboxItem.target == f"{kind}:{target}", ~OutboxItem.dead)
    tx.session.execute(update(OutboxItem).where(*mine).values(next_at=now()))


def list_dead(agent: Agent) -> dict[str, Any]:
    """What was given up, newest first."""
    query = select(OutboxItem).where(OutboxItem.company_id == agent.company_id, OutboxItem.dead)
    rows = db.session.scalars(query.order_by(OutboxItem.number.desc()).limit(100))
    return OutboxList().dump({"items": rows})


def retry_dead(agent: Agent, item_id: str) -> dict[str, Any]:
    """Try again, from the beginning. Conflict unless it is dead."""
    with write() as tx:
        item = _access(tx, agent, item_id)
        if not item.dead:
            raise Conflict("This is still being tried.")
        item.dead, item.attempts, item.next_at = False, 0, now()
        return {"item": OutboxItemShape().dump(item)}


def drop_dead(agent: Agent, item_id: str) -> dict[str, Any]:
    """Give it up for good. Conflict unless it is dead."""
    with write() as tx:
        item = _access(tx, agent, item_id)
        if not item.dead:
            raise Conflict("This is still being tried.")
        tx.session.delete(item)
        return {}


def _access(tx: Transaction, agent: Agent, item_id: str) -> OutboxItem:
    query = select(OutboxItem).where(OutboxItem.id == plain_id(item_id), OutboxItem.company_id == agent.company_id)
    item = tx.session.scalar(query.with_for_update())
    if item is None:
        raise NotFound()
    return item


def _due(moment: datetime) -> Select[OutboxItem]:
    """The oldest item of each target, if its time has come and nobody has it."""
    earlier = aliased(OutboxItem)
    waits = (
        select(earlier.number)
        .where(earlier.target == OutboxItem.target, ~earlier.dead, earlier.number < OutboxItem.number)
        .exists()
    )
    free = OutboxItem.claimed_until.is_(None) | (OutboxItem.claimed_until < moment)
    return (
        select(OutboxItem)
        .where(~OutboxItem.dead, OutboxItem.next_at <= moment, free, ~waits)
        .order_by(OutboxItem.next_at, OutboxItem.number)
    )


def _claim(claim: str, most: int) -> list[tuple[int, str, str, dict[str, Any]]]:
    """Take what is due, so that no other worker does: (number, id, kind, payload)."""
    with write() as tx:
        moment = now()
        items = tx.session.scalars(_due(moment).limit(most).with_for_update(skip_locked=True)).all()
        for item in items:
            item.claim, item.claimed_until = claim, moment + CLAIM
            item.attempts += 1
        return [(item.number, item.id, item.kind, item.payload) for item in items]


def _finish(claim: str, number: int) -> None:
    """Unless the claim was over meanwhile: then another worker has it."""
    with write() as tx:
        item = tx.session.scalar(select(OutboxItem).where(OutboxItem.number == number, OutboxItem.claim == claim))
        if item is not None:
            tx.session.delete(item)


def _failed(claim: str, number: int, why: TransportError) -> None:
    with write() as tx:
        mine = (OutboxItem.number == number, OutboxItem.claim == claim)
        item = tx.session.scalar(select(OutboxItem).where(*mine))
        if item is None:
            return
        attempts = item.attempts if why.counts else item.attempts - 1
        dead = why.permanent or attempts >= ATTEMPTS
        log.warning("outbox_item_failed", kind=item.kind, item=item.id, attempts=attempts, dead=dead)
        next_at = now() + timedelta(seconds=why.after or _wait(item.attempts))
        values: dict[str, Any] = {"dead": dead, "error": str(why)[:1000], "next_at": next_at, "attempts": attempts}
        values |= {"claim": None, "claimed_until": None}
        tx.session.execute(update(OutboxItem).where(*mine).values(values))


def _wait(attempts: int) -> float:
    """Seconds until the next attempt: longer each time, and never the same for two."""
    usual = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
    return usual * random.uniform(0.75, 1.25)  # noqa: S311
