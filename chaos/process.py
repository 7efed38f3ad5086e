"""The server under test: a real process on a fixed port that can be killed and started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECRETS = {
    "SECRET_KEY": "5d1b7c0e92fa46d38a47f6b0c2e8d915",
    "ENCRYPTION_KEY": "Y2hhb3MtdGVzdHMtdXNlLXRoaXMta2V5LW9ubHktISE=",
}
PASSWORD = "correct horse battery"
START_WITHIN = 40  # seconds, with as many attempts as that allows
STOP_WITHIN = 20  # seconds after SIGTERM

MAKE_COMPANY = """
import json, sys
from actions.agents import create_agent
from actions.companies import create_company
from app import create_app
from models.enums import AgentRole
with create_app().app_context():
    company = create_company("Bells & Sons", "agent0@bells.example", sys.argv[1])
    agents = [{"agentId": company["agentId"], "apiToken": company["apiToken"]}]
    for number in range(1, int(sys.argv[2])):
        email = f"agent{number}@bells.example"
        agents.append(create_agent(company["companyId"], email, sys.argv[1], AgentRole.AGENT))
    for number, agent in enumerate(agents):
        agent.update(email=f"agent{number}@bells.example", password=sys.argv[1])
    print(json.dumps({**company, "agents": agents}))
"""
LOCK = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
database.execute("ROLLBACK")
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Host:
    """A machine with one database, on which `start()` runs Deskbell from the source in `tree`."""

    def __init__(self, folder: Path, tree: Path = ROOT, **variables: str):
        self.folder, self.tree = folder, tree
        self.port = free_port()
        self.database = folder / "deskbell.db"
        kept = ("PATH", "HOME", "LANG", "SYSTEMROOT")
        self.environ = {
            **{name: value for name, value in os.environ.items() if name in kept},
            "DATABASE_URL": f"sqlite:///{self.database}",
            "UPLOAD_DIR": str(folder / "uploads"),
            "PORT": str(self.port),
            "RATELIMIT_ENABLED": "false",  # all of these people come from one address
            **SECRETS,
            **variables,
        }
        self.process: subprocess.Popen[str] | None = None
        self.starts = 0

    def start(self) -> None:
        """As a service manager does: again and again until it runs."""
        deadline = time.monotonic() + START_WITHIN
        while not self._try_to_start():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server does not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.2)
        self.starts += 1

    def _try_to_start(self) -> bool:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "wsgi.py"],
                cwd=self.tree,
                env=self.environ,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Demo site" in line:
                return True
        self._gone()
        return False

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def terminate(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, sent: signal.Signals) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(sent)
        try:
            self._gone()
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise RuntimeError("the server does not stop after SIGTERM") from None

    def _gone(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.wait(STOP_WITHIN)
        self.process.stdout.close()

    def make_company(self, agents: int) -> dict[str, Any]:
        """What create-company prints, with `agents`: [{agentId, apiToken, email, password}]."""
        return json.loads(self.run(MAKE_COMPANY, PASSWORD, str(agents)).splitlines()[-1])

    def run(self, script: str, *words: str) -> str:
        """Run Python with the server's environment; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", script, *words],
            cwd=self.tree,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout

    @contextmanager
    def locked(self, seconds: float) -> Iterator[None]:
        """Another process holds the database's write lock for so long; leaves when it is free again."""
        command = [sys.executable, "-c", LOCK, str(self.database), str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as locker:
            assert locker.stdout is not None
            locker.stdout.readline()
            yield
            locker.wait(30)
