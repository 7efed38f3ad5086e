"""`make demo`: Deskbell on a database of its own, with customers on three platforms. Nothing of it is kept."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

from simulator.people import WidgetVisitor, play
from simulator.server import Server
from simulator.state import ACCOUNT, PAGE

ROOT = Path(__file__).resolve().parent.parent
EMAIL, PASSWORD = "demo@deskbell.example", "ring the bell"

# Runs in Deskbell's own process: the database, the company, its page and its account.
MAKE_COMPANY = """
import json, sys
import serving
serving.patch()
from actions.companies import create_company
from actions.connections import add_platform
from app import create_app
email, password, page, account = sys.argv[1:]
app = create_app()
with app.app_context():
    from flask_migrate import upgrade
    upgrade(directory=app.root_path + "/migrations")
    company = create_company("Bells & Sons", email, password)
    for platform, number, token, name in (
        ("FACEBOOK", page, "page-token", "Bells & Sons"), ("INSTAGRAM", account, "ig-token", "bells.and.sons")
    ):
        data = {"platform": platform, "external_id": number, "access_token": token, "name": name}
        add_platform(company["companyId"], data)
print(json.dumps(company))
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="deskbell-demo-") as folder:
        meta = Server(0, "http://127.0.0.1:9", secrets.token_hex(16))
        threading.Thread(target=meta.serve_forever, daemon=True).start()
        environ = _environ(Path(folder), meta)
        made = subprocess.run(
            [sys.executable, "-c", MAKE_COMPANY, EMAIL, PASSWORD, PAGE, ACCOUNT],
            cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            sys.exit(f"The demo cannot start. {made.stderr[-1000:]}")
        company = json.loads(made.stdout.splitlines()[-1])
        return _serve(environ, meta, company["widgetKey"])


def _environ(folder: Path, meta: Server) -> dict[str, str]:
    api = f"{meta.url}/v26.0"
    return {
        **os.environ,
        "DESKBELL_ENV": "development",
        "DATABASE_URL": f"sqlite:///{folder}/demo.db",
        "UPLOAD_DIR": f"{folder}/uploads",
        "SECRET_KEY": secrets.token_hex(32),
        "ENCRYPTION_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "GRAPH_API_URL": api,
        "INSTAGRAM_GRAPH_API_URL": api,
        "META_APP_SECRET": meta.state.secret,
        "REDIS_URL": "",
    }


def _serve(environ: dict[str, str], meta: Server, widget_key: str) -> int:
    log = Path(environ["UPLOAD_DIR"]).with_name("log").open("w")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "wsgi.py"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        ) as deskbell,
    ):
        try:
            url = _read_address(deskbell)
            if url is None:
                log.flush()
                sys.exit(f"The demo cannot start. {Path(log.name).read_text()[-500:]}")
            meta.webhook.base = url
            print(f"Deskbell is running with customers on three platforms.\n  Dashboard  {url}/", flush=True)
            print(f"  Sign in    {EMAIL}   password: {PASSWORD}", flush=True)
            print(
                f"  Demo site  {url}/demo\n  Answer them: they answer back. Ctrl+C ends it; nothing is kept.",
                flush=True,
            )
            play(meta)
            threading.Thread(target=WidgetVisitor(url, widget_key).live, daemon=True).start()
            return deskbell.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            deskbell.terminate()
            with suppress(subprocess.TimeoutExpired):
                deskbell.wait(15)


def _read_address(deskbell: "subprocess.Popen[str]") -> str | None:
    """From the banner; None if Deskbell ended instead."""
    assert deskbell.stdout is not None
    url = None
    for line in deskbell.stdout:
        if "Dashboard" in line:
            url = line.split()[1].rstrip("/")
        if "Demo site" in line:
            return url
    return None


if __name__ == "__main__":
    sys.exit(main())
