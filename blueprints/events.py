"""What both Socket.IO namespaces share: who is connected, checked events, answers as acks.

The same `access_*` rules hold here as over HTTP. Every event is answered: {ok: true, …}, or
{ok: false, error: {…problem}}; an error nobody expected tells no more than its reference.
"""

from collections.abc import Callable
from typing import Any

from flask import g, request
from flask_socketio import ConnectionRefusedError as Refused
from marshmallow import Schema
from socketio.packet import CONNECT, DISCONNECT, EVENT, Packet

from blueprints.endpoint import load
from blueprints.logs import new_request_id
from errors import AppError, Invalid, NotFound, unexpected
from extensions import socketio

Ack = dict[str, Any]

UNKNOWN = "unknown"  # what a name that cannot be an event's is taken for
RESERVED = frozenset({"connect", "disconnect", "*"})  # names that mean something to the server itself


class EventPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet that is a connect, a disconnect, or an event whose name means only an event to the server.

    Everything else (what is malformed, bytes, acks that nobody asked for) becomes an event that nobody knows.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if kwargs.get("encoded_packet") == "":  # the library does not even decode it
            self.data = [UNKNOWN]

    def decode(self, encoded_packet: Any) -> int:
        try:
            super().decode(encoded_packet)
        except (ValueError, TypeError, LookupError, RecursionError):
            self.packet_type, self.namespace, self.id = EVENT, None, None
            self.data = None
        if self.packet_type in (CONNECT, DISCONNECT):
            return 0
        is_event = self.packet_type == EVENT and isinstance(self.data, list) and self.data
        name = self.data[0] if is_event and isinstance(self.data[0], str) else UNKNOWN
        rest = self.data[1:] if is_event else []
        self.packet_type, self.data = EVENT, [UNKNOWN if name in RESERVED else name, *rest]
        return 0


def on_connect(namespace: str, admit: Callable[[Any], dict[str, str]]) -> None:
    """`admit(auth)` returns what is remembered of the client beside its `sid`, or raises AppError: then
    connect_error carries the problem as `data`."""

    def connect(auth: Any = None) -> None:
        g.request_id = new_request_id()
        try:
            known = {**admit(auth), "sid": request.sid}  # type: ignore[attr-defined]
        except AppError as error:
            raise Refused(error.title, error.problem()) from None
        except Exception as error:
            raise Refused("Internal Server Error", unexpected(error)) from None
        request.environ[_key(namespace)] = known

    socketio.on("connect", namespace=namespace)(connect)


def on_disconnect(namespace: str, leave: Callable[[str], None]) -> None:
    """`leave(sid)` forgets a client that is gone."""

    def disconnect(_reason: Any = None) -> None:
        try:
            leave(request.sid)  # type: ignore[attr-defined]
        except Exception as error:  # nobody is there to be told
            unexpected(error)

    socketio.on("disconnect", namespace=namespace)(disconnect)


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
