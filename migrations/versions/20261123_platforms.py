"""What platforms tell, what goes out to them, and how far each customer's conversation has come.

Revision: 20261123_platforms
After: 20261123_live
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_platforms"
down_revision = "20261123_live"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OF_IDENTITY = ("acted_at", "answered_until", "delivered_until", "read_until", "profile_at")

OF_CHANNEL = ("held_until", "last_event_at", "token_expires_at")


def upgrade() -> None:
    for name in OF_IDENTITY:
        op.add_column("contact_identity", sa.Column(name, MOMENT, nullable=True))
    op.add_column("contact_identity", sa.Column("profile_name", sa.String(200), nullable=True))
    op.add_column("channel", sa.Column("state", sa.String(16), nullable=False, server_default="CONNECTED"))
    op.add_column("channel", sa.Column("state_reason", sa.Text(), nullable=True))
    for name in OF_CHANNEL:
        op.add_column("channel", sa.Column(name, MOMENT, nullable=True))
    op.create_table(
        "platform_event",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("channel_id", sa.String(36), nullable=True),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _of_channel("platform_event"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_platform_event")),
        sa.UniqueConstraint("id", name=op.f("uq_platform_event_id")),
    )
    op.create_index("ix_platform_event_due", "platform_event", ["state", "next_at", "number"])
    op.create_index("ix_platform_event_channel", "platform_event", ["channel_id", "state", "number"])
    op.create_table(
        "platform_fact",
        sa.Column("channel_id", sa.String(36), nullable=False),
        sa.Column("mid", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        _of_channel("platform_fact"),
        sa.PrimaryKeyConstraint("channel_id", "mid", "kind", name=op.f("pk_platform_fact")),
    )
    op.create_table(
        "message_part",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("channel_id", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("attachment_id", sa.String(36), nullable=True),
        sa.Column("external_id", sa.String(255), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_part_message_id"), ondelete="CASCADE"
        ),
        _of_channel("message_part"),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_message_part_attachment_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_part")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_message_part_message_id_position")),
        sa.UniqueConstraint("channel_id", "external_id", name=op.f("uq_message_part_channel_id_external_id")),
    )


def downgrade() -> None:
    for table in ("message_part", "platform_fact", "platform_event"):
        op.drop_table(table)
    for name in ("state", "state_reason", *OF_CHANNEL):
        op.drop_column("channel", name)
    for name in (*OF_IDENTITY, "profile_name"):
        op.drop_column("contact_identity", name)


def _of_channel(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["channel_id"], ["channel.id"], name=op.f(f"fk_{table}_channel_id"), ondelete="CASCADE"
    )
