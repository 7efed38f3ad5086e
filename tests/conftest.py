"""In-process tests: one application on one migrated database, whose rows are deleted after each test.

`DATABASE_URL=postgresql://…` runs them on PostgreSQL; without it, on a temporary SQLite file.
"""

import serving

serving.patch()

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import delete

import emit
from app import create_app
from config import TestConfig
from models import Company, PlatformEvent
from store import write
from tests.cast import Cast, IsolatedClient


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    file = tmp_path_factory.mktemp("db") / "test.db"
    app = create_app(TestConfig(os.environ.get("DATABASE_URL", f"sqlite:///{file}")))
    app.test_client_class = IsolatedClient
    with app.app_context():
        upgrade(directory=str(Path(app.root_path) / "migrations"))
    return app


@pytest.fixture(autouse=True)
def clean_database(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "app" not in request.fixturenames:
        return
    with request.getfixturevalue("app").app_context():
        with write() as tx:
            tx.session.execute(delete(Company))  # and all that belongs to them
            tx.session.execute(delete(PlatformEvent))  # also what belongs to nobody
    emit.counts.clear()


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    """Two companies with their people; see tests/cast.py."""
    with app.app_context():
        yield Cast(app)
