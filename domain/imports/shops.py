"""The shops file: what each panel member gives each shop (S8, S61, S63, S66)."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from domain.assessment import SequenceKind
from domain.ballots import Cast, Vote
from domain.frame import Five, Frame
from domain.imports.rows import Columns, RawRow, Row, nearest, open_rows, refuse_if_any
from domain.imports.votes import read_month, read_score
from domain.month import Month
from domain.roster import Roster
from domain.shops import PANEL, Shop
from domain.versions import Versions

COLUMNS = Columns(
    required=("period", "segment_id", "shop", "merchant", "rater", "capacity", "score"),
    optional=("failed",),  # what of 门前五包 the shop does not keep to (S8)
)
_BETWEEN = re.compile(r"[、，,；;\s]+")


@dataclass(frozen=True, slots=True)
class ShopVote:
    """One panel member's score for one shop."""

    month: Month
    shop: Shop
    capacity: str
    cast: Cast


def parse_shops(
    file: str, rows: Sequence[RawRow], *, roster: Roster, frames: Versions[Frame], frozen: Collection[Month]
) -> list[ShopVote]:
    """Return the votes of a file; panel members are given by name, merchants need not be in the roster.

    Raises ImportRefused with every problem, by line: a segment that the roster lacks in that month, an unknown
    capacity, a merchant who rates his own shop (S63), a second vote for one shop, a shop whose panel has no second-level
    chief (S61), a failing that is none of that month's five (S8), a month that is already frozen.
    """
    read, problems = open_rows(file, rows, COLUMNS)
    lines: dict[tuple[Month, str, str], int] = {}
    found = [(row, vote) for row in read if (vote := _vote(row, roster, frames, frozen, lines))]
    _refuse_two_merchants(found)
    _refuse_without_second_level(found)
    refuse_if_any(file, problems)
    return [vote for _, vote in found]


def _vote(
    row: Row,
    roster: Roster,
    frames: Versions[Frame],
    frozen: Collection[Month],
    lines: dict[tuple[Month, str, str], int],
) -> ShopVote | None:
    month, score, capacity = read_month(row), read_score(row), row.needed("capacity")
    segment, name, merchant, rater = (row.needed(c) for c in ("segment_id", "shop", "merchant", "rater"))
    if capacity and capacity not in PANEL:
        row.refuse("capacity", f"未知的身份“{capacity}”，可用：{'、'.join(PANEL)}")
    if rater and rater in (merchant, name):
        row.refuse("rater", f"{rater}是{name}的经营者，不能给自己的店评分")
    if month is None or score is None or not (segment and name and rater):
        return None
    _check(row, month, segment, roster, frozen)
    shop = Shop(segment, name)
    first = lines.setdefault((month, shop.subject, rater), row.line)
    if first != row.line:
        row.refuse("rater", f"与第{first}行是同一人对同一门店的评分，请只保留一行")
    failed = _failed(row, frames.on(month.first).frontage)
    return ShopVote(month, shop, capacity, Cast(rater, Vote(SequenceKind.SHOP, shop.subject, score, failed)))


def _failed(row: Row, five: Five) -> tuple[str, ...]:
    """Return what of the five a row says the shop does not keep to, in the list's order."""
    named = [word for word in _BETWEEN.split(row.text("failed")) if word]
    if named and not five.items:
        row.refuse("failed", f"{five.name}是哪五项未设定，请先在 tables.frame 的表里写明，或不填这一列")
        return ()
    for word in named:
        if word not in five.items:
            row.refuse("failed", f"{five.name}里没有“{word}”，可用：{'、'.join(five.items)}")
    return tuple(item for item in five.items if item in named)


def _check(row: Row, month: Month, segment: str, roster: Roster, frozen: Collection[Month]) -> None:
    if month in frozen:
        row.refuse("period", f"{month.title}已定稿，不再计入新的评分")
    if roster.segment(segment, month.last) is None:
        hint = nearest(segment, [s.id for s in roster.on(month.last)])
        row.refuse("segment_id", f"{month.title}的花名册中没有路段{segment}{hint or '，请核对编号'}")


def _refuse_two_merchants(found: Sequence[tuple[Row, ShopVote]]) -> None:
    """Note rows that name another merchant for a shop: else he could rate it under cover of them."""
    first: dict[Shop, str] = {}
    for row, vote in found:
        merchant = row.text("merchant")
        if first.setdefault(vote.shop, merchant) != merchant:
            row.refuse("merchant", f"{vote.shop.name}的经营者在前面是{first[vote.shop]}，此处是{merchant}，请核对")


def _refuse_without_second_level(found: Sequence[tuple[Row, ShopVote]]) -> None:
    chaired = {(vote.month, vote.shop) for _, vote in found if vote.capacity == PANEL[0]}
    told: set[tuple[Month, Shop]] = set()
    for row, vote in found:
        if (vote.month, vote.shop) not in chaired | told:
            told.add((vote.month, vote.shop))
            row.refuse("capacity", f"{vote.shop.name}的评委里没有二级路长，请补上")
