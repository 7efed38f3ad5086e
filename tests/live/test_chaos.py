"""The short form of `make chaos`: docs/reliability.md. It runs in a process of its own, as Playwright demands."""

import subprocess
import sys

import pytest

from tests.live.conftest import need
from tests.live.server import ROOT

SEED = 20
MESSAGES = 150


def run_chaos(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chaos", "--seed", str(SEED), "--messages", str(MESSAGES), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)


@pytest.mark.timeout(260)
def test_what_was_acknowledged_is_stored_and_shown_once_and_in_order() -> None:
    need("chromium")
    done = run_chaos("--only", "messages")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(260)
def test_a_mail_leaves_once_unless_its_worker_was_killed() -> None:
    done = run_chaos("--only", "mails", "--mail-rounds", "1")
    assert done.returncode == 0, done.stdout + done.stderr
