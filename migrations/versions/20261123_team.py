"""What a team needs: attachments, sessions with rows, invites, password resets, availability, blocked customers.

Everybody is signed out by it.

Revision: 20261123_team
After: 20261123_search
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_team"
down_revision = "20261123_search"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.String(length=36)


def upgrade() -> None:
    _make_attachment()
    _make_session()
    _make_invite()
    _make_password_reset()
    op.drop_column("agent", "session_epoch")
    op.add_column("agent", sa.Column("availability", sa.String(16), nullable=False, server_default="ONLINE"))
    op.add_column("agent", sa.Column("removed_at", MOMENT, nullable=True))
    op.add_column("api_token", sa.Column("hint", sa.String(8), nullable=False, server_default=""))
    op.add_column("contact", sa.Column("blocked_at", MOMENT, nullable=True))
    op.add_column("channel", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("channel", sa.Column("seen_origin", sa.String(300), nullable=True))
    op.add_column("channel", sa.Column("seen_at", MOMENT, nullable=True))
    op.add_column("company", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("company", "version")
    for column in ("seen_at", "seen_origin", "version"):
        op.drop_column("channel", column)
    op.drop_column("contact", "blocked_at")
    op.drop_column("api_token", "hint")
    op.drop_column("agent", "removed_at")
    op.drop_column("agent", "availability")
    op.add_column("agent", sa.Column("session_epoch", sa.Integer(), nullable=False, server_default="0"))
    for table in ("password_reset", "invite", "agent_session", "attachment"):
        op.drop_table(table)


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _make_attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", ID, nullable=False),
        sa.Column("company_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=True),
        sa.Column("channel_id", ID, nullable=True),
        sa.Column("psid", sa.String(100), nullable=True),
        sa.Column("message_id", ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        _reference("attachment", "company_id", "company", "CASCADE"),
        _reference("attachment", "agent_id", "agent", "SET NULL"),
        _reference("attachment", "channel_id", "channel", "CASCADE"),
        _reference("attachment", "message_id", "message", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("file", name=op.f("uq_attachment_file")),
    )
    op.create_index(op.f("ix_attachment_company_id"), "attachment", ["company_id"], unique=False)
    op.create_index("ix_attachment_unsent", "attachment", ["message_id", "created_at"], unique=False)


def _make_session() -> None:
    op.create_table(
        "agent_session",
        sa.Column("id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.Column("user_agent", sa.String(512), nullable=True),
        sa.Column("address", sa.String(64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        _reference("agent_session", "agent_id", "agent", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_session")),
    )
    op.create_index(op.f("ix_agent_session_agent_id"), "agent_session", ["agent_id"], unique=False)


def _make_invite() -> None:
    op.create_table(
        "invite",
        sa.Column("id", ID, nullable=False),
        sa.Column("company_id", ID, nullable=False),
        sa.Column("invited_by_id", ID, nullable=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _reference("invite", "company_id", "company", "CASCADE"),
        _reference("invite", "invited_by_id", "agent", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invite_token_hash")),
    )
    op.create_index(op.f("ix_invite_company_id"), "invite", ["company_id"], unique=False)


def _make_password_reset() -> None:
    op.create_table(
        "password_reset",
        sa.Column("id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _reference("password_reset", "agent_id", "agent", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_reset_token_hash")),
    )
    op.create_index(op.f("ix_password_reset_agent_id"), "password_reset", ["agent_id"], unique=False)
