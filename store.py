"""The database, and the only way to write to it.

    with write() as tx:
        tx.session.add(message)
        tx.emit("message:new", payload, company=company_id, conversation=conversation_id)

The block is one transaction. At its end it commits, and only then, with no lock held, what `tx.emit`
collected is announced; a rollback forgets it. Inside the block: no network, no sleep, no thread
hand-over, nothing that lets another greenlet run.

Reads use `db.session`, whose connections commit by themselves and refuse to write.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from time import monotonic
from typing import Any, ParamSpec, TypeVar

import structlog
from flask import Flask, current_app
from sqlalchemy import Connection, Engine, NullPool, StaticPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

import emit
import serving
from errors import Conflict, Unavailable
from extensions import db

log = structlog.get_logger(__name__)

T = TypeVar("T")
P = ParamSpec("P")
_inside: ContextVar[bool] = ContextVar("inside_write", default=False)

LOCK_WAIT = 5.0  # seconds a writer waits for the database before it answers 503
EMIT_TIMEOUT = 2.0  # seconds one announcement may take before it counts as failed
EMIT_BACKLOG = 10_000  # announcements that may wait; more are dropped (the database is the truth)
CHECKPOINT_EVERY = 5.0  # seconds
WAL_RESTART = 64 * 1024 * 1024  # bytes of write-ahead log above which it is started anew


class Transaction:
    """An open transaction: `session` writes, `emit` collects what is announced after the commit."""

    def __init__(self, session: Session):
        self.session = session
        self.announcements: list[emit.Announcement] = []
        self.rooms_to_close: list[str] = []

    def emit(
        self,
        event_name: str,
        payload: dict[str, Any],
        *,
        company: str,
        conversation: str,
        visitor: tuple[str, str] | None = None,
    ) -> None:
        """Announce to the company's agents, or to one visitor given as (channel id, psid)."""
        if visitor is None:
            namespace = emit.AGENT_NAMESPACE
            rooms: tuple[str, ...] = (emit.company_room(company), emit.conversation_room(conversation))
        else:
            namespace = emit.WIDGET_NAMESPACE
            rooms = (emit.visitor_room(*visitor),)
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        announcement = emit.Announcement(event_name, payload, namespace, rooms, company, conversation, request_id)
        self.announcements.append(announcement)

    def disconnect(self, room: str) -> None:
        """Close the sockets of a room, once this is committed."""
        self.rooms_to_close.append(room)


class Store:
    """The engines of one application, its write lock and its announcer."""

    def __init__(self, app: Flask):
        url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
        self.sqlite = url.get_backend_name() == "sqlite"
        self.path = Path(url.database or "") if self.sqlite else None
        self.lock = serving.Lock()
        self.announcer = Announcer()
        self.synchronous = app.config["SQLITE_SYNCHRONOUS"]
        if self.sqlite:
            self.writer = create_engine(
                url,
                poolclass=StaticPool,
                connect_args={"isolation_level": None, "timeout": 0, "check_same_thread": False},
            )
            self.thread_reader = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
            event.listen(self.writer, "connect", self._set_up_writer)
            event.listen(self.writer, "begin", _begin_immediate)
            event.listen(self.thread_reader, "connect", _set_up_reader)
        else:
            self.writer = create_engine(url, pool_size=20, max_overflow=20, pool_pre_ping=True)

    def _set_up_writer(self, connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA synchronous = {self.synchronous}")

    def close(self) -> None:
        self.writer.dispose()


def init_store(app: Flask) -> None:
    """Bind the database to the application. Makes no connection yet."""
    sqlite = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _reader_options(sqlite)
    db.init_app(app)
    app.extensions["deskbell_store"] = Store(app)
    if sqlite:
        with app.app_context():
            event.listen(db.engine, "connect", _set_up_reader)


def store() -> Store:
    return current_app.extensions["deskbell_store"]


@contextmanager
def write() -> Iterator[Transaction]:
    """The only transaction boundary. Raises `Unavailable` if the database stays locked for 5 s."""
    if _inside.get():
        raise RuntimeError("write() inside write(): pass the open transaction on instead")
    here = store()
    db.session.close()  # who waits for the writer must not keep a reader's connection from others
    token = _inside.set(True)
    try:
        with _transaction(here) as connection, Session(connection, expire_on_commit=False) as session:
            tx = Transaction(session)
            yield tx
            session.flush()
            connection.commit()
    finally:
        _inside.reset(token)
    here.announcer.announce(tx.announcements)
    for room in tx.rooms_to_close:
        disconnect(room)


@contextmanager
def _transaction(here: Store) -> Iterator[Connection]:
    """A connection with its transaction open: alone on SQLite, one of a pool on PostgreSQL."""
    if here.sqlite:
        deadline = monotonic() + LOCK_WAIT
        with _sole_writer(here, deadline), _begin_sqlite(here.writer, deadline) as connection:
            yield connection
    else:
        with here.writer.connect() as connection:
            connection.begin()
            yield connection


@contextmanager
def _sole_writer(here: Store, deadline: float) -> Iterator[None]:
    if not here.lock.acquire(timeout=max(0.0, deadline - monotonic())):
        raise Unavailable()
    try:
        yield
    finally:
        here.lock.release()


def _begin_sqlite(engine: Engine, deadline: float) -> Connection:
    """BEGIN IMMEDIATE, tried again in small sleeps that let other greenlets run."""
    while True:
        connection = engine.connect()
        try:
            connection.begin()
            return connection
        except OperationalError as error:
            connection.close()
            if "locked" not in str(error.orig):
                raise
            if monotonic() > deadline:
                log.warning("database_locked", waited=LOCK_WAIT)
                raise Unavailable() from error
        serving.sleep(random.uniform(0.005, 0.03))  # noqa: S311


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_up_reader(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout = 0")
    connection.execute("PRAGMA query_only = ON")


def _reader_options(sqlite: bool) -> dict[str, Any]:
    pool = {"isolation_level": "AUTOCOMMIT", "pool_size": 20, "max_overflow": 80}
    if sqlite:
        return pool
    return {**pool, "pool_pre_ping": True, "connect_args": {"options": "-c default_transaction_read_only=on"}}


def read_offloaded(query: Callable[[Connection], T]) -> T:
    """Run a slow read without holding the loop: on SQLite in a thread, with a connection of its own."""
    here = store()
    if not here.sqlite:
        return query(db.session.connection())
    return serving.offload(_run_query, here.thread_reader, query)


def _run_query(engine: Engine, query: Callable[[Connection], T]) -> T:
    with engine.connect() as connection:
        return query(connection)


class Announcer:
    """Sends announcements in the order of their commits, from a greenlet of its own.

    That is why a Socket.IO layer that fails or hangs costs a request nothing.
    """

    def __init__(self) -> None:
        self.waiting: serving.Channel[emit.Announcement] = serving.Channel(EMIT_BACKLOG)
        self.started = False

    def announce(self, announcements: list[emit.Announcement]) -> None:
        if not announcements:
            return
        if not self.started:
            self.started = True
            serving.spawn(self._run)
        for announcement in announcements:
            if not self.waiting.put_nowait(announcement):
                emit.dropped(announcement)
        serving.sleep(0)  # usually everything is sent before the request is answered

    def _run(self) -> None:
        while True:
            announcement = self.waiting.get()
            try:
                with serving.timeout(EMIT_TIMEOUT):
                    emit.send(announcement)
            except serving.TimedOut:
                emit.failed(announcement, "timeout")


def tell(announcement: emit.Announcement) -> None:
    """Announce what stands in no table: typing, presence, who is looking."""
    store().announcer.announce([announcement])


def disconnect(room: str) -> None:
    """Close the sockets of a room, without holding up who asks."""
    later(0, emit.disconnect, room)


def later(seconds: float, action: Callable[..., None], *args: Any) -> None:
    """Run an action after a while, in a greenlet of its own. What it raises is logged."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    serving.spawn(_run_later, app, seconds, action, args)


def _run_later(app: Flask, seconds: float, action: Callable[..., None], args: tuple[Any, ...]) -> None:
    serving.sleep(seconds)
    try:
        with app.app_context():
            action(*args)
    except Exception as error:  # nobody waits for it
        log.warning("later_failed", action=action.__name__, error=type(error).__name__)


offload = serving.offload  # blocking work (a password hash, a picture) in a thread, off the loop
stopping = serving.stopping  # whether SIGTERM has come


def retry_race(action: Callable[P, T]) -> Callable[P, T]:
    """Run an action again when a unique index said that another request was first: then it finds that row."""

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return action(*args, **kwargs)
        except IntegrityError:
            return action(*args, **kwargs)

    return run


def keep_checkpointing(app: Flask) -> None:
    """Fold SQLite's write-ahead log into the database from a thread, for as long as the process lives."""
    here: Store = app.extensions["deskbell_store"]
    if here.path is None:
        return
    with here.lock, here.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")
    while True:
        serving.sleep(CHECKPOINT_EVERY)
        serving.offload(_checkpoint, here.path)


def _checkpoint(path: Path) -> None:
    wal = path.with_name(path.name + "-wal")
    mode = "RESTART" if wal.exists() and wal.stat().st_size > WAL_RESTART else "PASSIVE"
    connection = sqlite3.connect(path, timeout=0)
    try:
        connection.execute(f"PRAGMA wal_checkpoint({mode})")
    except sqlite3.Error as error:
        log.warning("checkpoint_failed", error=str(error))
    finally:
        connection.close()


def backup(target: Path) -> None:
    """Copy the SQLite database to a file, checked, and only then put in place of an older copy.

    Raises OSError if the file cannot be written and Conflict on PostgreSQL, which has pg_dump.
    """
    source = store().path
    if source is None:
        raise Conflict("This database is PostgreSQL: back it up with pg_dump.")
    partial = target.with_name(target.name + ".partial")
    partial.touch(mode=0o600)
    try:
        copy_sqlite(source, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of a database that may be in use."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as here:
        with closing(sqlite3.connect(target)) as there:
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")
            if there.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise Unavailable("The copy is damaged. The database itself may be, too.")
