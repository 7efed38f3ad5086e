"""When a visitor was last there.

Revision: 20261123_live
After: 20261123_team
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_live"
down_revision = "20261123_team"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact_identity", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("contact_identity", "seen_at")
