"""All tables, once. Every index serves a look-up of `store`; the migrations build the very same schema."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from domain.photo_facts import BANDS
from store.columns import Id, Json, Ordered, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String, nullable=False),
    Column("platform", String, nullable=False),
    Column("message_id", String, nullable=False),
    Column("payload", Text, nullable=False),  # emptied when done: what matters is in the case by then
    Column("received_at", UtcDateTime, nullable=False),
    Column("is_late", Boolean, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("done_at", UtcDateTime),  # NULL = waits; with an error = parked
    UniqueConstraint("platform", "message_id"),
    _partial("ix_inbox_waiting", "id", where="done_at IS NULL"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),
    Column("open_mark", SmallInteger),  # 1 while somebody must act, else NULL
    Column("category", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("is_hazard", Boolean, nullable=False),
    Column("segment", String, nullable=False),
    Column("township", String, nullable=False),
    Column("reporter", String, nullable=False),
    Column("handler", String, nullable=False),
    Column("chief", String, nullable=False),  # today's
    Column("chain_chief", String, nullable=False),  # the frozen chain's
    Column("second_level", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("platform", String, nullable=False),
    Column("chat_id", String, nullable=False),
    Column("message_id", String, nullable=False),
    Column("reported_at", UtcDateTime, nullable=False),
    Column("ack_due", UtcDateTime),
    Column("due", UtcDateTime),
    Column("handler_due", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("rest", Json, nullable=False),  # all that no query asks for
    Index("ix_cases_handler", "handler", "open_mark"),
    Index("ix_cases_chief", "chief", "open_mark"),
    Index("ix_cases_chain_chief", "chain_chief", "open_mark"),
    Index("ix_cases_second_level", "second_level", "open_mark"),
    Index("ix_cases_reporter", "reporter", "reported_at"),
    Index("ix_cases_segment", "segment", "reported_at"),
    Index("ix_cases_township", "township", "reported_at"),
    Index("ix_cases_category", "category", "reported_at"),
    Index("ix_cases_reported_at", "reported_at"),
    Index("ix_cases_closed_at", "closed_at"),
    _partial("ix_cases_open", "id", where="open_mark IS NOT NULL"),
    _partial("ix_cases_open_due", "due", where="open_mark IS NOT NULL"),
    _partial("ix_cases_message", "platform", "message_id", where="message_id <> ''"),
)

case_photo = Table(
    "case_photo",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    Column("sha256", String, nullable=False, index=True),
    Column("ext", String, nullable=False),
    Column("role", String, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("sender", String, nullable=False),
)

# What is known of a picture beside its bytes; its row may come before the case that holds it.
photo = Table(
    "photo",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("taken_at", UtcDateTime),
    Column("point", Json),  # [longitude, latitude], WGS-84
    Column("watermark", Json),
    Column("grey", LargeBinary, nullable=False),
    Column("alike", Json, nullable=False),  # fingerprints of the pictures it is a copy of
    Column("boxes", Json),  # what is to be blurred; NULL = not looked for
    Column("review", String, nullable=False),
    _partial("ix_photo_review", "review", where="review = 'waiting'"),
)

# One row for each cut of a picture: a copy shares at least one band of sixteen bits with it.
photo_hash = Table(
    "photo_hash",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    *(Column(f"band{band}", Integer, nullable=False, index=True) for band in range(BANDS)),
)

# Pictures whose watermark is still to be read, each for the message that brought it.
photo_wait = Table(
    "photo_wait",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sha256", String, nullable=False),
    Column("ext", String, nullable=False),
    Column("platform", String, nullable=False),
    Column("chat_id", String, nullable=False),
    Column("is_group", Boolean, nullable=False),
    Column("person", String, nullable=False),
    Column("message_id", String, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    UniqueConstraint("platform", "message_id", "sha256"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Id, primary_key=True),  # in the order of commits
    Column("stream", Ordered, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", Text, nullable=False),
    Column("prev", String, nullable=False),
    Column("hash", String, nullable=False),
    UniqueConstraint("stream", "seq"),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("day", Date, primary_key=True),
    Column("streams", Integer, nullable=False),
    Column("hash", String, nullable=False),
    Column("last_id", Id, nullable=False),  # the head covers what was appended after the head before it, up to here
)

# Salts and clear values: erasing a row here leaves the chain valid and its commitment mute. Every word has a salt of
# its own, so that one person's words can go while what others said of the same case stays.
ledger_person = Table(
    "ledger_person",
    metadata,
    Column("person", String, primary_key=True),
    Column("salt", String, nullable=False),
    Column("commitment", String, nullable=False, unique=True),
)

ledger_word = Table(
    "ledger_word",
    metadata,
    Column("stream", Ordered, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
    Column("salt", String, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("target", Ordered, nullable=False),  # platform, kind of place and its id in one text
    Column("about", BigInteger, nullable=False),
    Column("person", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("rank", SmallInteger, nullable=False),  # 0 = urgent
    Column("text", Text),
    Column("digest", String, nullable=False),  # of the text, for quotes
    Column("body", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),  # never moves: it gives the order
    Column("ready_at", UtcDateTime, nullable=False),  # may be tried from here on
    Column("state", String, nullable=False),  # waiting, sending, sent, failed
    Column("tries", SmallInteger, nullable=False),
    Column("in_doubt", Boolean, nullable=False),
    Column("attempt", BigInteger),  # the running one
    Column("robot", String, nullable=False),  # the last one asked
    Column("error", String, nullable=False),
    Column("platform_message_id", String, nullable=False),
    Column("ended_at", UtcDateTime),  # NULL = still to be sent
    Column("head", String),  # key of the post that this is a part of
    _partial("ix_outbox_due", "target", "rank", "due_at", "id", where="ended_at IS NULL"),
    _partial("ix_outbox_order", "target", "about", "due_at", "id", where="ended_at IS NULL"),
    _partial("ix_outbox_ready", "ready_at", where="ended_at IS NULL"),
    _partial("ix_outbox_sending", "id", where="state = 'sending'"),
    _partial("ix_outbox_message", "platform_message_id", where="platform_message_id <> ''"),
    _partial("ix_outbox_digest", "digest", where="digest <> ''"),
    _partial("ix_outbox_head", "head", "due_at", "id", where="head IS NOT NULL"),
    Index("ix_outbox_person", "person", "kind", "due_at"),
    Index("ix_outbox_about", "about"),
    Index("ix_outbox_created_at", "created_at"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("outbox_id", Id, nullable=False, index=True),
    Column("robot", String, nullable=False),
    Column("way", String, nullable=False),
    Column("who", String, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),  # NULL = may still arrive: counts against the limit
    Column("outcome", String, nullable=False),
    Index("ix_attempt_robot", "robot", "finished_at"),
    Index("ix_attempt_finished_at", "finished_at"),
)

# cards that stand in chats and may be changed there
card = Table(
    "card",
    metadata,
    Column("key", String, primary_key=True),  # of the outbox row that brought it
    Column("target", Ordered, nullable=False),
    Column("about", BigInteger, nullable=False, index=True),
    Column("person", String, nullable=False),
    Column("handle", Text, nullable=False),  # the platform's own, opaque here
    Column("shown", String, nullable=False),  # digest of what it shows
    Column("until", UtcDateTime),  # may be changed before; NULL = always
    Column("sent_at", UtcDateTime, nullable=False),
)

robot = Table(
    "robot",
    metadata,
    Column("name", String, primary_key=True),
    Column("until", UtcDateTime, nullable=False),  # silent until then: a penalty, or its window is full
)

timer = Table(
    "timer",
    metadata,
    Column("key", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Index("ix_timer_due_at", "due_at", "key"),
)

question = Table(
    "question",
    metadata,
    Column("id", String, primary_key=True),
    Column("platform", String, nullable=False),
    Column("chat_id", String, nullable=False),
    Column("person", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("options", Json, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("facts", Json, nullable=False),
    Index("ix_question_chat_id", "chat_id"),
    Index("ix_question_person", "person"),
)

gather = Table(
    "gather",
    metadata,
    Column("platform", String, primary_key=True),
    Column("chat_id", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("photos", Json, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("message_id", String, nullable=False),
    Index("ix_gather_chat_id", "chat_id"),
    Index("ix_gather_person", "person"),
)

contact = Table(
    "contact",
    metadata,
    Column("person", String, primary_key=True),
    Column("privacy_told", Boolean, nullable=False),
    Column("unknown_told_at", UtcDateTime),
    Column("last_case", BigInteger, nullable=False),
    Column("last_case_at", UtcDateTime),
    Column("last_chat", String, nullable=False),
)

period = Table(
    "period",
    metadata,
    Column("period", String, primary_key=True),
    Column("facts", Json, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Json),
)

claim = Table(
    "claim",
    metadata,
    Column("job", String, primary_key=True),
    Column("period", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

roster_segment = Table(
    "roster_segment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("segment", String, nullable=False, index=True),
    Column("since", Date),
    Column("until", Date),
    Column("row", Json, nullable=False),
)

roster_post = Table(
    "roster_post",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String, nullable=False),
    Column("role", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("since", Date),
    Column("until", Date),
)

roster_duty = Table(
    "roster_duty",
    metadata,
    Column("id", Id, primary_key=True),
    Column("segment", String, nullable=False),
    Column("person", String, nullable=False),
    Column("weekdays", String, nullable=False),  # "12345"
    Column("since", Date),
    Column("until", Date),
)

roster_person = Table(
    "roster_person",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("unit", String, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("platform", String, primary_key=True),
    Column("folded", String, primary_key=True),  # platforms compare user ids without regard to case
    Column("userid", String, nullable=False),
    Column("person", String, nullable=False, index=True),
)

leave = Table(
    "leave",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("stand_in", String, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
)

room = Table(
    "room",
    metadata,
    Column("platform", String, primary_key=True),
    Column("chat_id", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("purpose", String, nullable=False),
    Column("scope", String, nullable=False),
)

finding = Table(
    "finding",
    metadata,
    Column("key", String, primary_key=True),
    Column("found_at", UtcDateTime, nullable=False),
    Column("segment", String, nullable=False),
    Column("category", String, nullable=False),
    Column("points", Integer, nullable=False),  # whole hundredths, so that sums are exact
    Column("inspector", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("by_book", Boolean, nullable=False),
    Index(
        "ix_finding_by_book",
        "found_at",
        "segment",
        "category",
        "points",
        "by_book",  # SQLite reads from the index alone only with it
        sqlite_where=text("by_book = 1"),
        postgresql_where=text("by_book"),
    ),
    Index("ix_finding_sums", "found_at", "segment", "points", "by_book", "category"),  # a month is summed from it alone
)

# What counts of a month, by segment, kept at every write: a running month is read from here, however long it is.
finding_sum = Table(
    "finding_sum",
    metadata,
    Column("month", Integer, primary_key=True, autoincrement=False),  # 202610
    Column("segment", String, primary_key=True),
    Column("category", String, primary_key=True),  # of points that the rule book gives, else ""
    Column("findings", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),  # hundredths
)

# What became of a finding after it was entered, and what people call it by.
finding_standing = Table(
    "finding_standing",
    metadata,
    Column("key", String, primary_key=True),
    Column("case_id", BigInteger, nullable=False),  # 0 = imported
    Column("number", BigInteger, nullable=False),  # of an imported one: year and sequence; 0 = it goes by its case's
    Column("withdrawn", String, nullable=False),
    _partial("ix_finding_standing_case", "case_id", where="case_id <> 0"),
    _partial("ix_finding_standing_number", "number", where="number <> 0"),
    _partial("ix_finding_standing_withdrawn", "key", "withdrawn", where="withdrawn <> ''"),
)

walk = Table(
    "walk",
    metadata,
    Column("person", String, primary_key=True),
    Column("road", String, nullable=False),
    Column("segments", Json, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
)

appeal = Table(
    "appeal",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("finding", String, nullable=False, unique=True),  # once per deduction
    Column("month", String, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("rest", Json, nullable=False),
)

# What chiefs recorded of their patrols and meetings, each once, and what they say of a month's shortfall.
patrol = Table(
    "patrol",
    metadata,
    Column("person", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("day", Date, primary_key=True, index=True),
    Column("place", String, primary_key=True),
    Column("note", Text, nullable=False),
)

patrol_reason = Table(
    "patrol_reason",
    metadata,
    Column("month", String, primary_key=True),  # "2026-06"
    Column("person", String, primary_key=True),
    Column("text", Text, nullable=False),
)

# as Alembic makes it
revision = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
