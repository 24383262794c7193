"""What was taken back is found without reading what was not."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_INDEX = "ix_finding_standing_withdrawn"


def upgrade() -> None:
    """Give the few an index of their own."""
    few = sa.text("withdrawn <> ''")
    op.create_index(_INDEX, "finding_standing", ["key", "withdrawn"], sqlite_where=few, postgresql_where=few)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(_INDEX, "finding_standing")
