"""Corrections made in the sidebar: who made them, and where."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("correction", sa.Column("by", sa.BigInteger()))
    op.add_column("correction", sa.Column("source", sa.String(10), nullable=False, server_default="field"))


def downgrade() -> None:
    op.drop_column("correction", "source")
    op.drop_column("correction", "by")
