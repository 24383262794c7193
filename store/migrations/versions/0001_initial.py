"""The first schema. A copy that stays as it is, whatever `store.schema` becomes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ORDERED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
JSON_TEXT = sa.JSON(none_as_null=True)

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _partial(name: str, *columns: str, where: str) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


sa.Table(
    "inbox",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("platform", sa.String, nullable=False),
    sa.Column("message_id", sa.String, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("received_at", INSTANT, nullable=False),
    sa.Column("is_late", sa.Boolean, nullable=False),
    sa.Column("tries", sa.SmallInteger, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("done_at", INSTANT),
    sa.UniqueConstraint("platform", "message_id"),
    _partial("ix_inbox_waiting", "id", where="done_at IS NULL"),
)

sa.Table(
    "cases",
    metadata,
    sa.Column("id", ID, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("open_mark", sa.SmallInteger),
    sa.Column("category", sa.String, nullable=False),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("is_hazard", sa.Boolean, nullable=False),
    sa.Column("segment", sa.String, nullable=False),
    sa.Column("township", sa.String, nullable=False),
    sa.Column("reporter", sa.String, nullable=False),
    sa.Column("handler", sa.String, nullable=False),
    sa.Column("chief", sa.String, nullable=False),
    sa.Column("chain_chief", sa.String, nullable=False),
    sa.Column("second_level", sa.String, nullable=False),
    sa.Column("origin", sa.String, nullable=False),
    sa.Column("platform", sa.String, nullable=False),
    sa.Column("chat_id", sa.String, nullable=False),
    sa.Column("message_id", sa.String, nullable=False),
    sa.Column("reported_at", INSTANT, nullable=False),
    sa.Column("ack_due", INSTANT),
    sa.Column("due", INSTANT),
    sa.Column("handler_due", INSTANT),
    sa.Column("closed_at", INSTANT),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("rest", JSON_TEXT, nullable=False),
    sa.Index("ix_cases_handler", "handler", "open_mark"),
    sa.Index("ix_cases_chief", "chief", "open_mark"),
    sa.Index("ix_cases_chain_chief", "chain_chief", "open_mark"),
    sa.Index("ix_cases_second_level", "second_level", "open_mark"),
    sa.Index("ix_cases_reporter", "reporter", "reported_at"),
    sa.Index("ix_cases_segment", "segment", "reported_at"),
    sa.Index("ix_cases_township", "township", "reported_at"),
    sa.Index("ix_cases_category", "category", "reported_at"),
    sa.Index("ix_cases_reported_at", "reported_at"),
    sa.Index("ix_cases_closed_at", "closed_at"),
    _partial("ix_cases_open", "id", where="open_mark IS NOT NULL"),
    _partial("ix_cases_open_due", "due", where="open_mark IS NOT NULL"),
    _partial("ix_cases_message", "platform", "message_id", where="message_id <> ''"),
)

sa.Table(
    "case_photo",
    metadata,
    sa.Column("case_id", ID, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    sa.Column("position", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("sha256", sa.String, nullable=False, index=True),
    sa.Column("ext", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("received_at", INSTANT, nullable=False),
    sa.Column("sender", sa.String, nullable=False),
)

sa.Table(
    "ledger",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("stream", ORDERED, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("at", INSTANT, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("prev", sa.String, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sa.UniqueConstraint("stream", "seq"),
)

sa.Table(
    "ledger_head",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("streams", sa.Integer, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sa.Column("last_id", ID, nullable=False),
)

sa.Table(
    "ledger_person",
    metadata,
    sa.Column("person", sa.String, primary_key=True),
    sa.Column("salt", sa.String, nullable=False),
    sa.Column("commitment", sa.String, nullable=False, unique=True),
)

sa.Table(
    "ledger_salt",
    metadata,
    sa.Column("stream", sa.String, primary_key=True),
    sa.Column("salt", sa.String, nullable=False),
)

sa.Table(
    "ledger_word",
    metadata,
    sa.Column("stream", ORDERED, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

sa.Table(
    "outbox",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("key", sa.String, nullable=False, unique=True),
    sa.Column("target", ORDERED, nullable=False),
    sa.Column("about", sa.BigInteger, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("body", JSON_TEXT, nullable=False),
    sa.Column("created_at", INSTANT, nullable=False),
    sa.Column("due_at", INSTANT, nullable=False),
    sa.Column("ready_at", INSTANT, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("tries", sa.SmallInteger, nullable=False),
    sa.Column("in_doubt", sa.Boolean, nullable=False),
    sa.Column("attempt", sa.BigInteger),
    sa.Column("robot", sa.String, nullable=False),
    sa.Column("error", sa.String, nullable=False),
    sa.Column("platform_message_id", sa.String, nullable=False),
    sa.Column("ended_at", INSTANT),
    _partial("ix_outbox_due", "target", "rank", "due_at", "id", where="ended_at IS NULL"),
    _partial("ix_outbox_order", "target", "about", "due_at", "id", where="ended_at IS NULL"),
    _partial("ix_outbox_ready", "ready_at", where="ended_at IS NULL"),
    _partial("ix_outbox_sending", "id", where="state = 'sending'"),
    _partial("ix_outbox_message", "platform_message_id", where="platform_message_id <> ''"),
    _partial("ix_outbox_digest", "digest", where="digest <> ''"),
    sa.Index("ix_outbox_person", "person", "kind", "due_at"),
    sa.Index("ix_outbox_about", "about"),
    sa.Index("ix_outbox_created_at", "created_at"),
)

sa.Table(
    "attempt",
    metadata,
    sa.Column("id", ID, primary_key=True, autoincrement=False),
    sa.Column("outbox_id", ID, nullable=False, index=True),
    sa.Column("robot", sa.String, nullable=False),
    sa.Column("way", sa.String, nullable=False),
    sa.Column("who", sa.String, nullable=False),
    sa.Column("started_at", INSTANT, nullable=False),
    sa.Column("finished_at", INSTANT),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Index("ix_attempt_robot", "robot", "finished_at"),
    sa.Index("ix_attempt_finished_at", "finished_at"),
)

sa.Table(
    "robot",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("until", INSTANT, nullable=False),
)

sa.Table(
    "timer",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("due_at", INSTANT, nullable=False),
    sa.Index("ix_timer_due_at", "due_at", "key"),
)

sa.Table(
    "question",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("platform", sa.String, nullable=False),
    sa.Column("chat_id", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("case_id", sa.BigInteger, nullable=False),
    sa.Column("options", JSON_TEXT, nullable=False),
    sa.Column("asked_at", INSTANT, nullable=False),
    sa.Column("until", INSTANT, nullable=False),
    sa.Column("facts", JSON_TEXT, nullable=False),
    sa.Index("ix_question_chat_id", "chat_id"),
    sa.Index("ix_question_person", "person"),
)

sa.Table(
    "gather",
    metadata,
    sa.Column("platform", sa.String, primary_key=True),
    sa.Column("chat_id", sa.String, primary_key=True),
    sa.Column("person", sa.String, primary_key=True),
    sa.Column("photos", JSON_TEXT, nullable=False),
    sa.Column("started_at", INSTANT, nullable=False),
    sa.Column("until", INSTANT, nullable=False),
    sa.Column("message_id", sa.String, nullable=False),
    sa.Index("ix_gather_chat_id", "chat_id"),
    sa.Index("ix_gather_person", "person"),
)

sa.Table(
    "contact",
    metadata,
    sa.Column("person", sa.String, primary_key=True),
    sa.Column("privacy_told", sa.Boolean, nullable=False),
    sa.Column("unknown_told_at", INSTANT),
    sa.Column("last_case", sa.BigInteger, nullable=False),
    sa.Column("last_case_at", INSTANT),
    sa.Column("last_chat", sa.String, nullable=False),
)

sa.Table(
    "period",
    metadata,
    sa.Column("period", sa.String, primary_key=True),
    sa.Column("facts", JSON_TEXT, nullable=False),
)

sa.Table(
    "setting",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", JSON_TEXT),
)

sa.Table(
    "claim",
    metadata,
    sa.Column("job", sa.String, primary_key=True),
    sa.Column("period", sa.String, primary_key=True),
    sa.Column("at", INSTANT, nullable=False),
)

sa.Table(
    "counter",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

sa.Table(
    "heartbeat",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("at", INSTANT, nullable=False),
)

sa.Table(
    "roster_segment",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("segment", sa.String, nullable=False, index=True),
    sa.Column("since", sa.Date),
    sa.Column("until", sa.Date),
    sa.Column("row", JSON_TEXT, nullable=False),
)

sa.Table(
    "roster_post",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("unit", sa.String, nullable=False),
    sa.Column("since", sa.Date),
    sa.Column("until", sa.Date),
)

sa.Table(
    "roster_duty",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("segment", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("weekdays", sa.String, nullable=False),
    sa.Column("since", sa.Date),
    sa.Column("until", sa.Date),
)

sa.Table(
    "roster_person",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("unit", sa.String, nullable=False),
)

sa.Table(
    "account",
    metadata,
    sa.Column("platform", sa.String, primary_key=True),
    sa.Column("folded", sa.String, primary_key=True),
    sa.Column("userid", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False, index=True),
)

sa.Table(
    "leave",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person", sa.String, nullable=False, index=True),
    sa.Column("stand_in", sa.String, nullable=False),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
)

sa.Table(
    "room",
    metadata,
    sa.Column("platform", sa.String, primary_key=True),
    sa.Column("chat_id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("purpose", sa.String, nullable=False),
    sa.Column("scope", sa.String, nullable=False),
)

sa.Table(
    "finding",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("found_at", INSTANT, nullable=False, index=True),
    sa.Column("segment", sa.String, nullable=False),
    sa.Column("category", sa.String, nullable=False),
    sa.Column("points", sa.String, nullable=False),
    sa.Column("inspector", sa.String, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("by_book", sa.Boolean, nullable=False),
)

sa.Table(
    "finding_month",
    metadata,
    sa.Column("month", sa.String, primary_key=True),
    sa.Column("segment", sa.String, primary_key=True),
    sa.Column("findings", sa.Integer, nullable=False),
    sa.Column("points", sa.String, nullable=False),
)


def upgrade() -> None:
    """Make all tables."""
    metadata.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Drop all tables."""
    metadata.drop_all(op.get_bind(), checkfirst=False)
