"""How a database is brought to this release. Knows the application only through Flask's current_app.

An SQLite database of an older release is copied aside first: `<file>.before-<its revision>`.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import context
from flask import current_app
from sqlalchemy import Connection, create_engine, event, pool, text
from sqlalchemy.engine import Engine, make_url

MIGRATION_LOCK = 4_711_002  # PostgreSQL advisory lock: one process migrates, the others wait
# Full-text tables and columns that the migrations make by hand; the models do not know them.
BY_HAND = ("message_search", "contact_search")


def run() -> None:
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    engine = create_engine(url, poolclass=pool.NullPool)
    if url.get_backend_name() == "sqlite":
        _prepare_sqlite(engine, Path(url.database or ""))
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
        _migrate(connection)


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=current_app.extensions["migrate"].db.metadata,
        include_object=_include,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _include(thing: object, name: str | None, type_: str, reflected: bool, compare_to: object) -> bool:
    if type_ == "table":
        return not (name or "").startswith(BY_HAND)
    return name not in ("search", "ix_message_search", "ix_contact_search")


def _prepare_sqlite(engine: Engine, path: Path) -> None:
    """Write-ahead logging, DDL inside of transactions, and a copy of an older database."""

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    revision = _revision(path)
    if revision and revision != context.get_head_revision():
        _copy_aside(path, path.with_name(f"{path.name}.before-{revision}"))


def _revision(path: Path) -> str | None:
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return row[0] if row else None


def _copy_aside(path: Path, target: Path) -> None:
    """A complete copy under its final name, or none."""
    partial = target.with_name(target.name + ".partial")
    partial.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as here, closing(sqlite3.connect(partial)) as there:
        here.backup(there)
    partial.replace(target)


run()
