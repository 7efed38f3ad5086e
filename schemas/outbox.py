"""What leaves later, as the team's settings show it."""

from marshmallow import fields

from schemas.base import Id, Shape, Timestamp


class OutboxItemShape(Shape):
    id = Id(required=True)
    kind = fields.String(required=True)
    target = fields.String(required=True)
    attempts = fields.Integer(required=True)
    error = fields.String(required=True, allow_none=True)
    dead = fields.Boolean(required=True)
    created_at = Timestamp(required=True)


class OutboxList(Shape):
    items = fields.List(fields.Nested(OutboxItemShape), required=True)


class OutboxItemAnswer(Shape):
    item = fields.Nested(OutboxItemShape, required=True)
