"""The quarter's score, last places and fund (季度, S84–S86, S93–S97a), from the printed months alone.

A quarter has figures once its three months are frozen. Who was ranked in fewer has the mean of those months, and who
was ranked in none has no score. A run of last places counts quarters one after another, over New Year and through a
change of group (S85a); a quarter in which the subject was not last, not scored or that is not frozen ends it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from domain.accountability import AccountabilityRule, FlagCount, LastPlace, count_flags
from domain.assessment import SequenceKind
from domain.funding import Award, FundRule
from domain.month import Month, Quarter
from domain.printed import Party, PrintedMonth, mean_score, names_of
from domain.versions import Versions


@dataclass(frozen=True, slots=True)
class Group:
    """An assessment group (考评组) of subjects of one sequence (S84a, S88); `fund` is its fund group (S93)."""

    name: str
    sequence: SequenceKind
    subjects: tuple[str, ...]
    fund: str | None = None

    def to_facts(self) -> dict[str, Any]:
        """Return the group as JSON values."""
        return {
            "name": self.name,
            "sequence": self.sequence.value,
            "subjects": list(self.subjects),
            "fund": self.fund,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Group":
        """Return the group that `to_facts` wrote."""
        return cls(facts["name"], SequenceKind(facts["sequence"]), tuple(facts["subjects"]), facts["fund"])


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """One subject of a group."""

    subject: str
    name: str
    score: Decimal  # two decimals, the printed figure
    printed: tuple[Decimal | None, Decimal | None, Decimal | None]  # the months' scores, None = not ranked
    rank: int
    is_last: bool
    run: int  # quarters running in which it was last, this one included; 0 = not last
    place: LastPlace | None  # the measure of the run
    award: Award | None  # None without a fund

    @property
    def months(self) -> int:
        """Return in how many months it was ranked."""
        return sum(score is not None for score in self.printed)


@dataclass(frozen=True, slots=True)
class GroupScores:
    """One group, best first; `unscored` names the subjects that were ranked in none of the months."""

    group: Group
    base: int | None  # yuan of the base fund
    rows: tuple[QuarterRow, ...]
    unscored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuarterScores:
    """A quarter's figures; without all three months frozen there are none."""

    quarter: Quarter
    missing: tuple[Month, ...]  # months not yet frozen
    groups: tuple[GroupScores, ...]
    flags: tuple[FlagCount, ...]  # whoever has a streak or a total at the quarter's end
    rules: tuple[str, ...]  # versions in force

    @property
    def is_frozen(self) -> bool:
        """Tell whether all three months are frozen."""
        return not self.missing

    def to_json(self, head: str = "") -> dict[str, Any]:
        """Return the form that other programs read; amounts are whole yuan, `steps` is signed."""
        return {
            "period": str(self.quarter),
            "head": head,
            "frozen": self.is_frozen,
            "missing": [str(month) for month in self.missing],
            "groups": [_group_json(scores) for scores in self.groups],
            "black_flags": [_flag_json(count, self.quarter) for count in self.flags],
        }


@dataclass(frozen=True, slots=True)
class QuarterRules:
    """What a quarter is computed by."""

    funding: Versions[FundRule]
    accountability: Versions[AccountabilityRule]


GroupsOf = Callable[[Quarter], Sequence[Group]]


def groups_key(quarter: Quarter) -> str:
    """Return the name under which the groups of a quarter are recorded as its months are published."""
    return f"groups:{quarter}"


def score_quarter(
    quarter: Quarter, history: Sequence[PrintedMonth], groups_of: GroupsOf, rules: QuarterRules
) -> QuarterScores:
    """Return a quarter's figures.

    Args:
        history: every frozen month, in order; later ones than the quarter play no part.
        groups_of: the assessment groups as they stood in a quarter; a subject may be given by a name that only one
            of its sequence bears.
    """
    months = {printed.month: printed for printed in history if printed.month <= quarter.last}
    names = names_of(months[month] for month in sorted(months))

    def by_id(asked: Quarter) -> Sequence[Group]:
        return [_by_id(group, names) for group in groups_of(asked)]

    missing = tuple(month for month in quarter.months if month not in months)
    fund, duty = rules.funding.on(quarter.months[0].first), rules.accountability.on(quarter.months[0].first)
    groups = by_id(quarter)
    if missing:
        empty = tuple(GroupScores(group, _base(group, fund), (), ()) for group in groups)
        return QuarterScores(quarter, missing, empty, (), (fund.name, duty.name))
    runs = _Runs(months, by_id)
    counts = count_flags([months[month] for month in sorted(months)], rules.accountability, quarter.year)
    return QuarterScores(
        quarter=quarter,
        missing=(),
        groups=tuple(_group_scores(group, quarter, months, runs, (fund, duty)) for group in groups),
        flags=tuple(counts[party] for party in sorted(counts) if counts[party].streak or counts[party].year_total),
        rules=(fund.name, duty.name),
    )


def _by_id(group: Group, names: Mapping[Party, str]) -> Group:
    """Return the group with its subjects by id, where a name stood for one."""
    ids: dict[str, list[str]] = {}
    for (sequence, subject), name in names.items():
        if sequence is group.sequence:
            ids.setdefault(name, []).append(subject)
    known = {subject for sequence, subject in names if sequence is group.sequence}
    found = [ids[s][0] if s not in known and len(ids.get(s, ())) == 1 else s for s in group.subjects]
    return replace(group, subjects=tuple(dict.fromkeys(found)))


class _Runs:
    """How many quarters running somebody was last, each quarter worked out once."""

    def __init__(self, months: Mapping[Month, PrintedMonth], groups_of: GroupsOf) -> None:
        self._months, self._groups_of = months, groups_of
        self._last: dict[Quarter, frozenset[Party]] = {}

    def of(self, party: Party, quarter: Quarter) -> int:
        run = 0
        while party in self._last_of(quarter):
            run += 1
            quarter = quarter.previous()
        return run

    def _last_of(self, quarter: Quarter) -> frozenset[Party]:
        if quarter not in self._last:
            is_whole = all(month in self._months for month in quarter.months)
            groups = self._groups_of(quarter) if is_whole else ()
            found = (last_of(group, _figures(group, quarter, self._months)) for group in groups)
            self._last[quarter] = frozenset(party for parties in found for party in parties)
        return self._last[quarter]


def last_of(group: Group, figures: Mapping[str, Decimal]) -> list[Party]:
    """Return who is last in a group: all who share the lowest score, nobody alone or where all are equal (S84a)."""
    lowest = min(figures.values(), default=None)
    if lowest is None or lowest == max(figures.values()):
        return []
    return [(group.sequence, subject) for subject, score in figures.items() if score == lowest]


def _monthly(
    group: Group, subject: str, quarter: Quarter, months: Mapping[Month, PrintedMonth]
) -> list[Decimal | None]:
    rows = (months[month].ranked.get((group.sequence, subject)) for month in quarter.months)
    return [row.score if row else None for row in rows]


def _figures(group: Group, quarter: Quarter, months: Mapping[Month, PrintedMonth]) -> dict[str, Decimal]:
    """Return the printed quarter scores of a group's subjects that have one."""
    found: dict[str, Decimal] = {}
    for subject in group.subjects:
        scores = [score for score in _monthly(group, subject, quarter, months) if score is not None]
        if scores:
            found[subject] = mean_score(scores)
    return found


def _group_scores(
    group: Group,
    quarter: Quarter,
    months: Mapping[Month, PrintedMonth],
    runs: _Runs,
    rules: tuple[FundRule, AccountabilityRule],
) -> GroupScores:
    fund, duty = rules
    figures = _figures(group, quarter, months)
    rows = []
    for subject, score in figures.items():
        run = runs.of((group.sequence, subject), quarter)
        first, second, third = _monthly(group, subject, quarter, months)
        rows.append(
            QuarterRow(
                subject=subject,
                name=_name((group.sequence, subject), quarter, months),
                score=score,
                printed=(first, second, third),
                rank=1 + sum(other > score for other in figures.values()),
                is_last=run > 0,
                run=run,
                place=duty.place(run),
                award=fund.award(score, group.fund) if group.fund else None,
            )
        )
    rows.sort(key=lambda row: (row.rank, row.subject))
    unscored = tuple(subject for subject in group.subjects if subject not in figures)
    return GroupScores(group, _base(group, fund), tuple(rows), unscored)


def _name(party: Party, quarter: Quarter, months: Mapping[Month, PrintedMonth]) -> str:
    rows = (months[month].ranked.get(party) for month in reversed(quarter.months))
    return next(row.name for row in rows if row)


def _base(group: Group, fund: FundRule) -> int | None:
    return fund.base_yuan[group.fund] if group.fund else None


def _group_json(scores: GroupScores) -> dict[str, Any]:
    return {
        "group": scores.group.name,
        "sequence": scores.group.sequence.value,
        "fund_group": scores.group.fund,
        "base": scores.base,
        "rows": [_row_json(row) for row in scores.rows],
        "unscored": list(scores.unscored),
    }


def _row_json(row: QuarterRow) -> dict[str, Any]:
    return {
        "subject": row.subject,
        "name": row.name,
        "score": f"{row.score:.2f}",
        "months": row.months,
        "rank": row.rank,
        "steps": row.award.steps if row.award else None,
        "amount": row.award.amount if row.award else None,
        "last": row.is_last,
        "run": row.run,
        "measure": row.place.measure if row.place else None,
    }


def _flag_json(count: FlagCount, quarter: Quarter) -> dict[str, Any]:
    latest = count.latest_in(quarter.months)
    return {
        "sequence": count.sequence.value,
        "subject": count.subject,
        "name": count.name,
        "streak": count.streak,
        "year_total": count.year_total,
        "entry": latest.kind.value if latest else None,
        "entries": [
            {"month": str(entry.month), "entry": entry.kind.value} for entry in count.entries_in(quarter.months)
        ],
    }
