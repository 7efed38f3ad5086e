"""What leaves later leaves at least once, in order for each target, whoever is killed in between."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from actions import outbox
from actions.outbox import Worker, enqueue
from errors import TransportError
from extensions import db
from models import OutboxItem
from models.types import now
from serving import sleep
from store import write
from tests.cast import Cast

Sent = list[tuple[str, str]]


def put(cast: Cast, target: str, text: str) -> None:
    with write() as tx:
        enqueue(tx, cast.company["companyId"], "note", target, {"text": text})


def work(worker: Worker) -> None:
    worker.step()
    while worker.busy:
        sleep(0.001)
    db.session.remove()


def writer(sent: Sent, fails: Callable[[str], Exception | None] = lambda _: None) -> Worker:
    def deliver(item_id: str, payload: dict[str, Any]) -> None:
        if problem := fails(payload["text"]):
            raise problem
        sent.append((item_id, payload["text"]))

    return Worker({"note": deliver})


def items() -> list[OutboxItem]:
    db.session.remove()
    return list(db.session.scalars(select(OutboxItem).order_by(OutboxItem.number)))


def make_due() -> None:
    with write() as tx:
        tx.session.execute(update(OutboxItem).values(next_at=now() - timedelta(seconds=1)))


def test_what_is_committed_leaves_once_and_what_is_rolled_back_never(cast: Cast) -> None:
    sent: Sent = []
    put(cast, "ann", "first")
    with pytest.raises(RuntimeError), write() as tx:
        enqueue(tx, cast.company["companyId"], "note", "ann", {"text": "never"})
        raise RuntimeError
    worker = writer(sent)
    work(worker)
    work(worker)
    assert [text for _, text in sent] == ["first"]
    assert items() == []


def test_one_target_gets_its_items_in_order_and_holds_up_nobody_else(cast: Cast) -> None:
    sent: Sent = []
    for target, text in (("ann", "1"), ("ann", "2"), ("bob", "b"), ("ann", "3")):
        put(cast, target, text)
    broken = {"1"}
    worker = writer(sent, lambda text: TransportError("The server is away.") if text in broken else None)
    work(worker)
    assert [text for _, text in sent] == ["b"]
    assert [(item.payload["text"], item.attempts, item.error) for item in items()] == [
        ("1", 1, "The server is away."),
        ("2", 0, None),
        ("3", 0, None),
    ]
    broken.clear()
    make_due()
    for _ in range(3):
        work(worker)
    assert [text for _, text in sent] == ["b", "1", "2", "3"]


def test_a_failure_is_tried_again_later_and_later_and_then_given_up(cast: Cast) -> None:
    put(cast, "ann", "1")
    worker = writer([], lambda _: TransportError("No."))
    waits = []
    for _ in range(outbox.ATTEMPTS):
        before = now()
        work(worker)
        waits.append((items()[0].next_at - before).total_seconds())
        make_due()
    assert 1 < waits[0] < 3
    assert waits[5] > waits[0] * 10
    assert max(waits) <= outbox.LONGEST_WAIT * 1.25 + 1
    [item] = items()
    assert (item.dead, item.attempts) == (True, outbox.ATTEMPTS)


def test_a_permanent_failure_is_dead_at_once_and_lets_the_next_one_pass(cast: Cast) -> None:
    sent: Sent = []
    put(cast, "ann", "1")
    put(cast, "ann", "2")
    worker = writer(sent, lambda text: TransportError("No such box.", permanent=True) if text == "1" else None)
    work(worker)
    work(worker)
    assert [text for _, text in sent] == ["2"]
    assert [item.dead for item in items()] == [True]


def test_a_mistake_of_ours_is_tried_again(cast: Cast) -> None:
    put(cast, "ann", "1")
    work(writer([], lambda _: KeyError("oops")))
    [item] = items()
    assert (item.dead, item.error) == (False, "Unexpected: KeyError")


def test_a_claim_keeps_others_away_until_it_is_over(cast: Cast) -> None:
    """As if a worker was killed between claim and finish."""
    sent: Sent = []
    put(cast, "ann", "1")
    outbox._claim("a worker that is killed", 10)
    worker = writer(sent)
    work(worker)
    assert sent == []
    with write() as tx:
        tx.session.execute(update(OutboxItem).values(claimed_until=now() - timedelta(seconds=1)))
    work(worker)
    assert [text for _, text in sent] == ["1"]
    outbox._finish("a worker that is killed", 1)
    assert items() == []


def test_who_lost_his_claim_does_not_finish_anothers(cast: Cast) -> None:
    put(cast, "ann", "1")
    [(number, *_)] = outbox._claim("one", 10)
    with write() as tx:
        tx.session.execute(update(OutboxItem).values(claimed_until=now() - timedelta(seconds=1)))
    outbox._claim("other", 10)
    outbox._finish("one", number)
    outbox._failed("one", number, TransportError("late", permanent=True))
    [item] = items()
    assert (item.claim, item.dead) == ("other", False)


def test_admins_see_what_was_given_up_and_try_it_again(cast: Cast) -> None:
    put(cast, "ann", "1")
    work(writer([], lambda _: TransportError("No such box.", permanent=True)))
    [dead] = cast.owner.get("/api/outbox").json["items"]
    assert (dead["error"], dead["attempts"], dead["target"]) == ("No such box.", 1, "note:ann")
    assert cast.outsider.get("/api/outbox").json["items"] == []
    assert cast.outsider.post(f"/api/outbox/{dead['id']}/retry").status_code == 404
    assert cast.mate.get("/api/outbox").status_code == 403
    assert cast.owner.post(f"/api/outbox/{dead['id']}/retry").status_code == 202
    assert cast.owner.post(f"/api/outbox/{dead['id']}/retry").status_code == 409
    sent: Sent = []
    work(writer(sent))
    assert [text for _, text in sent] == ["1"]


def test_admins_may_drop_it(cast: Cast) -> None:
    put(cast, "ann", "1")
    [item] = items()
    assert cast.owner("DELETE", f"/api/outbox/{item.id}").status_code == 409
    work(writer([], lambda _: TransportError("No such box.", permanent=True)))
    assert cast.outsider("DELETE", f"/api/outbox/{item.id}").status_code == 404
    assert cast.owner("DELETE", f"/api/outbox/{item.id}").status_code == 200
    assert items() == []
