"""Posts events as Meta does: signed over bytes in its own way of escaping, and again while it is not answered 200."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

ATTEMPTS = 5
NOT_ESCAPED_BY_JSON = (("/", "\\/"), ("<", "\\u003C"), ("%", "\\u0025"), ("@", "\\u0040"))


def encode(payload: Any) -> bytes:
    text = json.dumps(payload, separators=(",", ":"))
    for character, escaped in NOT_ESCAPED_BY_JSON:
        text = text.replace(character, escaped)
    return text.encode()


class Webhook:
    """`base`: where Deskbell is. Events of both kinds go out in the order in which they are emitted."""

    def __init__(self, base: str, secret: str):
        self.base, self.secret = base.rstrip("/"), secret
        self.answers: list[int] = []

    def emit(self, kind: str, account: str, items: list[dict[str, Any]], *, delay: float = 0.0) -> None:
        """One POST with these items, from a thread of its own, after a while."""
        payload = {"object": kind, "entry": [{"id": account, "time": int(time.time() * 1000), "messaging": items}]}
        threading.Thread(target=self._post_later, args=(kind, payload, delay), daemon=True).start()

    def post(self, kind: str, payload: Any, secret: str | None = None) -> int:
        """The status of the answer; 0 if there was none."""
        body = encode(payload)
        signature = hmac.new((secret or self.secret).encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": f"sha256={signature}",
            "Facebook-API-Version": "v26.0",
        }
        path = "facebook" if kind == "page" else "instagram"
        request = urllib.request.Request(f"{self.base}/api/webhooks/{path}", body, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        self.answers.append(status)
        return status

    def ask(self, url: str, query: dict[str, str]) -> str | None:
        """The body of a 200; None for anything else."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{url}?{urlencode(query)}", timeout=10) as answer:
                return str(answer.read().decode()) if answer.status == 200 else None
        except (OSError, ValueError):
            return None

    def _post_later(self, kind: str, payload: Any, delay: float) -> None:
        time.sleep(delay)
        for attempt in range(ATTEMPTS):
            if self.post(kind, payload) == 200:
                return
            time.sleep(0.3 * 2**attempt)
