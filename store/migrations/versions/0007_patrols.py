"""Patrols and meetings of the chiefs, and what they say of a month's shortfall."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "patrol",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", "kind", "day", "place", name=op.f("pk_patrol")),
    )
    op.create_index(op.f("ix_patrol_day"), "patrol", ["day"])
    op.create_table(
        "patrol_reason",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", "person", name=op.f("pk_patrol_reason")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("patrol_reason")
    op.drop_table("patrol")
