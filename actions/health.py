"""Whether this process can serve."""

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from extensions import db
from store import stopping


def unready() -> str | None:
    """One sentence on why not; None if it can."""
    if stopping():
        return "Stopping."
    try:
        revision = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        return "The database cannot be reached, or it was never migrated."
    return None if revision == newest_revision() else "The database is not migrated to this release."


def newest_revision() -> str | None:
    """The revision that this release needs."""
    return ScriptDirectory(current_app.root_path + "/migrations").get_current_head()
