"""Column types: instants that stay aware, ids, JSON, and text that sorts by code point on every database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, String
from sqlalchemy.types import JSON, TIMESTAMP, TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Return whole microseconds since 1970. Raises ValueError for an instant without an offset."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return (instant - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC instant, exact to the microsecond."""
    return EPOCH + timedelta(microseconds=micros)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in, the same instant in UTC out.

    SQLite has no type for it and gives back text without the offset, so it holds whole microseconds there: exact,
    short and in order. PostgreSQL holds a timestamptz.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the database at hand."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what the driver takes."""
        if value is None:
            return None
        micros = to_micros(value)
        return value if dialect.name == "postgresql" else micros

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the aware UTC instant."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else from_micros(value)


Id = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER names SQLite's own row id
Ordered = String().with_variant(String(collation="C"), "postgresql")
Json = JSON(none_as_null=True)
