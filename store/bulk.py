"""Many rows, or many values, through one statement, without SQLAlchemy's work for each of them.

The statement's text and how each value is turned are found once; the driver then gets plain tuples.
"""

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Delete, Dialect, Insert, Select, Update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.compiler import SQLCompiler

from store.sqlite_driver import OneHopConnection

V = TypeVar("V")
Row = Mapping[str, Any]
Getter = Callable[[Row], Any]


def padded(values: Collection[V]) -> list[V]:
    """Return the values of an IN list, the last one repeated up to a power of two.

    Lists of a few lengths make a few statements, each prepared once and kept, instead of one for each length.
    """
    found = list(values)
    if found:
        found += found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found))
    return found


async def run(connection: AsyncConnection, statement: Insert | Update | Delete, rows: Sequence[Row]) -> None:
    """Run a statement for each row; every row has the keys of the first."""
    if not rows:
        return
    sql, getters = _plan(statement, tuple(rows[0]), connection.dialect)
    await connection.exec_driver_sql(sql, [tuple([get(row) for get in getters]) for row in rows])


async def read(connection: AsyncConnection, *asked: tuple[Select[Any], Row]) -> Sequence[Sequence[tuple[Any, ...]]]:
    """Return the rows of queries, each with its parameters, as the driver gives them: for columns of text and numbers.

    On SQLite all in one hop to the connection's thread.
    """
    if not connection.in_transaction():
        _ = await connection.begin()  # they read one state
    plans = []
    for query, parameters in asked:
        sql, getters = _plan(query, tuple(parameters), connection.dialect)
        plans.append((sql, tuple([get(parameters) for get in getters])))
    driver = (await connection.get_raw_connection()).driver_connection
    if isinstance(driver, OneHopConnection):
        found: Sequence[Sequence[tuple[Any, ...]]] = await driver.run(_fetched, driver.raw, plans)
        return found
    return [[tuple(row) for row in await connection.exec_driver_sql(*plan)] for plan in plans]


def _fetched(connection: sqlite3.Connection, plans: Sequence[tuple[str, tuple[Any, ...]]]) -> list[list[Any]]:
    return [connection.execute(*plan).fetchall() for plan in plans]


@lru_cache(512)
def _plan(
    statement: Insert | Update | Delete | Select[Any], names: tuple[str, ...], dialect: Dialect
) -> tuple[str, tuple[Getter, ...]]:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)
    fixed = {name: value for name, value in compiled.params.items() if name not in names}
    return str(compiled), tuple(_getter(compiled, name, fixed, dialect) for name in compiled.positiontup or ())


def _getter(compiled: SQLCompiler, name: str, fixed: Row, dialect: Dialect) -> Getter:
    turn = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
    if name in fixed:
        value = fixed[name] if turn is None else turn(fixed[name])
        return lambda _row: value
    if turn is None:
        return itemgetter(name)
    return lambda row: turn(row[name])
