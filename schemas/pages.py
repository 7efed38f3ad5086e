"""Forms of the pages for people."""

from marshmallow import fields, validate

from schemas.base import Line, Shape


class SignIn(Shape):
    email = Line(required=True, validate=validate.Length(1, 254))
    password = fields.String(required=True, validate=validate.Length(1, 200))


class NewPassword(Shape):
    """The rules for a password that is being chosen."""

    password = fields.String(required=True, validate=validate.Length(8, 200, error="Use 8 to 200 characters."))


class SetUp(NewPassword):
    token = fields.String(required=True)
    company = Line(required=True, validate=validate.Length(1, 200, error="Name your company."))
    name = Line(required=True, validate=validate.Length(1, 200, error="Tell your customers your name."))
    email = Line(required=True, validate=[validate.Length(max=254), validate.Email(error="This is no e-mail address.")])
