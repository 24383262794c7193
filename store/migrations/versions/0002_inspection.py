"""What becomes of findings, walks of inspectors, appeals; the sums by month and segment were never read."""

from collections import Counter
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from store.columns import Json, UtcDateTime

revision = "0002"
down_revision = "0001"

YEAR_SPAN = 10**8


def upgrade() -> None:
    """Make the tables, and number the findings at hand in the order in which they were made."""
    op.create_table(
        "finding_standing",
        sa.Column("key", sa.String, nullable=False),
        sa.Column("case_id", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("withdrawn", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_finding_standing")),
    )
    _partial_index("ix_finding_standing_case", "case_id", "case_id <> 0")
    _partial_index("ix_finding_standing_number", "number", "number <> 0")
    op.create_table(
        "walk",
        sa.Column("person", sa.String, nullable=False),
        sa.Column("road", sa.String, nullable=False),
        sa.Column("segments", Json, nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_walk")),
    )
    op.create_table(
        "appeal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=False),
        sa.Column("finding", sa.String, nullable=False),
        sa.Column("month", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("rest", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("finding", name=op.f("uq_appeal_finding")),
    )
    op.create_index(op.f("ix_appeal_month"), "appeal", ["month"])
    _number(op.get_bind())
    op.drop_table("finding_month")


def _partial_index(name: str, column: str, where: str) -> None:
    op.create_index(name, "finding_standing", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _number(connection: sa.Connection) -> None:
    found = sa.table(
        "finding", sa.column("key", sa.String), sa.column("found_at", UtcDateTime), sa.column("category", sa.String)
    )
    standing = sa.table("finding_standing", *(sa.column(name) for name in ("key", "case_id", "number", "withdrawn")))
    zone = ZoneInfo("Asia/Shanghai")
    last: Counter[int] = Counter()
    rows = []
    for row in connection.execute(sa.select(found).order_by(found.c.found_at, found.c.key)).all():
        number = 0
        if row.category:
            year = row.found_at.astimezone(zone).year
            last[year] += 1
            number = year * YEAR_SPAN + last[year]
        rows.append({"key": row.key, "case_id": 0, "number": number, "withdrawn": ""})
    if rows:
        connection.execute(sa.insert(standing), rows)
        counter = sa.table("counter", sa.column("name"), sa.column("value"))
        counts = [{"name": f"finding:{year}", "value": count} for year, count in last.items()]
        if counts:
            connection.execute(sa.insert(counter), counts)


def downgrade() -> None:
    """Take the tables away; the sums come back empty."""
    op.create_table(
        "finding_month",
        sa.Column("month", sa.String, nullable=False),
        sa.Column("segment", sa.String, nullable=False),
        sa.Column("findings", sa.Integer, nullable=False),
        sa.Column("points", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("month", "segment", name=op.f("pk_finding_month")),
    )
    op.execute("DELETE FROM counter WHERE name LIKE 'finding:%' OR name LIKE 'appeal:%'")
    for table in ("appeal", "walk", "finding_standing"):
        op.drop_table(table)
