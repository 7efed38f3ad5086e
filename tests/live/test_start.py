"""Starting: twice, and in every way that cannot work: then one clear sentence and exit code 1."""

import json
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.live.server import ROOT, SECRETS, Server

StartServer = Callable[..., Server]


def start_and_fail(folder: Path, cwd: Path = ROOT, **variables: str) -> str:
    """Standard error of a start that must fail: one sentence, exit code 1, no traceback."""
    environ = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{folder}/deskbell.db",
        "PORT": "0",
        **SECRETS,
        **variables,
    }
    done = subprocess.run([sys.executable, "wsgi.py"], cwd=cwd, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Deskbell is running" not in done.stdout
    sentences = [line for line in done.stderr.splitlines() if line.startswith("Deskbell cannot start.")]
    assert len(sentences) == 1, done.stderr
    return sentences[0]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the tree, for what happens under its instance/."""
    target = tmp_path / "a checkout"
    ignored = shutil.ignore_patterns(".venv", ".git", "instance", "__pycache__", ".*_cache", "tests", "docs")
    shutil.copytree(ROOT, target, ignore=ignored)
    return target


def test_the_first_start_makes_everything_and_the_second_keeps_it(start_server: StartServer) -> None:
    first = start_server()
    link = first.setup_link()
    assert requests.get(f"{first.url}/demo", timeout=10).status_code == 200
    assert requests.get(link, timeout=10).status_code == 200
    assert first.stop() == 0
    second = start_server()
    assert second.setup_link().split("token=")[1] == link.split("token=")[1]
    with sqlite3.connect(second.folder / "deskbell.db") as database:
        assert database.execute("SELECT count(*) FROM company").fetchone() == (1,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_the_setup_link_works_once(start_server: StartServer) -> None:
    server = start_server()
    link = server.setup_link()
    with requests.Session() as browser:
        page = browser.get(link, timeout=10).text
        token, csrf = (page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("token", "csrf_token"))
        form = {"token": token, "csrf_token": csrf, "company": "Bells", "name": "Ann", "email": "ann@bells.example"}
        done = browser.post(f"{server.url}/setup", data={**form, "password": "long enough"}, timeout=10)
        assert (done.status_code, done.url) == (200, f"{server.url}/")
        assert browser.get(f"{server.url}/api/me", timeout=10).json()["role"] == "OWNER"
    assert requests.get(link, timeout=10).status_code == 403
    assert server.stop() == 0
    again = start_server()
    assert "Set up" not in " ".join(again.banner)
    assert requests.get(f"{again.url}/setup?token={token}", timeout=10).status_code == 403


def test_secrets_are_made_once_and_only_their_owner_may_read_them(checkout: Path) -> None:
    def secrets() -> dict[str, str]:
        command = [sys.executable, "-m", "flask", "--app", "app", "db", "current"]
        subprocess.run(command, cwd=checkout, env={"PATH": os.environ["PATH"]}, check=True, capture_output=True)
        files = [checkout / "instance" / name for name in ("secret_key", "encryption_key")]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        return {file.name: file.read_text() for file in files}

    assert secrets() == secrets()


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = start_and_fail(tmp_path, PORT=str(port))
    assert str(port) in sentence
    assert "in use" in sentence
    assert not (tmp_path / "deskbell.db").exists()  # nothing was migrated


def test_a_folder_that_cannot_be_written(checkout: Path) -> None:
    (checkout / "instance").write_text("in the folder's place")
    environ = {"SECRET_KEY": "", "ENCRYPTION_KEY": "", "DATABASE_URL": ""}
    assert "instance" in start_and_fail(checkout, cwd=checkout, **environ)


def test_a_read_only_database_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in a folder's place")
    assert "database" in start_and_fail(tmp_path / "file").lower()


@pytest.fixture(scope="module")
def sound_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a database with a company in it."""
    folder = tmp_path_factory.mktemp("sound")
    server = Server(folder)
    server.command("backup", str(folder / "copy.db"))
    server.stop()
    return (folder / "copy.db").read_bytes()


@pytest.mark.parametrize("damage", ["garbage", "truncated", "overwritten in the middle"])
def test_a_damaged_database(sound_database: bytes, tmp_path: Path, damage: str) -> None:
    file = tmp_path / "deskbell.db"
    content = bytearray(sound_database)
    if damage == "garbage":
        content = bytearray(b"this was never a database " * 1000)
    elif damage == "truncated":
        content = content[: len(content) // 3]
    else:
        content[4096:40960] = b"\xa5" * 36864
    file.write_bytes(content)
    sentence = start_and_fail(tmp_path)
    assert "damaged" in sentence
    assert file.read_bytes() == content  # left as it was found


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    assert "TRUSTED_PROXIES" in start_and_fail(tmp_path, TRUSTED_PROXIES="yes")


def test_a_host_that_is_not_ours(tmp_path: Path) -> None:
    assert "HOST" in start_and_fail(tmp_path, HOST="no.such.host.invalid")


def test_an_old_python_is_told_so() -> None:
    """The version check stands before anything that an old Python could not read."""
    source = (ROOT / "wsgi.py").read_text()
    faked = source.replace("import sys\n", "import sys\nsys.version_info = (3, 9, 1)\n", 1)
    done = subprocess.run([sys.executable, "-c", faked], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "3.11" in done.stderr
    assert "3.9" in done.stderr


def test_a_command_may_run_while_the_server_runs(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    words = ("create-company", "Meanwhile", "--email", "ann@bells.example", "--password", "a long one", "--json")
    company = json.loads(server.command(*words).splitlines()[-1])
    assert set(company) == {"companyId", "agentId", "channelId", "widgetKey", "identitySecret", "apiToken"}
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    assert requests.get(f"{server.url}/api/me", headers=headers, timeout=10).json()["company"]["name"] == "Meanwhile"
    server.command("backup", str(tmp_path / "copy.db"))
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM company WHERE name = 'Meanwhile'").fetchone() == (1,)
    copy.close()
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
