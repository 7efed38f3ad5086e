"""Shapes of the platforms' channels and of their journal."""

import json
from typing import Any

from marshmallow import fields, validate

from models.enums import EventState, Platform
from schemas.agent import one_of
from schemas.base import Flag, Id, Line, QueryCount, Shape, Timestamp

# ---- out


class EventShape(Shape):
    """An event of the journal. `event` is what the platform said; `reason` why it was ignored, or failed."""

    id = Id(required=True)
    number = fields.Integer(required=True)
    platform = fields.String(required=True, validate=one_of(Platform))
    channel_id = Id(required=True, allow_none=True)
    state = fields.String(required=True, validate=one_of(EventState))
    reason = fields.String(required=True, allow_none=True)
    event = fields.Function(lambda row: _event(row), required=True)
    created_at = Timestamp(required=True)


def _event(row: Any) -> Any:
    return json.loads(row.item)


class EventAnswer(Shape):
    event = fields.Nested(EventShape, required=True)


class EventPage(Shape):
    """`nextBefore`: ask with `?before=` for older ones; null: there are none."""

    events = fields.List(fields.Nested(EventShape), required=True)
    next_before = fields.Integer(required=True, allow_none=True)


# ---- in


class ListEvents(Shape):
    state = fields.String(load_default=None, validate=one_of(EventState))
    before = QueryCount(load_default=None)


class ConnectChannel(Shape):
    platform = fields.String(required=True, validate=one_of([one for one in Platform if one != Platform.WIDGET]))
    external_id = Line(required=True, validate=validate.Regexp(r"^[\x21-\x7e]{1,100}\Z", error="Not an id."))
    access_token = Line(required=True, validate=validate.Length(1, 1000))
    name = Line(load_default="", validate=validate.Length(max=200))


class ConnectTicket(Shape):
    ticket = fields.String(required=True, validate=validate.Length(1, 10_000))


class ChangePlatform(Shape):
    human_agent = Flag()
