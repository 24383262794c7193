"""What is kept: inbox, outbox, cases, ledger, roster, timers and findings, on SQLite or PostgreSQL."""

from store.errors import AlreadyClaimed, Damaged
from store.findings import Findings
from store.inbox import Inbox, InboxRow
from store.intake import Intake
from store.ledger import Recorded
from store.ledger_store import LedgerStore
from store.lock import single_instance
from store.outbox import Delivery, Outbox, OutboxRow
from store.roster import RosterStore
from store.store import Store
from store.timers import Timers
from store.view import Planner, SqlView

__all__ = [
    "AlreadyClaimed",
    "Damaged",
    "Delivery",
    "Findings",
    "Inbox",
    "InboxRow",
    "Intake",
    "LedgerStore",
    "Outbox",
    "OutboxRow",
    "Planner",
    "Recorded",
    "RosterStore",
    "SqlView",
    "Store",
    "Timers",
    "single_instance",
]
