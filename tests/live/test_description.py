"""schemathesis against the OpenAPI description on a live server: no 5xx, nothing that is not described."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.live.server import Server

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
EXAMPLES = 25  # for each operation


@pytest.mark.parametrize("door", ["Agent", "Visitor"])
def test_every_answer_is_described(server: Server, tmp_path: Path, door: str) -> None:
    company = server.company()
    token = company["apiToken"] if door == "Agent" else _visitor_token(server, company["widgetKey"])
    _begin_conversation(server, company["widgetKey"])
    config = tmp_path / "schemathesis.toml"
    config.write_text("")
    result = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file", str(config),
            "run", f"{server.url}/api/openapi.json",
            "--header", f"Authorization: Bearer {token}",
            "--include-tag", door,
            "--checks", ",".join(CHECKS),
            "--max-examples", str(EXAMPLES),
            "--seed", "1",
            "--generation-database", "none",
            "--no-color",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=240,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]


def test_the_description_names_every_api_route(server: Server) -> None:
    described = requests.get(f"{server.url}/api/openapi.json", timeout=10).json()
    assert described["openapi"].startswith("3.")
    assert {"/api/messages/send", "/api/widget/init", "/api/conversations/{conversation_id}"} <= set(described["paths"])
    assert json.dumps(described).count('#/components/schemas/Message"') >= 2


def _visitor_token(server: Server, widget_key: str) -> str:
    started = requests.post(f"{server.url}/api/widget/init", json={"widgetKey": widget_key}, timeout=10).json()
    return started["visitorToken"]


def _begin_conversation(server: Server, widget_key: str) -> None:
    body = {"widgetKey": widget_key, "message": "Hello", "clientId": "first"}
    assert requests.post(f"{server.url}/api/widget/init", json=body, timeout=10).status_code == 201
