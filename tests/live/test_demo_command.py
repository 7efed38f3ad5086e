"""`make demo`: three platforms live in the dashboard soon after the start, and customers who answer back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from simulator.demo import EMAIL, PASSWORD
from tests.live.screens import AgentScreen
from tests.live.server import ROOT

SOON = 30_000  # milliseconds; on a quiet machine it is about ten seconds


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """Its address."""
    environ = {**os.environ, "PORT": "0", "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "simulator.demo"]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        yield lines[1].split()[1].rstrip("/")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert list(tmp_path.glob("deskbell-demo-*")) == []


def test_customers_on_three_platforms_answer_back(demo: str, browser: Browser) -> None:
    agent = AgentScreen(browser, demo, EMAIL, PASSWORD)
    for name in ("Marta Nowak", "Léo Martin", "Jonas Lind"):
        expect(agent.row(name)).to_be_visible(timeout=SOON)
    agent.open("Marta Nowak")
    agent.reply("It is!")
    agent.sees("how long does it take to Kraków?")
    agent.open("Jonas Lind")
    agent.reply("We do!")
    agent.sees("How many letters fit on it?")
