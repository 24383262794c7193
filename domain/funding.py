"""The quarter's fund (经费): base amount and whole steps counted from the printed quarter score (S93–S97a)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.errors import TableError
from domain.rulebook import FULL_MARKS, decimal_of, field_of
from domain.versions import Versions, load_versions

TABLE = "funding.toml"
UNSET = "未设定"


@dataclass(frozen=True, slots=True)
class FundRule:
    """One version of the fund's figures; yuan are whole numbers."""

    name: str
    since: date
    base_score: Decimal
    step_points: Decimal
    step_yuan: int
    most_steps: int  # upwards; downwards only the floor of 0 yuan ends it
    base_yuan: Mapping[str, int]  # fund group → base fund
    target_share: Decimal  # of the yearly target assessment's urban-management points (S73)
    departments_by: str  # rules that reward and punish departments instead (S98)

    def award(self, score: Decimal, fund: str) -> "Award":
        """Return what a printed quarter score is paid in a fund group; part steps don't count (S96)."""
        difference = score - self.base_score
        steps = min(int(difference / self.step_points), self.most_steps)  # int() cuts towards 0: whole steps both ways
        base = self.base_yuan[fund]
        return Award(score, self.base_score, base, steps, steps * self.step_yuan, max(0, base + steps * self.step_yuan))


@dataclass(frozen=True, slots=True)
class Award:
    """The worked steps of one amount: every figure between score and yuan."""

    score: Decimal
    base_score: Decimal
    base: int  # yuan
    steps: int  # signed, as counted; the amount does not fall below 0
    change: int  # yuan that the steps add or cut, before the floor
    amount: int  # yuan

    @property
    def difference(self) -> Decimal:
        """Return how far the score is from the base score."""
        return self.score - self.base_score


def load_funding(override: Path | None = None) -> Versions[FundRule]:
    """Return the fund's rules. Raises TableError, naming file, version and field, for a missing or impossible value."""
    return load_versions(TABLE, _version, override)


def _version(where: str, row: dict[str, Any]) -> FundRule:
    base = field_of(where, row, "base_yuan", dict)
    year = field_of(where, row, "year", dict)
    rule = FundRule(
        name=field_of(where, row, "name", str),
        since=field_of(where, row, "since", date),
        base_score=decimal_of(where, row, "base_score", FULL_MARKS),
        step_points=decimal_of(where, row, "step_points", FULL_MARKS),
        step_yuan=field_of(where, row, "step_yuan", int),
        most_steps=field_of(where, row, "most_steps", int),
        base_yuan={fund: field_of(f"{where} base_yuan", base, fund, int) for fund in base},
        target_share=decimal_of(f"{where} year", year, "target_share", Decimal(1)),
        departments_by=_title(f"{where} year", year),
    )
    if not {"A", "B"} <= base.keys():
        raise TableError(f"{where} base_yuan：须有A组和B组的基准经费，请补填。")
    if not rule.step_points or rule.step_yuan < 0 or rule.most_steps < 0 or min(base.values(), default=0) < 0:
        raise TableError(f"{where}：step_points须大于0，step_yuan、most_steps和base_yuan不能是负数，请更正。")
    return rule


def _title(where: str, year: dict[str, Any]) -> str:
    title = field_of(where, year, "departments_by", str)
    named = field_of(where, year, "departments_year", int) if "departments_year" in year else UNSET
    return str(title).replace("{year}", str(named))
