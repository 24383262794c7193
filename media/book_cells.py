"""The cells of a workbook, written by their kind: text is text whatever it begins with, a figure a number."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import methodcaller
from xml.sax.saxutils import escape

from domain.papers import Cell, Column, Link, clean

MOST_CHARACTERS = 32_767  # of a cell
_COLOURED = {"红旗": "red", "黑旗": "black"}
_IN_GBK = methodcaller("encode", "gbk", "replace")  # one byte a Western character, two a Chinese one
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # a reader takes _x0041_ for a character


class Texts(dict[str, str]):
    """The cells of a column, without their place; `shared` are the numbers of texts in the book's table of them."""

    def __init__(self, column: Column, style: Mapping[str, int], shared: Mapping[str, int]) -> None:
        super().__init__()
        self._style, self._shared = style, shared
        self._plain = style["centred" if column.is_centred else "text"]
        self._whole = style["money" if column.is_money else "count"]

    def __missing__(self, text: str) -> str:
        looks = self._style[_COLOURED[text]] if text in _COLOURED else self._plain
        number = self._shared.get(text)
        if number is None:
            return styled(looks, text)
        cell = self[text] = f' s="{looks}" t="s"><v>{number}</v></c>'
        return cell

    def other(self, value: Cell) -> str:
        """Return the cell of a figure, a whole number, an address, or nothing."""
        if isinstance(value, Decimal):
            return f' s="{self._style["figure"]}"><v>{value}</v></c>'
        if isinstance(value, Link):
            return styled(self._style["link"], value.text)
        if value is None:
            return f' s="{self._plain}"/>'
        return f' s="{self._whole}"><v>{value}</v></c>'


def styled(style: int, text: str) -> str:
    """Return a cell, without its place, that holds a text of its own."""
    text = writable(text)
    if "_x" in text:
        text = _ESCAPE_LIKE.sub("_x005F_", text)
    kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f' s="{style}" t="inlineStr"><is><t{kept}>{escape(text[:MOST_CHARACTERS])}</t></is></c>'


def writable(text: str) -> str:
    """Return a text without what no workbook can hold."""
    return text if text.isprintable() else clean(text)


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column so many Western characters wide; a Chinese one is two wide."""
    return tall_of([text], width).get(text, 1)


def tall_of(texts: Sequence[str], width: float) -> dict[Cell, int]:
    """Return the texts that take more than one line, each with how many."""
    across = max(2, int(width) // 2 * 2)
    return {
        text: -(-taken // across)
        for text, taken in zip(texts, map(len, map(_IN_GBK, texts)), strict=True)
        if taken > across
    }
