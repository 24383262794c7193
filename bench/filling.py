"""A database with many cases, made by SQL from one real case: its ledger, its post and the message's id with each."""

import contextlib
import sqlite3
from pathlib import Path

_DAY_MICROS = 86_400_000_000
_SHAPES = {
    "cases": {
        "id": "1000000000000 + n",
        "state": "'closed'",
        "category": "'zang.litter'",
        "severity": "'一般'",
        "is_hazard": "0",
        "segment": "printf('B%04d', n % 1250)",
        "township": "printf('第%d街道', n % 10)",
        "reporter": "printf('wecom:r%d', n % 20000)",
        "handler": "printf('chief%d', n % 400)",
        "chief": "printf('chief%d', n % 400)",
        "chain_chief": "printf('chief%d', n % 400)",
        "second_level": "printf('second%d', n % 80)",
        "origin": "'public'",
        "platform": "'wecom'",
        "chat_id": "''",
        "message_id": "printf('old%d', n)",
        "reported_at": "1700000000000000 + n * 1000000",
        "closed_at": "1700000000000000 + n * 1000000 + 7200000000",
        "version": "4",
        "rest": """printf('{"text":"第%d街道路边有垃圾没有人清理，请派人处理一下","place":"路边","photos_at_report":0}', n % 10)""",
    },
    "ledger": {
        "stream": "printf('case:%d', 1000000000000 + n)",
        "seq": "1",
        "at": "1700000000000000 + n * 1000000",
        "kind": "'report'",
        "payload": """printf('{"facts":{"category":"zang.litter","n":%d},"persons":{"reporter":"%s"}}', n, hex(randomblob(16)))""",
        "prev": "'0'",
        "hash": "lower(hex(randomblob(32)))",
    },
    "outbox": {
        "key": "printf('old:%d', n)",
        "target": "printf('wecom' || char(10) || 'p' || char(10) || 'r%d', n % 20000)",
        "about": "1000000000000 + n",
        "person": "printf('wecom:r%d', n % 20000)",
        "kind": "'reply'",
        "rank": "0",
        "text": "printf('已受理，编号%d，将在4小时内处理。', n)",
        "digest": "lower(hex(randomblob(32)))",
        "body": "'{}'",
        "created_at": "1700000000000000 + n * 1000000",
        "due_at": "1700000000000000 + n * 1000000",
        "ready_at": "1700000000000000 + n * 1000000",
        "state": "'sent'",
        "tries": "1",
        "in_doubt": "0",
        "robot": "'wecom.app'",
        "error": "''",
        "platform_message_id": "printf('pm%d', n)",
        "ended_at": "1700000000000000 + n * 1000000",
    },
    "inbox": {
        "channel": "'wecom.app'",
        "platform": "'wecom'",
        "message_id": "lower(hex(randomblob(10)))",
        "payload": "''",
        "received_at": f"(unixepoch() * 1000000) - {_DAY_MICROS}",
        "is_late": "0",
        "tries": "0",
        "error": "''",
        "done_at": f"(unixepoch() * 1000000) - {_DAY_MICROS}",
    },
}


def fill(database: Path, cases: int) -> None:
    """Add so many closed cases. Indexes are dropped meanwhile and made again, which is the fast order."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for pragma in ("synchronous = OFF", "cache_size = -262144", "foreign_keys = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        for table, shape in _SHAPES.items():
            indexes = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
                (table,),
            ).fetchall()
            connection.execute("BEGIN")
            for name, _sql in indexes:
                connection.execute(f'DROP INDEX "{name}"')
            columns, values = ", ".join(f'"{name}"' for name in shape), ", ".join(shape.values())
            connection.execute(
                f"WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {cases})"
                f" INSERT INTO {table} ({columns}) SELECT {values} FROM number"
            )
            for _name, sql in indexes:
                connection.execute(sql)
            connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
