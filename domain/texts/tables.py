"""A ranking that stands in a post's line, read back as a table for the channels that draw one.

The line is ours (`leadership`): 一、辖区排名：1.东关街道95.60分（红旗）；2.新城街道94.25分（红旗，良好）；…。 Whatever reads otherwise stays
a line. A post is stored as its words alone, so a retry draws the same table.
"""

import re
from dataclasses import dataclass
from typing import Final

FEWEST: Final = 3  # rows that deserve a table
HEAD: Final = ("名次", "名称", "得分", "评定")
_LINE = re.compile(r"(?P<title>[一二三四五]、[^：\n]{2,12}排名)：(?P<places>1\.[^。\n]*)。(?P<rest>[^\n]*)")
_PLACE = re.compile(
    r"(?P<rank>\d{1,3})\.(?P<name>[^；（）]+?)(?P<score>\d{1,3}\.\d\d)分(?:（(?P<marks>[^；（）]{1,20})）)?"
)


@dataclass(frozen=True, slots=True)
class Table:
    """A post with its ranking taken out: the words before, the table's heading and rows, the words after."""

    before: str
    title: str
    rows: tuple[tuple[str, ...], ...]
    after: str


def table_in(text: str) -> Table | None:
    """Return the ranking of a post as a table, None when there is none worth one."""
    line = _LINE.search(text)
    if line is None:
        return None
    # a score's own point is followed by digits, so the full stop that ends the places is never inside one
    places = [_PLACE.fullmatch(part) for part in line["places"].split("；")]
    if len(places) < FEWEST or not all(places):
        return None
    rows = tuple((p["rank"], p["name"], p["score"], p["marks"] or "") for p in places if p)
    after = "\n".join(part for part in (line["rest"], text[line.end() :].lstrip("\n")) if part)
    return Table(text[: line.start()].rstrip("\n"), line["title"], rows, after)
