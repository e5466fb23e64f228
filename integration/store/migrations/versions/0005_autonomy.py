"""Autonomy is earned: what came back after our answers, and every move from rung to rung."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.add_column(sa.Column("drafted", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index("outcome_intent", ["intent", "at"], unique=False)

    op.create_table(
        "echo",
        sa.Column("delivery_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("intent", sa.String(length=40), nullable=False),
        sa.Column("word", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "kind"),
    )
    with op.batch_alter_table("echo", schema=None) as batch_op:
        batch_op.create_index("echo_intent", ["intent", "at"], unique=False)

    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("intent", sa.String(length=40), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.Column("was", sa.String(length=20), nullable=False),
        sa.Column("is_now", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=20), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("intent", "follows", name="step_follows"),
    )


def downgrade() -> None:
    op.drop_table("step")
    with op.batch_alter_table("echo", schema=None) as batch_op:
        batch_op.drop_index("echo_intent")

    op.drop_table("echo")
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.drop_index("outcome_intent")
        batch_op.drop_column("drafted")
