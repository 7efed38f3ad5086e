"""Migrations: from nothing to what the models say, and back to nothing."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, create_engine, inspect, text

from app import create_app
from config import TestConfig
from extensions import db

BY_HAND = ("message_search", "contact_search")
FOLDER = str(Path(__file__).resolve().parent.parent / "migrations")


@pytest.fixture
def fresh(tmp_path: Path) -> Flask:
    return create_app(TestConfig(f"sqlite:///{tmp_path}/fresh.db"))


def test_up_equals_the_models_and_down_leaves_nothing(fresh: Flask) -> None:
    engine = create_engine(fresh.config["SQLALCHEMY_DATABASE_URI"])
    with fresh.app_context():
        upgrade(directory=FOLDER)
        with engine.connect() as connection:
            assert _differences(connection) == []
        downgrade(directory=FOLDER, revision="base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}


def test_the_database_of_these_tests_equals_the_models(app: Flask) -> None:
    """Also where DATABASE_URL names a PostgreSQL."""
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.connect() as connection:
        assert _differences(connection) == []


def test_an_older_database_is_copied_aside_first(fresh: Flask, tmp_path: Path) -> None:
    with fresh.app_context():
        upgrade(directory=FOLDER, revision="20261123_first")
        engine = create_engine(fresh.config["SQLALCHEMY_DATABASE_URI"])
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO company VALUES ('c', 'Kept', 0, '2026-11-23 10:00:00')"))
        upgrade(directory=FOLDER)
    copy = create_engine(f"sqlite:///{tmp_path}/fresh.db.before-20261123_first")
    with copy.connect() as connection:
        assert connection.execute(text("SELECT name FROM company")).scalar() == "Kept"
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "20261123_first"


def test_a_database_of_this_release_is_not_copied(fresh: Flask, tmp_path: Path) -> None:
    with fresh.app_context():
        upgrade(directory=FOLDER)
        upgrade(directory=FOLDER)
    assert list(tmp_path.glob("*.before-*")) == []


def test_migrations_never_import_the_application() -> None:
    for file in Path(FOLDER).rglob("*.py"):
        source = file.read_text()
        assert "import models" not in source, file
        assert "from models" not in source, file


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"include_object": _known, "compare_type": True})
    return list(compare_metadata(context, db.metadata))


def _known(thing: object, name: str | None, type_: str, reflected: bool, compare_to: object) -> bool:
    if type_ == "table":
        return not (name or "").startswith(BY_HAND)
    return name not in ("search", "ix_message_search", "ix_contact_search")
