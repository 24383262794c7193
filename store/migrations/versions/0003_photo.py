"""What is known of pictures, what they are recognised by, and which wait to be read."""

import sqlalchemy as sa
from alembic import op

from store.columns import Id, Json, UtcDateTime

revision = "0003"
down_revision = "0002"

BANDS = 4


def upgrade() -> None:
    """Make the tables; pictures kept so far are simply unknown."""
    op.create_table(
        "photo",
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("taken_at", UtcDateTime),
        sa.Column("point", Json),
        sa.Column("watermark", Json),
        sa.Column("grey", sa.LargeBinary, nullable=False),
        sa.Column("alike", Json, nullable=False),
        sa.Column("boxes", Json),
        sa.Column("review", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo")),
    )
    waiting = sa.text("review = 'waiting'")
    op.create_index("ix_photo_review", "photo", ["review"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "photo_hash",
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False, autoincrement=False),
        *(sa.Column(f"band{band}", sa.Integer, nullable=False) for band in range(BANDS)),
        sa.PrimaryKeyConstraint("sha256", "position", name=op.f("pk_photo_hash")),
    )
    for band in range(BANDS):
        op.create_index(op.f(f"ix_photo_hash_band{band}"), "photo_hash", [f"band{band}"])
    op.create_table(
        "photo_wait",
        sa.Column("id", Id, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("ext", sa.String, nullable=False),
        sa.Column("platform", sa.String, nullable=False),
        sa.Column("chat_id", sa.String, nullable=False),
        sa.Column("is_group", sa.Boolean, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("queued_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_wait")),
        sa.UniqueConstraint("platform", "message_id", "sha256", name=op.f("uq_photo_wait_platform_message_id_sha256")),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("photo_wait", "photo_hash", "photo"):
        op.drop_table(table)
