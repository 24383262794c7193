"""Where a person stands in the database, whatever the table: found by search, replaced row by row.

Every column that can hold text is searched, so a table added later is covered too. The ledger's own tables are left
out: its entries never name a person, and what ties them to one is erased by itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, String, Table, Text, and_, cast, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import JSON

from domain.erased import ERASED_NAME
from store.schema import ledger, ledger_head, ledger_person, ledger_word, metadata, revision

CHUNK = 500

_LEFT_OUT = {ledger, ledger_head, ledger_person, ledger_word, revision}
_LEAST = 4  # characters of an id that is looked for within words; shorter ones, and short numbers, only as a whole
_LEAST_DIGITS = 7
_PARTS = re.compile(r"([:\n])")
_JSON_ESCAPED = str.maketrans({'"': '\\"', "\\": "\\\\"})


@dataclass(frozen=True)
class Traces:
    """What a person is known by, and the alias that takes its place."""

    ids: tuple[str, ...]  # person id, user ids, "platform:userid"
    names: tuple[str, ...]  # borne by nobody else
    others: tuple[str, ...]  # names of other people that one of `names` is a part of
    alias: str

    @cached_property
    def _whole(self) -> frozenset[str]:
        return frozenset(one.casefold() for one in self.ids)

    @cached_property
    def _within(self) -> re.Pattern[str] | None:
        found = [one for one in self.ids if len(one) >= (_LEAST_DIGITS if one.isdigit() else _LEAST)]
        if not found:
            return None
        either = "|".join(re.escape(one) for one in sorted(found, key=len, reverse=True))
        return re.compile(rf"(?<![A-Za-z0-9_.\-])(?:{either})(?![A-Za-z0-9_@\-]|\.[A-Za-z0-9])", re.IGNORECASE)

    @cached_property
    def _named(self) -> re.Pattern[str] | None:
        # longer names first: a part of somebody else's name is not this person
        known = sorted({*self.names, *self.others}, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, known))) if self.names else None

    def replaced(self, text: str) -> str:
        """Return a text without the person."""
        if text.casefold() in self._whole:
            return self.alias
        if any(one in text for one in (":", "\n")):
            parts = _PARTS.split(text)
            text = "".join(self.alias if part.casefold() in self._whole else part for part in parts)
        if self._within is not None:
            text = self._within.sub(self.alias, text)
        if self._named is not None:
            text = self._named.sub(lambda m: ERASED_NAME if m[0] in self.names else m[0], text)
        return text

    def cleaned(self, value: Any) -> Any:
        """Return a JSON value without the person."""
        if isinstance(value, str):
            return self.replaced(value)
        if isinstance(value, Mapping):
            cleaned = {self.replaced(key): self.cleaned(one) for key, one in value.items()}
            # a name that others bear too goes where it stands beside the id
            mine = [key for key, one in value.items() if isinstance(one, str) and one.casefold() in self._whole]
            return cleaned | {f"{key}_name": ERASED_NAME for key in mine if f"{key}_name" in value}
        return [self.cleaned(one) for one in value] if isinstance(value, list | tuple) else value

    def in_any(self, columns: Iterable[ColumnElement[Any]]) -> ColumnElement[bool]:
        """Return the condition that one of the columns may name the person."""
        spelled = {form for one in (*self.ids, *self.names) for form in (one, one.translate(_JSON_ESCAPED))}
        return or_(*(column.icontains(one, autoescape=True) for column in columns for one in sorted(spelled)))


def _searched(table: Table) -> Iterator[ColumnElement[Any]]:
    for column in table.columns:
        if isinstance(column.type, JSON):
            yield cast(column, Text)
        elif isinstance(column.type, String):
            yield column


async def replace_all(connection: AsyncConnection, traces: Traces) -> int:
    """Put the alias wherever the person stands; return how many rows were changed."""
    tables = [table for table in metadata.sorted_tables if table not in _LEFT_OUT]
    return sum([await _replace(connection, table, traces) for table in tables])


async def _replace(connection: AsyncConnection, table: Table, traces: Traces) -> int:
    found = select(table).where(traces.in_any(_searched(table)))
    changed = 0
    for row in (await connection.execute(found)).mappings().all():
        values = {name: new for name, old in row.items() if (new := traces.cleaned(old)) != _plain(old)}
        if values:
            key = and_(*(column == row[column.name] for column in table.primary_key))
            await connection.execute(update(table).where(key).values(values))
            changed += 1
    return changed


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
