"""Lighthouse over the pages that people open, on a server of its own: `make lighthouse`.

Needs npm (Lighthouse is installed into a temporary folder) and Chromium. Prints a table for docs/performance.md, and
fails where accessibility or best practices are below 95.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.live.screens import AgentScreen
from tests.live.server import Company, Server

LIGHTHOUSE = "lighthouse@13"
CATEGORIES = ["performance", "accessibility", "best-practices"]
LEAST = {"accessibility": 95, "best-practices": 95}
CHROMIUM = os.environ.get("CHROME_PATH", "/usr/bin/chromium")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        program = install(Path(folder))
        server = Server(Path(folder))
        try:
            company = server.company()
            write_some(server, company)
            cookie = sign_in(server, company)
            pages = {
                "sign-in": ("/login", ""),
                "demo shop": ("/demo", ""),
                "demo shop, a bell": ("/demo/shop/porch", ""),
                "inbox": ("/", cookie),
                "settings, profile": ("/settings/profile", cookie),
                "settings, channel": (f"/settings/channels/{company['channelId']}", cookie),
            }
            results = {
                name: run(program, Path(folder), server.url + path, cookie) for name, (path, cookie) in pages.items()
            }
        finally:
            server.stop()
    return report(results)


def install(folder: Path) -> Path:
    subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), LIGHTHOUSE], check=True)
    return folder / "node_modules" / ".bin" / "lighthouse"


def write_some(server: Server, company: Company) -> None:
    for number in range(30):
        started = requests.post(
            f"{server.url}/api/widget/init", json={"widgetKey": company["widgetKey"]}, timeout=10
        ).json()
        headers = {"Authorization": f"Bearer {started['visitorToken']}"}
        body = {"text": f"Question {number}", "name": f"Customer {number}", "clientId": str(uuid4())}
        requests.post(f"{server.url}/api/widget/messages", json=body, headers=headers, timeout=10).raise_for_status()


def sign_in(server: Server, company: Company) -> str:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        screen = AgentScreen(chromium, server.url, company["email"], company["password"])
        cookies = screen.page.context.cookies()
        chromium.close()
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)


def run(program: Path, folder: Path, url: str, cookie: str) -> dict[str, Any]:
    """Lighthouse's own report, as JSON."""
    result = folder / "result.json"
    words = [str(program), url, "--quiet", "--output=json", f"--output-path={result}", "--preset=desktop"]
    words += [f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless=new --no-sandbox"]
    if cookie:
        words.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
    subprocess.run(words, check=True, env={**os.environ, "CHROME_PATH": CHROMIUM})
    answer: dict[str, Any] = json.loads(result.read_text("utf-8"))
    if answer["finalDisplayedUrl"] != url:
        raise RuntimeError(f"{url} led to {answer['finalDisplayedUrl']}")
    return answer


def report(results: dict[str, dict[str, Any]]) -> int:
    """Prints the table and what loses points. The number of scores that are too low."""
    low = 0
    print("| page | " + " | ".join(CATEGORIES) + " |\n|---|" + "---:|" * len(CATEGORIES))
    for name, result in results.items():
        scores = {category: round(result["categories"][category]["score"] * 100) for category in CATEGORIES}
        low += sum(scores[category] < least for category, least in LEAST.items())
        print(f"| {name} | " + " | ".join(str(scores[category]) for category in CATEGORIES) + " |")
    for name, result in results.items():
        for category in LEAST:
            for reference in result["categories"][category]["auditRefs"]:
                audit = result["audits"][reference["id"]]
                if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
                    print(f"{name}: {category}: {audit['title']}")
    return low


if __name__ == "__main__":
    sys.exit(main())
