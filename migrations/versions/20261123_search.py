"""Full-text search over messages, names and e-mails, kept in step by the database itself.

SQLite: FTS5 tables over the rows of `message` and `contact`, and triggers. PostgreSQL: generated columns.

Revision: 20261123_search
After: 20261123_first
"""

from alembic import op

revision = "20261123_search"
down_revision = "20261123_first"
branch_labels = None
depends_on = None

INDEXED = {"message": ("text",), "contact": ("name", "email")}


def upgrade() -> None:
    make = _make_postgresql if op.get_bind().dialect.name == "postgresql" else _make_sqlite
    for table, columns in INDEXED.items():
        make(table, columns)


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in INDEXED:
        if postgresql:
            op.execute(f"ALTER TABLE {table} DROP COLUMN search")
            continue
        for change in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER {table}_search_{change}")
        op.execute(f"DROP TABLE {table}_search")


def _make_postgresql(table: str, columns: tuple[str, ...]) -> None:
    """Marks inside of addresses and links part words, as FTS5 does it."""
    text = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
    words = f"to_tsvector('simple', translate({text}, '@.:/_-+', '       '))"
    op.execute(f"ALTER TABLE {table} ADD COLUMN search tsvector GENERATED ALWAYS AS ({words}) STORED")
    op.execute(f"CREATE INDEX ix_{table}_search ON {table} USING gin (search)")


def _make_sqlite(table: str, columns: tuple[str, ...]) -> None:
    names = ", ".join(columns)
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("new", "old"))
    op.execute(
        f"CREATE VIRTUAL TABLE {table}_search USING fts5({names}, content='{table}', content_rowid='number',"
        " tokenize='unicode61 remove_diacritics 2')"
    )
    add = f"INSERT INTO {table}_search(rowid, {names}) VALUES (new.number, {new});"
    remove = f"INSERT INTO {table}_search({table}_search, rowid, {names}) VALUES ('delete', old.number, {old});"
    op.execute(f"CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN {add} END")
    op.execute(f"CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN {remove} END")
    op.execute(f"CREATE TRIGGER {table}_search_update AFTER UPDATE OF {names} ON {table} BEGIN {remove} {add} END")
    op.execute(f"INSERT INTO {table}_search({table}_search) VALUES ('rebuild')")
