"""Fixtures of the tests against real servers. Nothing is monkey-patched in this process."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.live.server import Company, Server
from tests.live.shop import Shop, open_shop


def pytest_configure(config: pytest.Config) -> None:
    # A client's socket that a test left to the garbage collector says nothing about the product.
    config.addinivalue_line("filterwarnings", "ignore::pytest.PytestUnraisableExceptionWarning")


def need(program: str) -> str:
    """The path of a program that a machine may lack."""
    found = shutil.which(program)
    return found or missing(program)


def missing(what: str) -> NoReturn:
    """Skip the test with a reason; under CI=true, where everything is installed, that is a failure."""
    reason = f"{what} is not installed (`make test` installs it on Debian as root)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server of the test's own, with variables of its own; it is stopped after the test."""
    servers: list[Server] = []

    def start(**variables: str) -> Server:
        servers.append(Server(tmp_path, **variables))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that need nothing special."""
    server = Server(tmp_path_factory.mktemp("server"))
    server.batch = 8
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, Debian's."""
    path = need("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def company(server: Server) -> Company:
    return server.company()


@pytest.fixture
def shop(server: Server, company: Company) -> Iterator[Shop]:
    with open_shop(server.url, company["widgetKey"]) as shop:
        yield shop


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor's browser. Whatever its pages complain of fails the test."""
    context = browser.new_context()
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
    yield context
    context.close()
    assert complaints == []
