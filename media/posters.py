"""The poster (PNG): the month's ranking and flags, 1080 pixels wide, to be read at arm's length on a phone."""

from PIL import Image, ImageDraw

from domain.papers import Line, Panel, Poster
from media import drawing
from media.drawing import BLACK, GREY, INK, MARGIN, PAPER, RED, RULE, STRIPE, WIDTH, Draw, chip, chip_width, text

_HEAD, _PANEL_HEAD, _ROW, _NAME_LINE, _NOTE_LINE, _FOOT_LINE, _GAP = 220, 92, 74, 58, 56, 40, 30
_NAMES, _NOTES, _FOOT = 40, 38, 26
_NAME_SIZES = (46, 40, 34)  # of a name in a row, the largest that fits
_FLAG_ROOM, _EDGE = 180, 16  # right of a figure: where a line of the table hangs a flag, where none does
_AFTER_LINES = 12  # between a table and the note below it
_INNER = WIDTH - 2 * MARGIN
_TALLEST = 12_000  # pixels


def render(poster: Poster) -> bytes:
    """Return the poster as a PNG file of less than two megabytes."""
    height = min(_TALLEST, _HEAD + sum(_height(panel) + _GAP for panel in poster.panels) + _foot_height(poster))
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(picture)
    _head(draw, poster)
    top = float(_HEAD)
    for panel in poster.panels:
        top = _panel(draw, panel, top) + _GAP
    _foot(draw, poster, top)
    return drawing.saved(picture, "png")


def _head(draw: Draw, poster: Poster) -> None:
    draw.rectangle([0, 0, WIDTH, _HEAD - 30], fill=RED)
    text(draw, (MARGIN, 78), drawing.fitting(poster.title, 64, _INNER, is_bold=True), 64, colour=PAPER, is_bold=True)
    text(draw, (MARGIN, 148), poster.subtitle, 36, colour=(255, 226, 214))
    if poster.mark:
        draw.rounded_rectangle([WIDTH - MARGIN - 150, 122, WIDTH - MARGIN, 174], 8, outline=PAPER, width=3)
        text(draw, (WIDTH - MARGIN - 75, 148), poster.mark, 36, colour=PAPER, anchor="mm")


def _names(panel: Panel) -> list[list[str]]:
    """Return the lines of names under each flag."""
    return [drawing.listed(names, _NAMES, _INNER - chip_width(flag) - 24) for flag, names in panel.names]


def _notes(panel: Panel) -> list[str]:
    return drawing.wrapped(panel.note, _NOTES, _INNER) if panel.note else []


def _height(panel: Panel) -> int:
    names = sum(len(lines) * _NAME_LINE + 18 for lines in _names(panel))
    gap = _AFTER_LINES if panel.lines and panel.note else 0
    return _PANEL_HEAD + len(panel.lines) * _ROW + names + gap + len(_notes(panel)) * _NOTE_LINE


def _panel(draw: Draw, panel: Panel, top: float) -> float:
    """Draw a panel and return its lower edge."""
    draw.rectangle([MARGIN, top + 20, MARGIN + 10, top + _PANEL_HEAD - 20], fill=RED)
    text(draw, (MARGIN + 28, top + _PANEL_HEAD / 2), panel.title, 46, is_bold=True)
    top += _PANEL_HEAD
    room = _FLAG_ROOM if any(line.flag for line in panel.lines) else _EDGE
    for number, line in enumerate(panel.lines):
        _line(draw, line, top, room, is_striped=number % 2 == 0)
        top += _ROW
    for (flag, _), lines in zip(panel.names, _names(panel), strict=True):
        right = chip(draw, MARGIN, top + _NAME_LINE / 2, flag)
        for words in lines:
            text(draw, (right + 24, top + _NAME_LINE / 2), words, _NAMES)
            top += _NAME_LINE
        top += 18
    top += _AFTER_LINES if panel.lines and panel.note else 0
    for words in _notes(panel):
        text(draw, (MARGIN, top + _NOTE_LINE / 2), words, _NOTES, colour=INK)
        top += _NOTE_LINE
    return top


def _line(draw: Draw, line: Line, top: float, room: int, *, is_striped: bool) -> None:
    middle, is_bold = top + _ROW / 2, line.flag is not None
    if is_striped:
        draw.rectangle([MARGIN, top, WIDTH - MARGIN, top + _ROW], fill=STRIPE)
    text(draw, (MARGIN + 52, middle), line.place, 44, colour=GREY, anchor="mm")
    figure = text(draw, (WIDTH - MARGIN - room, middle), line.figure, 46, is_bold=True, anchor="rm")
    width = WIDTH - 2 * MARGIN - room - figure - 24 - 120
    size, names = _fitted(line.name, width, is_bold=is_bold)
    for number, words in enumerate(names):
        level = middle + (number - (len(names) - 1) / 2) * size * 1.1
        text(draw, (MARGIN + 120, level), words, size, is_bold=is_bold)
    if line.flag:
        chip(draw, WIDTH - MARGIN - _EDGE - chip_width(line.flag), middle, line.flag)


def _fitted(name: str, width: float, *, is_bold: bool) -> tuple[int, list[str]]:
    """Return a name's size and lines: large in one, smaller in one, or on two; only one that fits neither is cut."""
    for size in _NAME_SIZES:
        if len(drawing.wrapped(name, size, width, is_bold=is_bold)) == 1:
            return size, [name]
    size = _NAME_SIZES[-1]
    first, *rest = drawing.wrapped(name, size, width, is_bold=is_bold)
    return size, [first, drawing.fitting("".join(rest), size, width, is_bold=is_bold)]


def _foot_lines(poster: Poster) -> list[str]:
    return [part for line in poster.footer for part in drawing.wrapped(line, _FOOT, _INNER)]


def _foot_height(poster: Poster) -> int:
    return len(_foot_lines(poster)) * _FOOT_LINE + 40


def _foot(draw: Draw, poster: Poster, top: float) -> None:
    draw.line([(MARGIN, top), (WIDTH - MARGIN, top)], fill=RULE, width=2)
    for number, words in enumerate(_foot_lines(poster)):
        text(draw, (MARGIN, top + 20 + (number + 0.5) * _FOOT_LINE), words, _FOOT, colour=BLACK)
