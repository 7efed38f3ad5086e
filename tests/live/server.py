"""Real server processes for the tests: each on a free port, with a temporary database and secrets of its own."""

import json
import os
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SECRETS = {
    "SECRET_KEY": "f3b1c9d07a5e4862b19c3d5e7f90a1b2",
    "ENCRYPTION_KEY": "bFV0dXJlLXByb29mLWtleS1mb3ItdGVzdHMtb25seSE=",
}
PASSWORD = "correct horse battery"
PATIENCE = 30  # seconds for a start or a stop

Company = dict[str, Any]

MAKE_COMPANIES = """
import json, sys
from actions.companies import create_company
from app import create_app
with create_app().app_context():
    for number in range(int(sys.argv[3])):
        email = f"owner{sys.argv[1]}-{number}@bells.example"
        print(json.dumps({**create_company("Bells & Sons", email, sys.argv[2]), "email": email}))
"""
_numbers = count(1)


class Server:
    """`python wsgi.py` with the given variables. `stop()` sends SIGTERM and returns the exit code."""

    def __init__(self, folder: Path, **variables: str):
        self.folder = folder
        self.batch = 1
        self.companies: list[Company] = []
        self.environ = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "SYSTEMROOT")},
            "DATABASE_URL": f"sqlite:///{folder}/deskbell.db",
            "PORT": "0",
            **SECRETS,
            **variables,
        }
        self.log = (folder / "log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "wsgi.py"], cwd=ROOT, env=self.environ, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        self.banner = self._read_banner()
        self.url = next(line.split()[1] for line in self.banner if "Dashboard" in line).rstrip("/")
        self.port = int(self.url.rsplit(":", 1)[1])

    def _read_banner(self) -> list[str]:
        """The lines up to the demo site's, and the set-up link's if there is one."""
        assert self.process.stdout is not None
        lines: list[str] = []
        while not lines or "Demo site" not in lines[-1]:
            line = self.process.stdout.readline()
            if not line:
                self.stop()
                raise RuntimeError(f"the server did not start: {(self.folder / 'log').read_text()[-2000:]}")
            lines.append(line.rstrip())
        return lines

    def setup_link(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "Set up" in line, line
        return line.split()[2]

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sent)
        code = self.process.wait(PATIENCE)
        self.log.close()
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def command(self, *words: str) -> str:
        """Run `flask --app app …` on the server's database; returns standard output."""
        return run_command(self.environ, *words)

    def company(self) -> Company:
        """A new company: what create-company prints, and its owner's email and password.

        They are made `batch` at a time: starting a Python takes longer than that.
        """
        if not self.companies:
            words = [sys.executable, "-c", MAKE_COMPANIES, str(next(_numbers)), PASSWORD, str(self.batch)]
            made = subprocess.run(words, cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=60)
            assert made.returncode == 0, made.stderr
            self.companies = [{**json.loads(line), "password": PASSWORD} for line in made.stdout.splitlines()]
        return self.companies.pop()

    def create_agent(self, company_id: str, role: str) -> dict[str, Any]:
        email = f"agent{next(_numbers)}@bells.example"
        words = ("create-agent", "--company", company_id, "--email", email, "--password", PASSWORD, "--role", role)
        made = json.loads(self.command(*words, "--json").splitlines()[-1])
        return {**made, "email": email, "password": PASSWORD}


def run_command(environ: dict[str, str], *words: str) -> str:
    """Run `flask --app app …`; returns standard output."""
    flask = str(Path(sys.executable).with_name("flask"))
    done = subprocess.run(
        [flask, "--app", "app", *words], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
