"""Posts may consist of parts (pictures, files, further text), and cards that stand in chats are known."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column and the table."""
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("head", sa.String))
    where = sa.text("head IS NOT NULL")
    op.create_index("ix_outbox_head", "outbox", ["head", "due_at", "id"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "card",
        sa.Column("key", sa.String, nullable=False),
        sa.Column("target", ORDERED, nullable=False),
        sa.Column("about", sa.BigInteger, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("handle", sa.Text, nullable=False),
        sa.Column("shown", sa.String, nullable=False),
        sa.Column("until", INSTANT),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_card"),
    )
    op.create_index("ix_card_about", "card", ["about"])


def downgrade() -> None:
    """Take both away."""
    op.drop_table("card")
    op.drop_index("ix_outbox_head", "outbox")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("head")
