"""The OpenAPI description, made from the routes and the shapes that they really use."""

import re
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import current_app
from marshmallow import Schema, fields
from werkzeug.routing import Rule

from blueprints.endpoint import Description
from blueprints.guard import PUBLIC
from errors import PROBLEM
from schemas.base import Shape

METHODS = ("GET", "POST", "PATCH", "DELETE")
UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream", "format": "binary"}},
}
WHY = {
    400: "Not JSON",
    401: "Not signed in, or the token is not valid",
    403: "Not allowed, or the CSRF token is missing",
    404: "Not there, or not yours",
    409: "In conflict with the present state",
    413: "Too large",
    415: "Not of a kind that is taken here",
    422: "Some fields are not valid",
    429: "Too many requests; see Retry-After",
    503: "Busy; nothing was stored; see Retry-After",
}


class Problem(Shape):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


@cache
def description() -> dict[str, Any]:
    """The whole description as a dict. The map of routes does not change while the process lives."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        title="Deskbell",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": "Messages are written over HTTP; Socket.IO tells of them (docs/events.md)."},
    )
    spec.components.security_scheme("agent", {"type": "http", "scheme": "bearer", "description": "An API token"})
    spec.components.security_scheme("visitor", {"type": "http", "scheme": "bearer", "description": "A visitor token"})
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        described = getattr(current_app.view_functions[rule.endpoint], "described", None)
        if described is not None:
            _add_path(spec, rule, described)
    return spec.to_dict()


def _add_path(spec: APISpec, rule: Rule, described: Description) -> None:
    path = re.sub(r"<(\w+)>", r"{\1}", rule.rule)
    operation: dict[str, Any] = {
        "summary": described.summary,
        "operationId": rule.endpoint.replace(".", "_"),
        "tags": ["Visitor" if rule.endpoint.startswith("widget.") else "Agent"],
        "security": _security(rule.endpoint),
        "parameters": _parameters(rule, described),
        "responses": _responses(rule, described),
    }
    if described.body is not None:
        content = {"application/json": {"schema": described.body}}
        operation["requestBody"] = {"required": True, "content": content}
    if described.upload:
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": UPLOAD}}}
    methods = [method for method in METHODS if method in (rule.methods or ())]
    spec.path(path=path, operations={method.lower(): operation for method in methods})


def _security(endpoint: str) -> list[dict[str, list[str]]]:
    if endpoint in PUBLIC:
        return []
    return [{"visitor": []}] if endpoint.startswith("widget.") else [{"agent": []}]


def _parameters(rule: Rule, described: Description) -> list[dict[str, Any]]:
    in_path = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in sorted(rule.arguments)
    ]
    in_query = [{"in": "query", "schema": described.query}] if described.query else []
    return [*in_path, *in_query]


def _responses(rule: Rule, described: Description) -> dict[str, Any]:
    responses: dict[str, Any] = {
        str(status): {"description": "Done", "content": {"application/json": {"schema": shape}}}
        for status, shape in described.answers.items()
    }
    for status in sorted(_problems(rule, described)):
        content = {PROBLEM: {"schema": Problem}}
        responses[str(status)] = {"description": WHY[status], "content": content}
    return responses


def _problems(rule: Rule, described: Description) -> set[int]:
    """What follows from the door and the shapes, and what the route adds."""
    problems = {429, 503, *described.problems}
    if rule.endpoint not in PUBLIC:
        problems |= {401, 403}
    if described.body is not None:
        problems |= {400, 413, 415, 422}
    if described.upload:
        problems |= {400, 413, 415, 422}
    if described.query is not None:
        problems |= {422}
    return problems


def _name(schema: type[Schema] | Schema) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    return cls.__name__.removesuffix("Shape")
