"""`luzhang audit verify` and `audit export`: is the ledger as it was written, and the ledger as a file.

Exit codes of `verify`: 0 nothing was changed, 1 something was (the first broken entry is named), 2 wrong configuration.
"""

from pathlib import Path

from bot.commands.session import OK, PROBLEM, Session, run, say, say_json
from bot.progress import Progress, Waiting
from domain.ledger import Flaw
from store import Damaged


def verify(config: Path, *, as_json: bool = False) -> int:
    """Check the whole ledger against itself and against the published heads. Raises ConfigError."""

    async def check(session: Session) -> int:
        with Progress(await session.store.ledger.length(), "正在核对台账") as progress:
            flaw = await session.store.ledger.verify(heard=progress.reach if progress.is_watched else None)
        head = await session.store.ledger.latest_head()
        if as_json:
            say_json(_report(flaw, head.printed if head else ""))
        elif flaw:
            say(f"✘ {flaw}")
        else:
            say(f"✔ 台账完整，最近的日校验值：{f'{head.day} {head.printed}' if head else '尚无'}")
        return PROBLEM if flaw else OK

    try:
        return run(config, check)
    except Damaged as damaged:  # the file itself is broken, which is the answer to the question
        if as_json:
            say_json(_report(Flaw("", 0, damaged.text), ""))
        else:
            say(f"✘ {damaged.text}")
        return PROBLEM


def _report(flaw: Flaw | None, head: str) -> dict[str, object]:
    broken = {"stream": flaw.stream, "seq": flaw.seq, "problem": flaw.problem} if flaw else None
    return {"ok": flaw is None, "head": head, "broken": broken}


def export(config: Path, out: Path) -> int:
    """Write the ledger as JSON lines: every entry, then the daily heads. Raises ConfigError."""

    async def write(session: Session) -> int:
        with Waiting("正在导出台账"):
            count = await session.store.ledger.export(out)
        say(f"已导出{count}条台账记录到 {out}。")
        return OK

    return run(config, write)
