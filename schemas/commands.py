"""What the commands of the command line are given. The operator may choose short passwords."""

from marshmallow import fields, validate

from models.enums import AgentRole
from schemas.base import Line, Shape
from schemas.platforms import ConnectChannel


class Credentials(Shape):
    email = Line(required=True, validate=[validate.Length(max=254), validate.Email()])
    password = fields.String(required=True, validate=validate.Length(1, 200))


class NewCompany(Credentials):
    name = Line(required=True, validate=validate.Length(1, 200))


class NewAgent(Credentials):
    company_id = fields.String(required=True)
    role = fields.Enum(AgentRole, required=True)


class NewChannel(ConnectChannel):
    name = Line(required=True, validate=validate.Length(1, 200))
