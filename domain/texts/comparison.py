"""What is read about another rule book: who would rise and fall, and which points differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.assessment import SEQUENCE_NAMES, SequenceKind
from domain.comparison import Change, RuleChange
from domain.flags import FLAG_NAMES, Flag
from domain.rulebook import Rule, RuleBook


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    changes: list[Change]


def moves(changes: Sequence[Change]) -> list[str]:
    """Return who would rise, fall and change score against the rules in force, list by list."""
    if not changes:
        return ["与现行细则相比：得分、名次和红黑旗都不变。"]
    lines = ["与现行细则相比（试算，不影响已通报的成绩）："]
    for kind in SequenceKind:
        for group in dict.fromkeys(change.after.group for change in changes if change.sequence is kind):
            mine = [c for c in changes if c.sequence is kind and c.after.group == group]
            lines += _list(f"{SEQUENCE_NAMES[kind]}（{group}）" if group else SEQUENCE_NAMES[kind], mine)
    return lines


def _list(title: str, changes: Sequence[Change]) -> list[str]:
    parts = [
        _Part("上升", sorted((c for c in changes if c.rise > 0), key=lambda c: -c.rise)),
        _Part("下降", sorted((c for c in changes if c.rise < 0), key=lambda c: c.rise)),
        _Part("名次不变", [c for c in changes if not c.rise]),
    ]
    return [
        f"{title}{part.title}{len(part.changes)}个：{'；'.join(map(_change, part.changes))}"
        for part in parts
        if part.changes
    ]


def _change(change: Change) -> str:
    before, after = change.before, change.after
    place = f" 第{before.rank}名→第{after.rank}名" if change.rise else ""
    score = f" {before.score:.2f}→{after.score:.2f}分" if change.gain else f" {after.score:.2f}分"
    was, will = (_flag(flag) for flag in change.flags)
    return f"{after.name}{place}{score}" + (f"（{was}→{will}）" if was != will else "")


def _flag(flag: Flag | None) -> str:
    return FLAG_NAMES[flag] if flag else "无旗"


def books(before: RuleBook, after: RuleBook, changes: Sequence[RuleChange], names: Mapping[str, str]) -> list[str]:
    """Return what differs between two rule books."""
    lines = [f"{_book(before)} → {_book(after)}"]
    if not changes:
        return [*lines, "分值和条款都相同。"]
    parts: dict[str, list[str]] = {"调高": [], "调低": [], "新增": [], "取消": [], "只改条款": []}
    for change in changes:
        parts[_kind(change)].append(_rule_change(change, names.get(change.category, change.category)))
    for title, listed in parts.items():
        lines += [f"{title}{len(listed)}类：", *(f"  {one}" for one in listed)] if listed else []
    return lines


def _book(book: RuleBook) -> str:
    return f"{book.name}（{book.since}起{'，示例' if book.is_sample else ''}）"


def _kind(change: RuleChange) -> str:
    if change.before is None:
        return "新增"
    if change.after is None:
        return "取消"
    if change.before.points == change.after.points:
        return "只改条款"
    return "调高" if change.after.points > change.before.points else "调低"


def _rule_change(change: RuleChange, name: str) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        return f"{name}（{change.category}）{_rule(before or after)}"
    points = f"{before.points}→{after.points}分" if before.points != after.points else f"{after.points}分"
    clause = f"“{before.clause}”→“{after.clause}”" if before.clause != after.clause else f"“{after.clause}”"
    return f"{name}（{change.category}）{points} {clause}"


def _rule(rule: Rule | None) -> str:
    return f"{rule.points}分 “{rule.clause}”" if rule else ""
