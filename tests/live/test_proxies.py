"""The blocks of docs/deploy.md, as they stand there: nginx, Caddy, the units, backup and restore."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import socketio

from tests.live.conftest import need
from tests.live.documents import blocks, replaced
from tests.live.server import ROOT, Company, Server

NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 200; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {server}
}}
"""
CADDY = "{{\nadmin off\nauto_https off\n}}\n{server}"
BIG = 5 * 1024 * 1024


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def nginx(folder: Path, port: int, upstream: int) -> list[str]:
    server = replaced(
        blocks("deploy.md", "nginx")[0],
        {
            "listen 443 ssl;": f"listen 127.0.0.1:{port};",
            "ssl_certificate /": "# ssl_certificate /",
            "ssl_certificate_key /": "# ssl_certificate_key /",
            "127.0.0.1:5000": f"127.0.0.1:{upstream}",
        },
    )
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, server=server))
    return [need("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, upstream: int) -> list[str]:
    names = {"chat.example.com": f"http://127.0.0.1:{port}", "127.0.0.1:5000": f"127.0.0.1:{upstream}"}
    server = replaced(blocks("deploy.md", "caddy")[0], names)
    (folder / "Caddyfile").write_text(CADDY.format(server=server))
    return [need("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


class Site:
    """Deskbell behind a proxy. `url` is the proxy's."""

    def __init__(self, server: Server, url: str):
        self.server = server
        self.url = url
        self.company: Company = server.company()
        self.agent = {"Authorization": f"Bearer {self.company['apiToken']}"}

    def visitor(self) -> dict[str, str]:
        body = {"widgetKey": self.company["widgetKey"]}
        token = requests.post(f"{self.url}/api/widget/init", json=body, timeout=10).json()["visitorToken"]
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def site(request: pytest.FixtureRequest, tmp_path: Path, start_server: Callable[..., Server]) -> Iterator[Site]:
    port, upstream = free_port(), free_port()
    words = request.param(tmp_path, port, upstream)
    url = f"http://127.0.0.1:{port}"
    server = start_server(PORT=str(upstream), PUBLIC_URL=url, TRUSTED_PROXIES="1")
    environ = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with (tmp_path / "proxy.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, env=environ)
    wait_for(lambda: requests.get(f"{url}/healthz", timeout=2).ok)
    yield Site(server, url)
    process.terminate()
    process.wait(10)


def wait_for(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            if check():
                return
        except requests.RequestException:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_events_come_through(site: Site, transport: str) -> None:
    heard: list[Any] = []
    client = socketio.Client(reconnection=False)
    client.on("message:new", heard.append, namespace="/agent")
    auth = {"token": site.company["apiToken"]}
    client.connect(site.url, namespaces=["/agent"], auth=auth, transports=[transport], wait_timeout=10)
    assert client.transport() == transport
    body = {"text": "Through the proxy", "clientId": str(uuid4())}
    requests.post(f"{site.url}/api/widget/messages", json=body, headers=site.visitor(), timeout=10).raise_for_status()
    wait_for(lambda: bool(heard))
    assert heard[0]["message"]["text"] == "Through the proxy"
    client.disconnect()


def test_large_files_come_through_and_too_large_ones_are_refused_in_words(site: Site) -> None:
    def upload(size: int) -> requests.Response:
        files = {"file": ("notes.txt", b"A line of text.\n" * (size // 16))}
        return requests.post(f"{site.url}/api/attachments", files=files, headers=site.agent, timeout=60)

    answer = upload(BIG)
    assert answer.status_code == 201, answer.text
    url = answer.json()["attachment"]["url"]
    assert url.startswith(site.url)
    assert len(requests.get(url, timeout=30).content) == BIG
    assert upload(21 * 1024 * 1024).status_code == 413


def test_the_address_is_the_visitors_own_and_cannot_be_claimed(site: Site) -> None:
    session = requests.Session()
    session.headers["X-Forwarded-For"] = "6.6.6.6"
    page = session.get(f"{site.url}/login", timeout=10).text
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert csrf
    form = {"email": site.company["email"], "password": site.company["password"], "csrf_token": csrf[1]}
    signed_in = session.post(f"{site.url}/login", data=form, allow_redirects=False, timeout=10)
    assert (signed_in.status_code, signed_in.headers["Location"]) == (302, "/")
    sessions = session.get(f"{site.url}/api/me/sessions", timeout=10).json()["sessions"]
    assert [row["address"] for row in sessions] == ["127.0.0.1"]


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed: the units are checked where systemd is")
    names = ["deskbell.service", "deskbell-backup.service", "deskbell-backup.timer"]
    units = blocks("deploy.md", "ini")
    for name, unit in zip(names, units, strict=True):
        unit = re.sub(r"^(User|EnvironmentFile|WorkingDirectory)=.*\n", "", unit, flags=re.MULTILINE)
        (tmp_path / name).write_text(unit.replace("/opt/deskbell/.venv/bin/", f"{Path(sys.executable).parent}/"))
    words = [analyze, "verify", "--man=no", *(str(tmp_path / name) for name in names)]
    checked = subprocess.run(words, capture_output=True, text=True, timeout=60)
    ours = [line for line in checked.stderr.splitlines() if "deskbell" in line]
    assert ours == []


def test_a_backup_made_while_messages_are_written_is_restored(
    tmp_path: Path, start_server: Callable[..., Server]
) -> None:
    """The commands of the document, in a folder that looks like /opt/deskbell."""
    home, kept = tmp_path / "deskbell", tmp_path / "backups"
    (home / "instance").mkdir(parents=True)
    kept.mkdir()
    for name in [".venv", "app.py", "migrations"]:
        (home / name).symlink_to(ROOT / name)
    places = {"DATABASE_URL": f"sqlite:///{home}/instance/deskbell.db", "UPLOAD_DIR": f"{home}/instance/uploads"}
    server = start_server(**places)
    company = server.company()
    headers = {"Authorization": f"Bearer {company['apiToken']}"}
    start = requests.post(f"{server.url}/api/widget/init", json={"widgetKey": company["widgetKey"]}, timeout=10).json()
    visitor = {"Authorization": f"Bearer {start['visitorToken']}"}

    def write(number: int) -> str:
        files = {"file": ("note.txt", f"File {number}".encode())}
        upload = requests.post(f"{server.url}/api/widget/attachments", files=files, headers=visitor, timeout=30).json()
        body = {"text": f"{number}", "clientId": str(number), "attachmentIds": [upload["attachment"]["id"]]}
        sent = requests.post(f"{server.url}/api/widget/messages", json=body, headers=visitor, timeout=30)
        sent.raise_for_status()
        return str(sent.json()["message"]["conversationId"])

    save, restore = [
        replaced(block, {"/var/backups/deskbell": str(kept)})
        for block in blocks("deploy.md", "sh")
        if "/var/backups/deskbell/deskbell.db" in block
    ]
    save = save.replace(".venv/bin/flask", str(Path(sys.executable).with_name("flask")))
    environ = {**server.environ, "PYTHONPATH": str(ROOT)}
    before = [write(number) for number in range(10)]
    with ThreadPoolExecutor(2) as pool:
        during = pool.map(write, range(10, 30))
        subprocess.run(["sh", "-eu", "-c", save], cwd=home, env=environ, check=True, timeout=60)
        answered = [*before, *during]
    conversation_id = answered[0]
    server.stop()
    shutil.rmtree(home / "instance")
    (home / "instance").mkdir()
    subprocess.run(["sh", "-eu", "-c", restore], cwd=home, check=True, timeout=60)
    again = start_server(**places)
    page = requests.get(
        f"{again.url}/api/conversations/{conversation_id}/messages?limit=100", headers=headers, timeout=10
    ).json()["messages"]
    numbers = [int(message["text"]) for message in page]
    assert set(range(10)) <= set(numbers)
    assert len(numbers) == len(set(numbers))
    for message in page:
        file = requests.get(message["attachments"][0]["url"].replace(server.url, again.url), timeout=10)
        assert file.text == f"File {message['text']}"
