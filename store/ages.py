"""How old the lists are that the service goes by: when each was last imported, and the latest finding."""

from datetime import datetime

from sqlalchemy import func, select

from store.engine import Database
from store.schema import finding, ledger

STREAM, IMPORT = "roster", "import_"  # where the ledger tells of imports


async def imported(database: Database) -> dict[str, datetime]:
    """Return when each kind of list (roster, people, duty) was last imported; one that never was is left out."""
    told = ledger.c.stream == STREAM, ledger.c.kind.startswith(IMPORT, autoescape=True)
    query = select(ledger.c.kind, func.max(ledger.c.at)).where(*told).group_by(ledger.c.kind)
    async with database.reading() as connection:
        return {kind.removeprefix(IMPORT): at for kind, at in (await connection.execute(query)).all()}


async def latest_finding(database: Database) -> datetime | None:
    """Return when the latest finding was made, None without any."""
    async with database.reading() as connection:
        at: datetime | None = (await connection.execute(select(func.max(finding.c.found_at)))).scalar_one()
        return at
