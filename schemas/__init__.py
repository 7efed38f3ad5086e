"""marshmallow shapes, in and out. Pure: no database, no request, no current user."""
