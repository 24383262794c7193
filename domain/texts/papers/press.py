"""The month for the media (S70): a text ready to print, every party's score, out of what was published alone.

Shops are named only once the office has checked them and nobody objects any more, for before they stand in no published
figure (S62, S65). Who is called to account is not in it: that is published by itself, after its approval (S80, S91).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.assessment import SEQUENCE_NAMES, UNSET_GRADE, Cutoffs, SequenceKind
from domain.flags import FLAG_NAMES, Flag
from domain.imprint import Imprint
from domain.papers import Grid, Letter, Level, Paragraph
from domain.printed import PrintedMonth, PrintedRow
from domain.texts.papers.naming import day, enclosures, flag

MARK, TABLES = "供媒体刊播", "考评成绩表"
_NOT_RANKED = "—"
_MAIN = 5  # problems that are named
_LONG = 20  # rows from which on a table stands in two halves side by side
_HEAD, _WIDTHS = ("名次", "名称", "得分", "挂旗"), (9, 21, 12, 8)


@dataclass(frozen=True, slots=True)
class PressFacts:
    """Everything that the text for the media prints."""

    printed: PrintedMonth
    imprint: Imprint
    rule_title: str  # without 《》
    published_on: date
    is_corrected: bool
    problems: Sequence[tuple[str, int]]  # names with their counts, the most frequent first
    cutoffs: Cutoffs | None
    praised: Sequence[str]  # shops
    exposed: Sequence[str]
    basis: str  # versions and the ledger's head


def release(facts: PressFacts) -> Letter:
    """Return the text with the table of all scores."""
    city, title = facts.imprint.city, facts.printed.month.title
    return Letter(
        file=f"{title}媒体通稿.docx",
        office=facts.imprint.office,
        number="",
        mark=MARK,
        title=f"{city}公布{title}份\n路长制考评结果",
        recipient="",
        body=tuple(_body(facts)),
        signature=f"供稿：{facts.imprint.office}",
        day=day(facts.published_on),
        enclosures=enclosures([(TABLES, [_grid(name, rows) for name, rows in _lists(facts.printed)])]),
        source=f"依据：{facts.basis}",
        dated=facts.printed.month.last,
    )


def plain(facts: PressFacts) -> str:
    """Return the same as plain text, to be read out or pasted."""
    letter = release(facts)
    lines = ["".join(letter.title.split("\n")), "", *(f"　　{paragraph.text}" for paragraph in letter.body), ""]
    for name, rows in _lists(facts.printed):
        lines += [f"【{name}】", *("　".join(part for part in _line(row) if part) for row in rows), ""]
    return "\n".join([*lines, letter.signature, letter.day, letter.source, ""])


def _body(facts: PressFacts) -> Iterator[Paragraph]:
    month, printed = facts.printed.month, facts.printed
    counted = "、".join(_count(kind, printed) for kind in SequenceKind if _of(printed, kind))
    yield Paragraph(
        f"根据《{facts.rule_title}》，{facts.imprint.office}对{month.title}份城市管理情况进行了督查考评，"
        f"参加考评的有{counted}。考评结果已通报，现向社会公布。"
    )
    if facts.is_corrected:
        yield Paragraph("此前公布的数据经核实作了更正，以本稿为准。")
    parts = [(SEQUENCE_NAMES[kind], _flags(printed, kind)) for kind in _flagged(printed)]
    parts.append(("主要问题", _problems(facts)))
    if facts.praised or facts.exposed:
        parts.append(("门店评比", _shops(facts)))
    for number, (title, text) in zip("一二三四五六", parts, strict=False):
        yield Paragraph(f"{number}、{title}", Level.FIRST)
        yield Paragraph(text)
    yield Paragraph(_explained(facts))


def _explained(facts: PressFacts) -> str:
    """Return how the table is to be read."""
    said = "各考评对象的成绩见附表，满分为100分"
    if facts.cutoffs:
        said += f"，{facts.cutoffs.good}分及以上为良好，{facts.cutoffs.fair}分及以上为一般，以下为较差"
    if any(row.rank is None for row in facts.printed.rows):
        said += f"；名次为“{_NOT_RANKED}”的，任职不足半月，不参加排名"
    return f"{said}。"


def _of(printed: PrintedMonth, kind: SequenceKind) -> list[PrintedRow]:
    return [row for row in printed.rows if row.sequence is kind]


def _flagged(printed: PrintedMonth) -> list[SequenceKind]:
    kinds = (SequenceKind.TOWNSHIP, SequenceKind.SECOND_LEVEL, SequenceKind.UNIT)
    return [kind for kind in kinds if _of(printed, kind)]


def _count(kind: SequenceKind, printed: PrintedMonth) -> str:
    measure = {SequenceKind.SECOND_LEVEL: "名", SequenceKind.SHOP: "家"}.get(kind, "个")
    return f"{len(_of(printed, kind))}{measure}{SEQUENCE_NAMES[kind]}"


def _flags(printed: PrintedMonth, kind: SequenceKind) -> str:
    """Return who hangs which flag, list by list."""
    groups = dict.fromkeys(row.group for row in _of(printed, kind))
    return "".join(f"{_group(group)}{_hung([r for r in _of(printed, kind) if r.group == group])}。" for group in groups)


def _group(group: str | None) -> str:
    return f"{group}类道路：" if group else ""


def _hung(rows: Sequence[PrintedRow]) -> str:
    parts = []
    for colour in Flag:
        names = [f"{row.name}（{row.score:.2f}分）" for row in rows if row.flag is colour]
        if names:
            parts.append(f"{FLAG_NAMES[colour]}{len(names)}面，{'、'.join(names)}")
    return "；".join(parts) or "不设红旗、黑旗"


def _problems(facts: PressFacts) -> str:
    if not facts.problems:
        return "本月督查未发现问题。"
    total = sum(count for _, count in facts.problems)
    main = "、".join(f"{name}{count}处" for name, count in facts.problems[:_MAIN])
    return f"督查共发现问题{total}处，较多的是{main}。"


def _shops(facts: PressFacts) -> str:
    parts = ((f"表扬{len(facts.praised)}家", facts.praised), (f"曝光{len(facts.exposed)}家", facts.exposed))
    return "；".join(f"{what}：{'、'.join(names)}" for what, names in parts if names) + "。"


def _lists(printed: PrintedMonth) -> Iterator[tuple[str, list[PrintedRow]]]:
    """Yield each list of scores under its name; shops are named by what they are picked for alone."""
    for kind, group in dict.fromkeys((row.sequence, row.group) for row in printed.rows):
        if kind is not SequenceKind.SHOP:
            name = f"{SEQUENCE_NAMES[kind]}（{group}类道路）" if group else SEQUENCE_NAMES[kind]
            yield name, [row for row in printed.rows if (row.sequence, row.group) == (kind, group)]


def _grid(name: str, rows: Sequence[PrintedRow]) -> Grid:
    cells = [(_place(row), row.name, f"{row.score:.2f}", flag(row.flag)) for row in rows]
    if len(cells) <= _LONG:
        return Grid(name, (_HEAD, *cells), _WIDTHS)
    half = (len(cells) + 1) // 2
    right = [*cells[half:], ("", "", "", "")][:half]
    return Grid(name, (_HEAD * 2, *(a + b for a, b in zip(cells[:half], right, strict=True))), _WIDTHS * 2)


def _line(row: PrintedRow) -> tuple[str, ...]:
    grade = "" if row.grade == UNSET_GRADE else row.grade
    return _place(row), row.name, f"{row.score:.2f}分", grade, flag(row.flag)


def _place(row: PrintedRow) -> str:
    return _NOT_RANKED if row.rank is None else str(row.rank)
