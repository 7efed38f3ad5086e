"""The documentation names what the code has."""

import re
from pathlib import Path

from flask import Flask

import emit
from extensions import socketio

ROOT = Path(__file__).resolve().parent.parent
EVENTS = (ROOT / "docs/events.md").read_text()


def test_every_told_event_is_documented() -> None:
    assert {event for event in emit.EVENTS if f"| `{event}` |" not in EVENTS} == set()


def test_every_client_event_is_documented(app: Flask) -> None:
    own = {"connect", "disconnect", "*"}
    handled = {name for handlers in socketio.server.handlers.values() for name in handlers} - own
    sent_by_clients = set(re.findall(r"^\| `([a-z:]+)` \|", EVENTS.split("## What clients send")[1], re.MULTILINE))
    assert sent_by_clients == handled


def test_every_variable_is_documented() -> None:
    read = set(re.findall(r'"([A-Z][A-Z_]{3,})"', (ROOT / "config.py").read_text()))
    documented = set(re.findall(r"`([A-Z][A-Z_]{3,})`", (ROOT / "docs/configuration.md").read_text()))
    example = set(re.findall(r"^#? ?([A-Z][A-Z_]{3,})=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {name for name in example if name not in documented} == set()
    assert {name for name in read & _variables() if name not in documented or name not in example} == set()


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs/dependencies.md").read_text()
    lines = (ROOT / "requirements.in").read_text().splitlines()
    names = {re.split(r"[>=\[ ]", line)[0] for line in lines if line and not line.startswith("#")}
    assert {name for name in names if name not in reasons} == set()


def _variables() -> set[str]:
    """What docs/configuration.md has a table row for is what an operator can set."""
    return set(re.findall(r"^\| `([A-Z][A-Z_]{3,})`", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))
