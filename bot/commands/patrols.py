"""`luzhang import patrols FILE`: what liaison officers record for chiefs, whole or not at all."""

from collections import Counter
from functools import partial
from pathlib import Path

from bot.commands.session import OK, Session, require_file, say
from bot.tables_in import read_rows
from domain.casework import patrolling
from domain.imports.patrols import parse_patrols
from domain.patrols import PatrolKind
from domain.texts.patrols import KIND_NAMES


async def take(session: Session, file: Path, *, dry_run: bool) -> int:
    """Import records. Raises ImportRefused with every wrong line; then nothing is saved."""
    require_file(file)
    roster = await session.store.rosters.load()
    found = parse_patrols(file.name, read_rows(file), roster=roster, quotas=session.rules.patrols, today=session.today)
    keep = partial(patrolling.take, records=found)
    fresh = (await session.read(keep)).patrols
    if not dry_run:
        await session.decide(keep)
    kinds = Counter(one.kind for one in fresh)
    counted = "、".join(f"{KIND_NAMES[kind]}{kinds[kind]}次" for kind in PatrolKind)
    say(f"新登记{counted}，此前已登记的{len(found) - len(fresh)}次不变。")
    say("试运行，未保存。" if dry_run else "已保存。")
    return OK
