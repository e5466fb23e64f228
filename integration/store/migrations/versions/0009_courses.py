"""How each ticket went, one row per ticket."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course",
        sa.Column("ticket_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("requester_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("intent", sa.String(40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_reply_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_person_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("reopens", sa.Integer(), nullable=False),
        sa.Column("customer_messages", sa.Integer(), nullable=False),
        sa.Column("agent_messages", sa.Integer(), nullable=False),
        sa.Column("our_replies", sa.Integer(), nullable=False),
        sa.Column("asked_again", sa.Integer(), nullable=True),
        sa.Column("wanted_person", sa.Boolean(), nullable=False),
        sa.Column("way_out", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.String(8), nullable=False),
        sa.Column("first_message_id", sa.BigInteger(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_sentiment", sa.String(20), nullable=True),
        sa.Column("first_polarity", sa.Float(), nullable=True),
        sa.Column("first_charge", sa.String(20), nullable=True),
        sa.Column("last_message_id", sa.BigInteger(), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sentiment", sa.String(20), nullable=True),
        sa.Column("last_polarity", sa.Float(), nullable=True),
        sa.Column("last_charge", sa.String(20), nullable=True),
        sa.Column("worst", sa.String(20), nullable=True),
        sa.Column("kept_by", sa.String(20), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("touched", sa.Boolean(), nullable=False),
        sa.Column("drafted", sa.Boolean(), nullable=False),
        sa.Column("held", sa.JSON(), nullable=False),
        sa.Column("corrected", sa.String(80), nullable=False),
        sa.Column("judged", sa.String(80), nullable=False),
        sa.Column("promises_open", sa.Integer(), nullable=False),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index("course_asked", ["asked_at"], unique=False)
        batch_op.create_index("course_requester", ["requester_id"], unique=False)
        batch_op.create_index("course_seen", ["seen_at"], unique=False)
        batch_op.create_index("course_open", ["solved", "promises_open"], unique=False)
        batch_op.create_index("course_carried", ["solved", "last_charge"], unique=False)


def downgrade() -> None:
    op.drop_table("course")
