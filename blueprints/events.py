"""What both Socket.IO namespaces share: who is connected, checked events, answers as acks.

The same `access_*` rules hold here as over HTTP. Every event is answered: {ok: true, …}, or
{ok: false, error: {…problem}}; an error nobody expected tells no more than its reference.
"""

from collections.abc import Callable
from typing import Any

from flask import g, request
from flask_socketio import ConnectionRefusedError as Refused
from marshmallow import Schema
from socketio.packet import BINARY_ACK, BINARY_EVENT, EVENT, Packet

from blueprints.endpoint import load
from blueprints.logs import new_request_id
from errors import AppError, Invalid, NotFound, unexpected
from extensions import socketio

Ack = dict[str, Any]

UNKNOWN = "unknown"  # what a name that cannot be an event's is taken for
RESERVED = frozenset({"connect", "disconnect", "*"})  # names that mean something to the server itself


class EventPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet whose event name is a text that means nothing to the server but an event."""

    def decode(self, encoded_packet: Any) -> Any:
        try:
            attachments = super().decode(encoded_packet)
        except (ValueError, TypeError, LookupError, RecursionError):  # not a packet at all: an event nobody sent
            self.packet_type, self.namespace, self.id, self.data = EVENT, None, None, [UNKNOWN]
            return 0
        if self.packet_type in (BINARY_EVENT, BINARY_ACK):  # nothing here takes bytes
            self.packet_type, self.data, attachments = EVENT, [UNKNOWN], 0
        if self.packet_type == EVENT:
            data = self.data if isinstance(self.data, list) and self.data else [UNKNOWN]
            name = data[0] if isinstance(data[0], str) and data[0] not in RESERVED else UNKNOWN
            self.data = [name, *data[1:]]
        return attachments


def on_connect(namespace: str, admit: Callable[[Any], dict[str, str]]) -> None:
    """`admit(auth)` returns what is remembered of the client, or raises AppError: then connect_error
    carries the problem as `data`."""

    def connect(auth: Any = None) -> None:
        g.request_id = new_request_id()
        try:
            known = admit(auth)
        except AppError as error:
            raise Refused(error.title, error.problem()) from None
        except Exception as error:
            raise Refused("Internal Server Error", unexpected(error)) from None
        request.environ[_key(namespace)] = known

    socketio.on("connect", namespace=namespace)(connect)


def refuse_other_namespaces() -> None:
    """Whoever asks for a namespace that is none is told so, in the same way as all who are refused."""

    def connect(_auth: Any = None) -> None:
        raise Refused("Not Found", NotFound("There is no such namespace.").problem())

    socketio.on("connect", namespace="*")(connect)


def on_event(namespace: str, name: str, shape: Schema, run: Callable[[dict[str, str], Ack], Ack | None]) -> None:
    """`run(who, data)` handles a loaded payload; `who` is what `admit` returned."""

    def handle(*args: Any) -> Ack:
        return _answer(lambda: run(_remembered(namespace), load(shape, args[0] if len(args) == 1 else None)))

    socketio.on(name, namespace=namespace)(handle)


def refuse_unknown_events(namespace: str) -> None:
    def handle(*_: Any) -> Ack:
        return _refusal(NotFound("No such event."))

    socketio.on("*", namespace=namespace)(handle)


def auth_text(auth: Any, key: str) -> str:
    """A token from the `auth` of a connect: text, or nothing."""
    if auth is None:
        return ""
    if not isinstance(auth, dict):
        raise Invalid({"auth": ["An object is expected."]})
    value = auth.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid({key: ["Not a valid string."]})
    return value


def _remembered(namespace: str) -> dict[str, str]:
    """What `admit` returned. It is kept in the environ of the handshake, which lives as long as the client."""
    known: dict[str, str] = request.environ.get(_key(namespace), {})
    return known


def _key(namespace: str) -> str:
    return f"deskbell.client{namespace}"


def _answer(action: Callable[[], Ack | None]) -> Ack:
    g.request_id = new_request_id()
    try:
        return {"ok": True, **(action() or {})}
    except AppError as error:
        return _refusal(error)
    except Exception as error:
        return {"ok": False, "error": unexpected(error)}


def _refusal(error: AppError) -> Ack:
    return {"ok": False, "error": error.problem()}
