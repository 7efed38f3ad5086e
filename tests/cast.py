"""The people of the tests, each at a door of their own: an owner, a team mate, an outsider of another
company, and visitors. So that a permission test is one line."""

from contextvars import Context
from itertools import count
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient
from werkzeug.test import TestResponse

from actions.agents import create_agent
from actions.companies import create_company
from extensions import socketio
from models import Channel
from models.enums import AgentRole
from store import write

PASSWORD = "correct horse"
_numbers = count(1)


class IsolatedClient(FlaskClient):
    """A request sees nothing of the test's own application context: no session, no `g`."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return Context().run(super().open, *args, **kwargs)


class Socket:
    """A connected Socket.IO client that remembers what it heard."""

    def __init__(self, app: Flask, namespace: str, auth: dict[str, str] | None, **kwargs: Any):
        self.namespace = namespace
        self.client: SocketIOTestClient = Context().run(
            socketio.test_client, app, namespace=namespace, auth=auth, **kwargs
        )

    @property
    def connected(self) -> bool:
        return self.client.is_connected(self.namespace)

    def heard(self) -> list[tuple[str, dict[str, Any]]]:
        """(event, payload) since the last call, in order; but for who came and went."""
        return [(name, payload) for name, payload in self.heard_all() if name != "presence"]

    def heard_all(self) -> list[tuple[str, dict[str, Any]]]:
        return [(event["name"], event["args"][0]) for event in self.client.get_received(self.namespace)]

    def send(self, event: str, *args: Any) -> dict[str, Any]:
        """Emit an event and return its ack."""
        return Context().run(self.client.emit, event, *args, namespace=self.namespace, callback=True)


class Door:
    """HTTP with a bearer token."""

    def __init__(self, client: FlaskClient, token: str):
        self.client, self.token = client, token

    def __call__(self, method: str, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        if json is not None:
            kwargs["json"] = json
        return self.client.open(path, method=method, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self("GET", path, **kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self("POST", path, json, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> TestResponse:
        return self("DELETE", path, **kwargs)

    def patch(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self("PATCH", path, json, **kwargs)


class AgentDoor(Door):
    def __init__(self, app: Flask, agent_id: str, token: str, email: str):
        super().__init__(app.test_client(), token)
        self.app, self.agent_id, self.email = app, agent_id, email

    def socket(self) -> Socket:
        return Socket(self.app, "/agent", {"token": self.token})

    def reply(self, conversation_id: str, text: str = "An answer", **more: Any) -> TestResponse:
        body = {"conversationId": conversation_id, "text": text, "clientId": str(uuid4()), **more}
        return self.post("/api/messages/send", body)

    def conversation(self, conversation_id: str) -> dict[str, Any]:
        return self.get(f"/api/conversations/{conversation_id}").json["conversation"]

    def conversations(self, query: str = "") -> list[dict[str, Any]]:
        return self.get(f"/api/conversations{query}").json["conversations"]

    def messages(self, conversation_id: str, query: str = "") -> list[dict[str, Any]]:
        return self.get(f"/api/conversations/{conversation_id}/messages{query}").json["messages"]


class VisitorDoor(Door):
    def __init__(self, app: Flask, widget_key: str):
        client = app.test_client()
        started = client.post("/api/widget/init", json={"widgetKey": widget_key}).json
        super().__init__(client, started["visitorToken"])
        self.app, self.widget_key = app, widget_key

    def socket(self, **kwargs: Any) -> Socket:
        return Socket(self.app, "/widget", {"visitorToken": self.token}, **kwargs)

    def send(self, text: str = "A question", **more: Any) -> TestResponse:
        return self.post("/api/widget/messages", {"text": text, "clientId": str(uuid4()), **more})

    def write(self, text: str = "A question", **more: Any) -> str:
        """Send a message that must be stored, and return the conversation's id."""
        response = self.send(text, **more)
        assert response.status_code == 201, response.text
        return response.json["message"]["conversationId"]

    def messages(self, query: str = "") -> list[dict[str, Any]]:
        return self.get(f"/api/widget/messages{query}").json["messages"]


class Cast:
    """`owner` and `mate` of one company, `outsider` who owns another one; `visitor()` of the first."""

    def __init__(self, app: Flask):
        self.app = app
        self.company = self._company("Bells & Sons")
        self.other_company = self._company("Elsewhere")
        self.owner = AgentDoor(app, self.company["agentId"], self.company["apiToken"], self.company["email"])
        self.outsider = AgentDoor(
            app, self.other_company["agentId"], self.other_company["apiToken"], self.other_company["email"]
        )
        email = f"mate{next(_numbers)}@bells.example"
        mate = create_agent(self.company["companyId"], email, PASSWORD, AgentRole.AGENT, "Mate")
        self.mate = AgentDoor(app, mate["agentId"], mate["apiToken"], email)

    def visitor(self, widget_key: str | None = None) -> VisitorDoor:
        return VisitorDoor(self.app, widget_key or self.company["widgetKey"])

    def anyone(self) -> FlaskClient:
        return self.app.test_client()

    def switch_channel(self, **settings: Any) -> None:
        """Change settings of the company's widget."""
        with write() as tx:
            channel = tx.session.get_one(Channel, self.company["channelId"])
            channel.settings = {**channel.settings, **settings}

    def _company(self, name: str) -> dict[str, Any]:
        email = f"owner{next(_numbers)}@bells.example"
        return {**create_company(name, email, PASSWORD), "email": email}
