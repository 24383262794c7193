"""What a paper is made of: a book of sheets (xlsx), a letter (docx), a poster and an album (pictures).

Everything is said in full: whoever renders decides on measures and fonts, never on words or figures. `dated` stands in
a file's metadata in place of the moment of writing, so that the same figures give the same bytes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.errors import LuzhangError
from domain.flags import Flag
from domain.messages import Photo

MOST_PAIRS = 9  # of an album
MOST_TITLE = 31  # characters of a sheet's name

# a mobile number, perhaps in groups or with the country's prefix
_PHONE = re.compile(r"(?<![0-9])(?:\+?86[- ]?)?(1[3-9][0-9])[- ]?[0-9]{4}[- ]?([0-9]{4})(?![0-9])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")


class PaperFailed(LuzhangError):
    """文件没有做成，已记录。"""


class NothingToShow(PaperFailed):
    """照片都还不能外发（待过目）或无法打开，没有做对比图。"""


def clean(text: str) -> str:
    """Return what a person wrote as it may be printed: no phone numbers, no characters that no file can hold."""
    if not text.isprintable():
        text = _CONTROLS.sub("", text)
    return _PHONE.sub(r"\1****\2", text) if "1" in text else text


@dataclass(frozen=True, slots=True)
class Link:
    """A text that opens an address."""

    text: str
    url: str


Cell = str | int | Decimal | Link | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet; its width in characters of Western script (a Chinese one takes two)."""

    title: str
    width: int
    is_centred: bool = False
    is_money: bool = False  # whole yuan, in groups of three digits


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. Text is text whatever it begins with, a Decimal a number with two places, an int a whole number."""

    title: str  # the tab's name, at most 31 characters
    heading: str  # what stands above the table
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    notes: tuple[str, ...] = ()  # below the heading: sources, versions, what is missing
    empty: str = "没有数据。"  # said in place of rows


def continued(sheet: Sheet, most: int) -> Iterator[Sheet]:
    """Yield a sheet in parts of at most `most` rows, the head and its notes included, each saying which rows it has.

    One that fits is yielded as it is; the parts after the first are named 扣分明细2, 扣分明细3.
    """
    room = most - len(sheet.notes) - 3  # heading, the columns' titles, and the note that each part adds
    if len(sheet.rows) <= room + 1:
        yield sheet
        return
    for number, first in enumerate(range(0, len(sheet.rows), room), 1):
        rows = sheet.rows[first : first + room]
        title = sheet.title if number == 1 else f"{sheet.title[: MOST_TITLE - len(str(number))]}{number}"
        note = f"共{len(sheet.rows)}行，本表为第{first + 1}—{first + len(rows)}行"
        yield replace(sheet, title=title, rows=rows, notes=(*sheet.notes, note))


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook (xlsx)."""

    file: str  # 考评得分表.xlsx
    sheets: tuple[Sheet, ...]
    footer: str  # printed on every page
    dated: date


class Level(StrEnum):
    """What a paragraph of a letter is; the look of each stands in the template."""

    BODY = "body"
    FIRST = "first"  # 一、
    SECOND = "second"  # （一）


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a letter."""

    text: str
    level: Level = Level.BODY


@dataclass(frozen=True, slots=True)
class Grid:
    """A table inside a letter; the first row is its head."""

    title: str  # above it, "" = none
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]  # shares


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What goes with a letter (附件), on a page of its own."""

    label: str  # 附件1
    title: str
    grids: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """An official letter (公文) in the look of GB/T 9704. Empty fields leave no line behind."""

    file: str
    office: str  # of the red head: 溪城市路长办
    number: str  # 字号
    mark: str  # 代拟稿, "" once published
    title: str  # its lines by \n
    recipient: str  # 主送
    body: tuple[Paragraph, ...]
    signature: str
    day: str  # 2026年6月3日
    enclosures: tuple[Enclosure, ...] = ()  # after the date
    copies: str = ""  # 抄送
    issued: str = ""  # 2026年6月3日印发
    source: str = ""  # versions and the ledger's head, in small print
    dated: date = date(1980, 1, 1)

    @property
    def enclosed(self) -> str:
        """Return what is enclosed as it is listed below the body: 1.辖区排名, each on its line; one has no number."""
        titles = [enclosure.title for enclosure in self.enclosures]
        return "\n".join(f"{n}.{title}" for n, title in enumerate(titles, 1)) if len(titles) > 1 else "".join(titles)


@dataclass(frozen=True, slots=True)
class Form:
    """A filled form (督办单): what stands in each field of its template, and the pictures of the problem."""

    file: str
    fields: tuple[tuple[str, str], ...]  # (name of the field, text); lines by \n
    photos: tuple[Photo, ...] = ()
    dated: date = date(1980, 1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a poster's table: place, name, figure, flag."""

    place: str
    name: str
    figure: str
    flag: Flag | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a poster: a ranking as lines, or names under a flag, each kept whole."""

    title: str
    lines: tuple[Line, ...] = ()
    names: tuple[tuple[Flag, tuple[str, ...]], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Poster:
    """A picture with figures (PNG), 1080 pixels wide, to be read on a phone."""

    file: str
    title: str
    subtitle: str
    panels: tuple[Panel, ...]
    footer: tuple[str, ...]
    mark: str = ""  # 代拟稿


@dataclass(frozen=True, slots=True)
class Pair:
    """One piece of work in pictures: before, after, and what to write below."""

    caption: str
    before: Photo | None
    after: Photo | None
    before_note: str = ""  # the time
    after_note: str = ""


@dataclass(frozen=True, slots=True)
class Album:
    """Before and after in one picture: one pair large, or up to nine in a grid."""

    file: str
    title: str  # "" = a bare pair
    pairs: tuple[Pair, ...]
    footer: str = ""


Paper = Book | Letter | Form | Poster | Album
