"""The examples of docs/api.md and docs/events.md run as they stand."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Browser

from blueprints.assets import build_id
from tests.live.conftest import need
from tests.live.documents import blocks, replaced
from tests.live.server import Company, Server


@pytest.fixture
def environ(server: Server, company: Company, tmp_path: Path) -> dict[str, str]:
    need("curl")
    given = {"DESKBELL_URL": server.url, "API_TOKEN": company["apiToken"], "WIDGET_KEY": company["widgetKey"]}
    return {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), **given}


def write(server: Server, company: Company, text: str) -> str:
    """A visitor's message; returns the conversation's id."""
    key = {"widgetKey": company["widgetKey"]}
    token = requests.post(f"{server.url}/api/widget/init", json=key, timeout=10).json()["visitorToken"]
    body = {"text": text, "name": "Ann Lee", "clientId": str(uuid4())}
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{server.url}/api/widget/messages", json=body, headers=headers, timeout=10)
    return str(answer.json()["message"]["conversationId"])


def test_the_shell_examples_run_in_their_order(environ: dict[str, str]) -> None:
    script = "\n".join(blocks("api.md", "sh"))
    done = subprocess.run(["sh", "-eu", "-c", script], env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ann Lee" in done.stdout
    assert "RESOLVED" in done.stdout
    assert "A line of text." in done.stdout
    assert "conversationId" in done.stdout.splitlines()[-1]  # what the last, wrong request lacks


def test_the_python_client_hears(environ: dict[str, str], server: Server, company: Company) -> None:
    words = [sys.executable, "-u", "-c", blocks("api.md", "python")[0] + "\nprint('ready')\nclient.wait()"]
    process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        assert process.stdout.readline() == "ready\n"
        write(server, company, "Heard in Python")
        assert process.stdout.readline() == "Ann Lee Heard in Python\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()


def test_the_javascript_client_hears(browser: Browser, server: Server, company: Company) -> None:
    """In a browser, with the client that Deskbell ships."""
    conversation_id = write(server, company, "First")
    code = replaced(
        blocks("events.md", "js")[0],
        {
            '"socket.io-client"': f'"/assets/{build_id()}/vendor/socket.io-client-4.8.4.esm.min.js"',
            "http://127.0.0.1:5000": server.url,
        },
    )
    known = f'const token = "{company["apiToken"]}", conversationId = "{conversation_id}";\n'
    page = browser.new_context().new_page()
    lines: list[str] = []
    page.on("console", lambda line: lines.append(line.text))
    page.goto(f"{server.url}/healthz")
    page.add_script_tag(content=known + code, type="module")
    wait_for(page, lines, "true 1")
    write(server, company, "Heard in JavaScript")
    wait_for(page, lines, r"Ann Lee Heard in JavaScript \d+")
    page.context.close()


def wait_for(page: object, lines: list[str], pattern: str) -> None:
    deadline = time.monotonic() + 15
    while not any(re.fullmatch(pattern, line) for line in lines):
        assert time.monotonic() < deadline, lines
        page.wait_for_timeout(50)  # type: ignore[attr-defined]
