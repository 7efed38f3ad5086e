"""Shapes of the team's settings: profiles, invites, tokens, sessions."""

from marshmallow import fields, validate

from models.enums import AgentRole, Availability
from schemas.agent import one_of
from schemas.base import Id, Line, Shape, Timestamp
from schemas.pages import NewPassword

# ---- out


class NamedShape(Shape):
    id = Id(required=True)
    name = fields.String(required=True)


class InviteShape(Shape):
    id = Id(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True, validate=one_of(AgentRole))
    invited_by = fields.Nested(NamedShape, required=True, allow_none=True)
    created_at = Timestamp(required=True)
    expires_at = Timestamp(required=True)
    expired = fields.Boolean(required=True)


class InviteList(Shape):
    invites = fields.List(fields.Nested(InviteShape), required=True)


class NewInviteAnswer(Shape):
    """`url` is shown this once. `mailed`: whether it was mailed, too."""

    invite = fields.Nested(InviteShape, required=True)
    url = fields.String(required=True)
    mailed = fields.Boolean(required=True)


class TokenShape(Shape):
    id = Id(required=True)
    name = fields.String(required=True)
    hint = fields.String(required=True)
    agent = fields.Nested(NamedShape, required=True)
    created_at = Timestamp(required=True)


class TokenList(Shape):
    tokens = fields.List(fields.Nested(TokenShape), required=True)


class TokenAnswer(Shape):
    """`secret` is shown this once."""

    token = fields.Nested(TokenShape, required=True)
    secret = fields.String(required=True)


class SessionShape(Shape):
    id = Id(required=True)
    current = fields.Boolean(required=True)
    browser = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    created_at = Timestamp(required=True)
    seen_at = Timestamp(required=True)


class SessionList(Shape):
    sessions = fields.List(fields.Nested(SessionShape), required=True)


# ---- in


class UpdateProfile(Shape):
    name = Line(validate=validate.Length(1, 200, error="Tell your customers your name."))
    availability = fields.String(validate=one_of(Availability))


class ChangePassword(Shape):
    current_password = fields.String(required=True, validate=validate.Length(1, 200))
    new_password = fields.String(required=True, validate=validate.Length(8, 200, error="Use 8 to 200 characters."))


class ChangeRole(Shape):
    role = fields.Enum(AgentRole, required=True)


class CreateInvite(ChangeRole):
    email = Line(required=True, validate=[validate.Length(max=254), validate.Email(error="This is no e-mail address.")])


class CreateToken(Shape):
    name = Line(required=True, validate=validate.Length(1, 100, error="Name it after what uses it."))


class AcceptInvite(NewPassword):
    token = fields.String(required=True)
    name = Line(required=True, validate=validate.Length(1, 200, error="Tell your customers your name."))


class RequestReset(Shape):
    email = Line(required=True, validate=validate.Length(1, 254))


class FinishReset(NewPassword):
    token = fields.String(required=True)
