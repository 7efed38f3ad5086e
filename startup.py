"""What happens between starting the process and serving: the database is made ready, the first company made."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import structlog
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError

import serving
from actions.attachments import sweep
from actions.companies import ensure_company, setup_token
from actions.connections import (
    SUBSCRIBE,
    UNSUBSCRIBE,
    deliver_subscription,
    deliver_unsubscription,
    look_after,
)
from actions.conversations import wake_snoozed
from actions.fetching import MEDIA, deliver_media
from actions.health import unready
from actions.journal import drain, forget_old
from actions.leaving import PLATFORM
from actions.mails import MAIL, deliver_mail
from actions.outbox import Worker
from actions.presence import refresh_idle_agents
from actions.profiles import PROFILE, deliver_profile
from actions.renewing import TOKEN, deliver_token
from actions.sending import deliver_message
from actions.sessions import close_ended
from store import Store, keep_checkpointing

log = structlog.get_logger(__name__)

QUICK_CHECK_UP_TO = 256 * 1024 * 1024  # bytes of a database that is checked at every start
WAKE_EVERY = 15.0  # seconds
OUTBOX_EVERY = 0.5  # seconds
DRAIN_EVERY = 1.0  # seconds: what another process left behind, or an earlier one
CLOSE_EVERY = 5.0  # seconds
DAY = 24 * 3600.0  # seconds
SWEEP_EVERY = 3600.0  # seconds
IDLE_CHECK_EVERY = 30.0  # seconds


HANDLERS = {
    MAIL: deliver_mail,
    PLATFORM: deliver_message,
    MEDIA: deliver_media,
    PROFILE: deliver_profile,
    SUBSCRIBE: deliver_subscription,
    UNSUBSCRIBE: deliver_unsubscription,
    TOKEN: deliver_token,
}


class StartError(Exception):
    """Why Deskbell cannot start, in one sentence."""


def prepare(app: Flask) -> None:
    """Migrate SQLite (a copy is kept aside by migrations/env.py), demand it of PostgreSQL, and see that there
    is a company. Raises StartError."""
    here: Store = app.extensions["deskbell_store"]
    with app.app_context():
        try:
            if here.path is not None:
                _check_file(here.path)
                upgrade(directory=app.root_path + "/migrations")
            elif why := unready():
                raise StartError(f"{why} Run: flask --app app db upgrade")
            ensure_company()
        except (DBAPIError, sqlite3.Error) as error:
            raise StartError(f"The database cannot be used: {getattr(error, 'orig', error)}.") from error


def setup_url(app: Flask) -> str | None:
    """The one-time link that makes the first owner; None once there is an agent."""
    with app.app_context():
        token = setup_token()
    return f"{app.config['PUBLIC_URL']}/setup?token={token}" if token else None


def start_background(app: Flask) -> None:
    """What the process does beside answering requests."""
    serving.spawn(keep_checkpointing, app)
    serving.spawn(_keep_doing, app, OUTBOX_EVERY, Worker(HANDLERS).step)
    serving.spawn(_keep_doing, app, DRAIN_EVERY, drain)
    serving.spawn(_keep_doing, app, SWEEP_EVERY, forget_old)
    serving.spawn(_keep_doing, app, DAY, look_after)
    serving.spawn(_keep_doing, app, CLOSE_EVERY, close_ended)
    serving.spawn(_keep_doing, app, SWEEP_EVERY, sweep)
    serving.spawn(_keep_doing, app, WAKE_EVERY, wake_snoozed)
    serving.spawn(_keep_doing, app, IDLE_CHECK_EVERY, refresh_idle_agents)


def _keep_doing(app: Flask, every: float, action: Callable[[], None]) -> None:
    while True:
        serving.sleep(every)
        try:
            with app.app_context():
                action()
        except Exception as error:  # the next round tries again
            log.warning("background_failed", action=action.__name__, error=type(error).__name__)


def _check_file(path: Path) -> None:
    """Raise StartError if the file there is no SQLite database, or a damaged one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"The folder of the database, {path.parent}, cannot be made: {error.strerror}.") from None
    if not path.exists() or path.stat().st_size == 0:
        return
    damaged = f"The database file {path.name} is damaged: put a backup in its place, or move it away to start anew."
    try:
        with closing(sqlite3.connect(path, timeout=5)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master")
            if path.stat().st_size > QUICK_CHECK_UP_TO:
                return
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise StartError(damaged)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        raise StartError(damaged) from None
