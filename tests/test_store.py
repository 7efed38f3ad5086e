"""The transaction block: one writer, all or nothing, and a locked database is waited for and then told."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

import serving
import store
from errors import Unavailable
from extensions import db
from models import Company
from store import write
from tests.cast import Cast


@pytest.fixture(autouse=True)
def only_sqlite(app: Flask) -> Iterator[None]:
    with app.app_context():
        if store.store().path is None:
            pytest.skip("about the SQLite writer")
        yield


@contextmanager
def locked_from_outside() -> Iterator[None]:
    other = sqlite3.connect(str(store.store().path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def companies() -> int:
    db.session.remove()
    return db.session.scalars(select(func.count()).select_from(Company)).one()


def test_a_raised_error_leaves_nothing(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), write() as tx:
        tx.session.add(Company(name="Half"))
        tx.session.flush()
        _ = 1 / 0
    assert companies() == 0


def test_a_savepoint_does_not_survive_its_transaction(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), write() as tx:
        with tx.session.begin_nested():
            tx.session.add(Company(name="Half"))
        _ = 1 / 0
    assert companies() == 0


def test_blocks_of_several_greenlets_wait_for_each_other(app: Flask) -> None:
    def add(name: str) -> None:
        with app.app_context(), write() as tx:
            tx.session.add(Company(name=name))

    running = [serving.spawn(add, f"Company {number}") for number in range(20)]
    for greenlet in running:
        greenlet.wait()
    assert companies() == 20


def test_a_block_inside_a_block_is_refused(app: Flask) -> None:
    with pytest.raises(RuntimeError), write(), write():
        pass
    with write() as tx:
        tx.session.add(Company(name="The lock is free again"))
    assert companies() == 1


def test_reads_cannot_write(app: Flask) -> None:
    with pytest.raises(DBAPIError):
        db.session.add(Company(name="Around the block"))
        db.session.flush()
    db.session.rollback()


def test_a_lock_from_outside_is_waited_for_without_holding_the_loop(app: Flask) -> None:
    ticks = []

    def tick() -> None:
        while True:
            ticks.append(1)
            serving.sleep(0.005)

    ticking = serving.spawn(tick)
    with locked_from_outside():
        writing = serving.spawn(_add_company, app)
        serving.sleep(0.1)
    writing.wait()
    ticking.kill()
    assert companies() == 1
    assert len(ticks) > 5


def test_a_lock_that_stays_is_503_and_stores_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = cast.visitor()
    monkeypatch.setattr(store, "LOCK_WAIT", 0.05)
    with locked_from_outside():
        response = visitor.send("Lost?", clientId="kept-by-the-sender")
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) >= 1
        assert visitor.messages() == []
    assert visitor.send("Lost?", clientId="kept-by-the-sender").status_code == 201
    with pytest.raises(Unavailable), locked_from_outside(), write():
        pass


def _add_company(app: Flask) -> None:
    with app.app_context(), write() as tx:
        tx.session.add(Company(name="Patient"))
