"""Rows in and out by executemany, with statements that are built once."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Delete, Insert, Table, bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from store import bulk

Row = dict[str, Any]


async def put(connection: AsyncConnection, table: Table, rows: Sequence[Row], *, keep: Collection[str] = ()) -> None:
    """Insert rows; one that is there is replaced, or with `keep` (the columns of a unique key) stays as it is."""
    if rows:
        statement = _upsert(connection.dialect.name, table, tuple(rows[0]), tuple(keep))
        await bulk.run(connection, statement, rows)


@cache
def _upsert(dialect: str, table: Table, names: tuple[str, ...], keep: tuple[str, ...]) -> Insert:
    # kept, because building a statement costs more than running it
    new: sqlite.Insert | postgresql.Insert
    new = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    if keep:
        return new.on_conflict_do_nothing(index_elements=list(keep))
    key = [column.name for column in table.primary_key]
    values = {name: new.excluded[name] for name in names if name not in key}
    return new.on_conflict_do_update(index_elements=key, set_=values)


async def drop(connection: AsyncConnection, table: Table, keys: Sequence[Mapping[str, Any]]) -> None:
    """Delete rows by key; those that are gone don't matter."""
    if keys:
        rows = [{f"k_{name}": value for name, value in key.items()} for key in keys]
        await bulk.run(connection, _delete(table, tuple(keys[0])), rows)


@cache
def _delete(table: Table, names: tuple[str, ...]) -> Delete:
    # a name of its own: SQLAlchemy keeps a column's name for the values of an INSERT or UPDATE
    return delete(table).where(*(table.c[name] == bindparam(f"k_{name}") for name in names))
