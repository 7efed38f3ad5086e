"""A Facebook page and an Instagram account of the cast's company, and what platforms post about them."""

import json
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import serving
from actions.connections import add_platform
from actions.journal import drain
from platforms.meta.signature import signature

EVENTS = Path(__file__).parent / "platform_events"
SECRET = "test-app-secret"
PAGE, ACCOUNT = "112233445566778", "17841400000000001"
PSID, IGSID = "7654321098765432", "1234567890123456"
BEGIN = 1795420800000  # milliseconds: 2026-11-23 08:00 UTC
_numbers = count(1)


def fixture(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


class Platform:
    """Posts what Meta would. `kind`: "facebook" or "instagram"."""

    def __init__(self, app: Flask, company_id: str, kind: str):
        self.app, self.kind = app, kind
        self.object, self.account, self.person = (
            ("page", PAGE, PSID) if kind == "facebook" else ("instagram", ACCOUNT, IGSID)
        )
        data = {"platform": kind.upper(), "external_id": self.account, "access_token": "page-token", "name": kind}
        self.channel_id = add_platform(company_id, data)[0]["channel"]["id"]

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def post(self, payload: Any, secret: str = SECRET, path: str | None = None) -> TestResponse:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = {"X-Hub-Signature-256": signature(body, secret)}
        return self.client.post(
            path or f"/api/webhooks/{self.kind}", data=body, headers=headers, content_type="application/json"
        )

    def tell(self, *payloads: Any) -> None:
        """Post, and wait until it is processed."""
        for payload in payloads:
            response = self.post(payload)
            assert response.status_code == 200, response.text
        self.settle()

    def settle(self) -> None:
        """Wait until all that is due is processed, by whomever."""
        drain()
        while self.app.extensions["deskbell_journal"]["running"]:
            serving.sleep(0.005)

    def wrap(self, *items: dict[str, Any]) -> dict[str, Any]:
        return {"object": self.object, "entry": [{"id": self.account, "time": BEGIN, "messaging": list(items)}]}

    def item(self, at: int, from_page: bool = False, **event: Any) -> dict[str, Any]:
        """`at`: milliseconds after BEGIN."""
        person, page = {"id": self.person}, {"id": self.account}
        sides = {"sender": page, "recipient": person} if from_page else {"sender": person, "recipient": page}
        return {**sides, "timestamp": BEGIN + at, **event}

    def said(self, text: str, mid: str | None = None, at: int = 0, **more: Any) -> dict[str, Any]:
        return self.item(at, message={"mid": mid or f"m_{next(_numbers)}", "text": text, **more})

    def echo(self, text: str, mid: str, at: int = 0, **more: Any) -> dict[str, Any]:
        return self.item(at, from_page=True, message={"mid": mid, "text": text, "is_echo": True, **more})
