"""How every document names things: days, flags, cases, and the sources that prove its figures."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from domain.flags import FLAG_NAMES, Flag
from domain.imprint import Imprint
from domain.papers import Book, Cell, Enclosure, Form, Grid, Link, Paper, clean

DRAFT = "代拟稿"
UNSET_HEAD = "尚未生成"
_RULES, _HEAD = "依据版本：", "　台账校验值："


def source(rules: Sequence[str], head: str) -> str:
    """Return the line that proves the figures: rule versions and the ledger's head."""
    return f"{_RULES}{'、'.join(rules) or '—'}{_HEAD}{head or UNSET_HEAD}"


def proof_of(papers: Sequence[Paper]) -> tuple[list[str], str]:
    """Return the rule versions and the ledger's head that papers of one period print."""
    printed = [paper.footer for paper in papers if isinstance(paper, Book)]
    printed += [dict(paper.fields)["依据"] for paper in papers if isinstance(paper, Form)]
    rules, _, head = (printed or [""])[0].removeprefix(_RULES).partition(_HEAD)
    return [name for name in rules.split("、") if name], "" if head == UNSET_HEAD else head


def day(value: date) -> str:
    """Return 2026年6月3日."""
    return f"{value.year}年{value.month}月{value.day}日"


def issued(value: date, *, is_final: bool) -> str:
    """Return 2026年6月3日印发, of a draft with the day left blank."""
    return f"{day(value) if is_final else '　　年　月　日'}印发"


def enclosures(found: Iterable[tuple[str, Sequence[Grid]]]) -> tuple[Enclosure, ...]:
    """Return what goes with a letter (附件) in order, each (title, tables); those without tables are left out."""
    kept = [(title, tuple(grids)) for title, grids in found if grids]
    labels = [f"附件{number}" for number in range(1, len(kept) + 1)] if len(kept) > 1 else ["附件"]
    return tuple(Enclosure(label, title, grids) for label, (title, grids) in zip(labels, kept, strict=False))


def flag(value: Flag | None) -> str:
    """Return 红旗, 黑旗 or nothing."""
    return FLAG_NAMES[value] if value else ""


def total(points: Sequence[Decimal]) -> Decimal:
    """Return the sum of deductions."""
    return sum(points, Decimal(0))


def said(text: str) -> str:
    """Return what a person wrote, in one line and without phone numbers."""
    return clean(" ".join(text.split()))


def case(number: str, imprint: Imprint) -> Cell:
    """Return a case's number, as a link where cases are shown."""
    url = imprint.address(number)
    return Link(number, url) if url else number
