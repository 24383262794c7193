"""A salt for every word of the ledger; points as whole hundredths, with their sums by month and segment."""

import sqlalchemy as sa
from alembic import op

from store.columns import UtcDateTime

revision = "0005"
down_revision = "0004"

_ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_FINDING = "key, found_at, segment, category, points, inspector, note, by_book"


def upgrade() -> None:
    """Each word keeps its stream's salt, by which its promise was made; later words get one of their own."""
    _replace("ledger_word", "pk_ledger_word")
    op.create_table("ledger_word", *_word_columns(), sa.Column("salt", sa.String, nullable=False), _word_key())
    op.execute(
        "INSERT INTO ledger_word (stream, seq, name, value, salt) SELECT w.stream, w.seq, w.name, w.value, s.salt"
        " FROM old_table w JOIN ledger_salt s ON s.stream = w.stream"
    )
    op.drop_table("old_table")
    op.drop_table("ledger_salt")
    op.drop_index("ix_finding_found_at", "finding")
    _findings(sa.Integer(), "CAST(round(CAST(points AS NUMERIC) * 100) AS INTEGER)")
    op.create_index(
        "ix_finding_by_book",
        "finding",
        ["found_at", "segment", "category", "points", "by_book"],
        sqlite_where=sa.text("by_book = 1"),
        postgresql_where=sa.text("by_book"),
    )
    op.create_index("ix_finding_sums", "finding", ["found_at", "segment", "points", "by_book", "category"])
    op.create_table(
        "finding_sum",
        sa.Column("month", sa.Integer, nullable=False),
        sa.Column("segment", sa.String, nullable=False),
        sa.Column("category", sa.String, nullable=False),
        sa.Column("findings", sa.Integer, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("month", "segment", "category", name=op.f("pk_finding_sum")),
    )


def downgrade() -> None:
    """Put one salt a stream back; words with another lose their promise, so they go."""
    op.drop_table("finding_sum")
    op.drop_index("ix_finding_sums", "finding")
    op.drop_index("ix_finding_by_book", "finding")
    _findings(sa.String(), "CAST(points / 100.0 AS VARCHAR)")
    op.create_index("ix_finding_found_at", "finding", ["found_at"])
    op.create_table(
        "ledger_salt",
        sa.Column("stream", sa.String, nullable=False),
        sa.Column("salt", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_ledger_salt")),
    )
    op.execute("INSERT INTO ledger_salt SELECT stream, min(salt) FROM ledger_word GROUP BY stream")
    _replace("ledger_word", "pk_ledger_word")
    op.create_table("ledger_word", *_word_columns(), _word_key())
    op.execute(
        "INSERT INTO ledger_word (stream, seq, name, value) SELECT w.stream, w.seq, w.name, w.value"
        " FROM old_table w JOIN ledger_salt s ON s.stream = w.stream AND s.salt = w.salt"
    )
    op.drop_table("old_table")


def _word_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("stream", _ORDERED, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    ]


def _word_key() -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("stream", "seq", "name", name=op.f("pk_ledger_word"))


def _findings(points: sa.Integer | sa.String, converted: str) -> None:
    """Make the table anew with another type of points."""
    _replace("finding", "pk_finding")
    op.create_table(
        "finding",
        sa.Column("key", sa.String, nullable=False),
        sa.Column("found_at", UtcDateTime, nullable=False),
        sa.Column("segment", sa.String, nullable=False),
        sa.Column("category", sa.String, nullable=False),
        sa.Column("points", points, nullable=False),
        sa.Column("inspector", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("by_book", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_finding")),
    )
    values = _FINDING.replace("points", converted)
    op.execute(f"INSERT INTO finding ({_FINDING}) SELECT {values} FROM old_table")
    op.drop_table("old_table")


def _replace(table: str, key: str) -> None:
    """Put a table aside, so that one of another shape can take its name."""
    op.rename_table(table, "old_table")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE old_table DROP CONSTRAINT {key}")
