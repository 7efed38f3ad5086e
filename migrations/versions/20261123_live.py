"""When a visitor was last there, and what leaves later.

Revision: 20261123_live
After: 20261123_team
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_live"
down_revision = "20261123_team"
branch_labels = None
depends_on = None


MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("contact_identity", sa.Column("seen_at", MOMENT, nullable=True))
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("company_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("target", sa.String(300), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("claim", sa.String(36), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_outbox_company_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.create_index("ix_outbox_due", "outbox", ["dead", "next_at"], unique=False)
    op.create_index("ix_outbox_target", "outbox", ["target", "dead", "number"], unique=False)
    op.create_index("ix_outbox_company", "outbox", ["company_id", "dead", "number"], unique=False)


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_column("contact_identity", "seen_at")
