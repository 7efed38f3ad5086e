"""Facebook and Instagram with a real server, the simulator in Meta's place, and a real browser."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from simulator.client import Fake
from simulator.state import ACCOUNT, PAGE
from tests.live.screens import AgentScreen
from tests.live.server import Server


@pytest.fixture
def meta(tmp_path: Path) -> Iterator[tuple[Server, Fake]]:
    """A Deskbell with a page and an account, both connected to a simulator that posts to it."""
    fake = Fake("http://127.0.0.1:9")
    server = None
    try:
        api = f"{fake.url}/v26.0"
        server = Server(tmp_path, GRAPH_API_URL=api, INSTAGRAM_GRAPH_API_URL=api, META_APP_SECRET="test-app-secret")
        fake("webhook", url=server.url)
        company = server.company()
        for kind, account, token in (("facebook", PAGE, "page-token"), ("instagram", ACCOUNT, "ig-token")):
            options = ["--company", company["companyId"], "--external-id", account, "--name", kind]
            server.flask("add-channel", kind, *options, "--access-token", token)
        server.people = company  # type: ignore[attr-defined]
        yield server, fake
    finally:
        fake.stop()
        if server:
            server.stop()
