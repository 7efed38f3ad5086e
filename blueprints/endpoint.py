"""The `endpoint` decorator: what a JSON route takes and answers, said once.

It loads the body or the query with its shape, hands the result to the route as `data`, and keeps what it
was told for the OpenAPI description. A route returns a dict already dumped, or (dict, status).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Response, g, jsonify, request
from marshmallow import Schema, ValidationError

from errors import Forbidden, Invalid, Malformed, UnsupportedType
from models.enums import AgentRole

Route = Callable[..., Any]


@dataclass(frozen=True)
class Description:
    summary: str
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    answers: dict[int, type[Schema]] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    admin: bool = False
    upload: bool = False


def endpoint(
    summary: str,
    *,
    body: type[Schema] | None = None,
    query: type[Schema] | None = None,
    answers: dict[int, type[Schema]],
    problems: tuple[int, ...] = (),
    admin: bool = False,
    upload: bool = False,
) -> Callable[[Route], Route]:
    """`problems`: statuses that this route answers beside those that follow from its shapes and its door.
    `admin`: for owners and admins only. `upload`: the body is multipart/form-data with a `file`."""
    description = Description(summary, body, query, answers, (*problems, 403) if admin else problems, admin, upload)
    shape = (body or query or Schema)()

    def decorate(route: Route) -> Route:
        @wraps(route)
        def run(**path: str) -> Response | tuple[Response, int]:
            if admin and g.agent.role == AgentRole.AGENT:
                raise Forbidden("Only owners and admins may do this.")
            if body is not None:
                path["data"] = load(shape, json_body())
            elif query is not None:
                path["data"] = load(shape, request.args.to_dict())
            result = route(**path)
            answer, status = result if isinstance(result, tuple) else (result, 200)
            return jsonify(answer), status

        run.described = description  # type: ignore[attr-defined]
        return run

    return decorate


def load(shape: Schema, raw: Any) -> dict[str, Any]:
    """The data of a shape, or Invalid with what is wrong with which field."""
    if not isinstance(raw, dict):
        raise Invalid({}, "A JSON object is expected.")
    try:
        loaded: dict[str, Any] = shape.load(raw)
    except ValidationError as error:
        raise Invalid({str(name): _flat(why) for name, why in error.normalized_messages().items()}) from None
    return loaded


def _flat(why: Any, path: str = "") -> list[str]:
    """The messages about a field, those about what is inside of it with their place before them."""
    if isinstance(why, dict):
        return [text for name, inner in why.items() for text in _flat(inner, f"{path}{name}: ")]
    return [f"{path}{text}" for text in (why if isinstance(why, list) else [why])]


def json_body() -> Any:
    """The parsed body. Strict: no NaN, no broken UTF-8, no nesting deeper than the parser goes."""
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedType("Send JSON with Content-Type: application/json.")
    try:
        raw = request.get_data()
        if request.content_length is None:
            request.stream.read(1)  # a chunked body was cut at the limit: reading on raises 413
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError, OSError):
        raise Malformed("The body is not valid JSON.") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
