"""`luzhang report …`: a day, a month or a quarter as files, with the figures that `score` prints."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.commands.session import OK, PROBLEM, Session, UsageError, say, say_json
from bot.progress import Progress
from bot.public_copies import copies_of
from domain.casework import day as days
from domain.casework import orders, papers
from domain.casework import quarter as quarters
from domain.casework.work import Work
from domain.month import Month, Quarter, is_quarter
from domain.papers import Album, NothingToShow, Paper, PaperFailed, Poster
from domain.texts.papers import quarter as quarterly
from domain.texts.papers import quarter_letter
from domain.texts.papers.naming import proof_of
from media.fonts import INSTALL, chinese
from media.photos import PhotoStore
from media.press import Press, Templates

_DAY = timedelta(days=1)
Builder = Callable[[Work], Awaitable[Sequence[Paper]]]


async def daily(session: Session, period: str, out: Path, *, as_json: bool) -> int:
    """Write a day's documents, with a written order for each case that stayed overdue through every level."""
    day = _read_day(period)
    start = session.rules.calendar.at(day, time())
    if start > session.now:
        raise UsageError(f"{period}还没有到，请写今天或以前的日期。")
    until = session.rules.calendar.at(day + _DAY, time()) - timedelta(microseconds=1)
    return await _write(session, str(day), lambda work: _day(work, until), out, as_json=as_json)


async def _day(work: Work, until: datetime) -> Sequence[Paper]:
    found = await days.day_report(work, until)
    is_today = work.rules.day(until) == work.day
    return [*found, *(await orders.due_orders(work) if is_today else [])]


async def monthly(session: Session, period: str, out: Path, *, as_json: bool) -> int:
    """Write a month's documents."""
    if is_quarter(period) or period.count("-") > 1:
        raise UsageError(f"“{period}”不是月份，请写成2026-10；季度用 report quarter，日用 report daily。")
    month = Month.parse(period)
    return await _write(session, str(month), lambda work: papers.month_report(work, month), out, as_json=as_json)


async def quarter(session: Session, period: str, out: Path, *, as_json: bool) -> int:
    """Write a quarter's documents."""
    asked = Quarter.parse(period)

    async def build(work: Work) -> Sequence[Paper]:
        scores, head = await quarters.quarter_of(work, asked), await work.view.head()
        imprint = work.rules.imprint
        return [
            quarterly.poster(scores, imprint, head, work.day),
            quarterly.book(scores, imprint, head),
            quarter_letter.letter(scores, imprint, head, work.day),
        ]

    return await _write(session, str(asked), build, out, as_json=as_json)


async def order(session: Session, number: str, out: Path, *, as_json: bool) -> int:
    """Write the order (督办单) for one case."""
    return await _write(session, number, lambda work: orders.order_for(work, number), out, as_json=as_json)


async def _write(session: Session, period: str, build: Builder, out: Path, *, as_json: bool) -> int:
    """Make the papers, write them into a folder, and say what was written; 1 when one could not be made."""
    made = await session.read(build)
    documents = session.config.documents
    store = PhotoStore(session.config.store.media)
    copies = copies_of(session.config, store, session.store, SystemClock())
    press = Press(store, copies, Templates(documents.letter_template, documents.order_template))
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    written: list[Path] = []
    problems: list[str] = []
    notes: list[str] = []
    try:
        with Progress(len(made), "正在生成") as progress:
            for paper in made:
                progress.step(paper.file)
                try:
                    data = await press.render(paper)
                except NothingToShow as nothing:
                    notes.append(f"{paper.file}：{nothing.text}")
                    continue
                except PaperFailed as error:
                    problems.append(f"{paper.file}：{error.text}")
                    continue
                written.append(out / paper.file)
                await asyncio.to_thread(written[-1].write_bytes, data)
    finally:
        await press.close()
    for note in notes:
        sys.stderr.write(f"⚠ {note}\n")
    rules, head = proof_of(made)
    _tell(period, written, problems, head, rules, as_json=as_json)
    if any(isinstance(paper, Poster | Album) for paper in made) and chinese() is None:
        sys.stderr.write(f"本机没有中文字体，图片用拼音代替。安装后重新生成，如 {INSTALL}。\n")
    return PROBLEM if problems else OK


def _tell(
    period: str, written: Sequence[Path], problems: Sequence[str], head: str, rules: Sequence[str], *, as_json: bool
) -> None:
    if as_json:
        files = [{"file": str(path), "kind": path.suffix[1:], "size": path.stat().st_size} for path in written]
        found: dict[str, Any] = {"period": period, "head": head, "rules": list(rules), "files": files}
        say_json({**found, "problems": list(problems)})
        return
    for path in written:
        say(f"已写出 {path}（{_size(path.stat().st_size)}）")
    for problem in problems:
        say(f"✘ {problem}")
    say(f"依据版本：{'、'.join(rules)}；台账校验值：{head or '尚未生成'}")


def _size(size: int) -> str:
    return f"{size / 1024:.0f}KB" if size < 1 << 20 else f"{size / (1 << 20):.1f}MB"


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"“{text}”不是日期，请写成2026-10-05；月用 report month。") from None


def templates(out: Path) -> int:
    """Write the built-in templates, to be edited in Word."""
    from media import letter_templates

    out.mkdir(parents=True, exist_ok=True)
    wanted = (
        ("通报模板.docx", letter_templates.letter_template, letter_templates.LETTER_FIELDS, "letter_template"),
        ("督办单模板.docx", letter_templates.order_template, letter_templates.ORDER_FIELDS, "order_template"),
    )
    for name, make, fields, key in wanted:
        path = out / name
        if path.exists():
            raise UsageError(f"{path} 已存在，未覆盖。请换一个目录，或先改名。")
        path.write_bytes(make())
        say(f'已写出 {path}：在Word里改好后，在配置的[documents]里写 {key} = "{path}"。')
        say(f"  可用字段：{' '.join(f'{{{{{field}}}}}' for field in fields)}")
    return OK
