"""The simulator as tests drive it: a process of its own."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class Fake:
    """`with Fake(webhook_url) as fake:`. Its methods are what simulator/control.py offers."""

    def __init__(self, webhook_url: str, secret: str = "test-app-secret"):
        command = [sys.executable, "-m", "simulator", "--webhook", webhook_url, "--app-secret", secret]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"]

    def __enter__(self) -> "Fake":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()

    def __call__(self, what: str, **given: Any) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.url}/__control/{what}", json.dumps(given).encode())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def requests(self, path: str = "") -> list[dict[str, Any]]:
        return [one for one in self("requests")["requests"] if path in one["path"]]

    def sent(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self("sent")["sent"]
        return found
