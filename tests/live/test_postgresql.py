"""The same code on PostgreSQL: all in-process tests again, and a real server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.live.conftest import missing
from tests.live.postgresql import PostgreSQL, programs
from tests.live.server import ROOT, SECRETS, Server, run_command
from tests.live.test_start import start_and_fail

# All tests but those of input that is refused before any database is asked, and the longest ones about parsing.
ASKS_THE_DATABASE = (
    "not (no_json or content_type or wrong_type or no_object or a_text_that_is_none or random_bodies or mutated or "
    "every_error or private_addresses)"
)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    binaries = programs()
    if binaries is None:
        missing("PostgreSQL")
    with PostgreSQL(binaries) as database:
        yield database


def test_a_database_that_is_not_migrated_is_refused(postgresql: PostgreSQL, tmp_path: Path) -> None:
    assert "db upgrade" in start_and_fail(tmp_path, DATABASE_URL=postgresql.create_database("empty"))


def test_a_database_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "database" in start_and_fail(tmp_path, DATABASE_URL="postgresql://postgres@127.0.0.1:1/none").lower()


@pytest.mark.timeout(420)
def test_the_in_process_tests_pass_on_it(postgresql: PostgreSQL) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", ASKS_THE_DATABASE],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": postgresql.create_database("tests")},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout[-6000:]


def test_a_server_on_it_numbers_parallel_messages_without_gaps(postgresql: PostgreSQL, tmp_path: Path) -> None:
    url = postgresql.create_database("served")
    run_command({**os.environ, **SECRETS, "DATABASE_URL": url}, "db", "upgrade")
    server = Server(tmp_path, DATABASE_URL=url)
    try:
        key = server.company()["widgetKey"]
        started = requests.post(f"{server.url}/api/widget/init", json={"widgetKey": key}, timeout=10).json()
        headers = {"Authorization": f"Bearer {started['visitorToken']}"}

        def send(number: int) -> requests.Response:
            body = {"text": "In parallel", "clientId": f"{number // 2}"}  # each of them twice
            return requests.post(f"{server.url}/api/widget/messages", json=body, headers=headers, timeout=20)

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(send, range(40)))
        assert sorted(answer.status_code for answer in answers) == [200] * 20 + [201] * 20
        assert sorted({answer.json()["message"]["seq"] for answer in answers}) == list(range(1, 21))
        assert len({answer.json()["conversation"]["id"] for answer in answers}) == 1
    finally:
        assert server.stop() == 0
