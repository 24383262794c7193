from decimal import Decimal
from typing import Any

from domain.comparison import compare
from domain.texts import comparison

Line = tuple[str, str, int | None, str | None]


def figures(*rows: Line) -> dict[str, Any]:
    listed = [
        {"subject": s, "name": s, "score": score, "rank": rank, "grade": "", "flag": flag}
        for s, score, rank, flag in rows
    ]
    return {"period": "2026-10", "sequences": [{"sequence": "unit", "group": None, "rows": listed}]}


BEFORE = figures(
    ("甲", "99.00", 1, "red"), ("乙", "98.00", 2, None), ("丙", "97.00", 3, "black"), ("丁", "50.00", None, None)
)


def test_who_rises_and_falls_with_scores_and_flags() -> None:
    after = figures(
        ("丙", "99.00", 1, "red"), ("甲", "98.50", 2, None), ("乙", "98.00", 3, "black"), ("丁", "40.00", None, None)
    )
    assert comparison.moves(compare(BEFORE, after)) == [
        "与现行细则相比（试算，不影响已通报的成绩）：",
        "责任单位上升1个：丙 第3名→第1名 97.00→99.00分（黑旗→红旗）",
        "责任单位下降2个：甲 第1名→第2名 99.00→98.50分（红旗→无旗）；乙 第2名→第3名 98.00分（无旗→黑旗）",
        "责任单位名次不变1个：丁 50.00→40.00分",
    ]


def test_nothing_changes() -> None:
    assert compare(BEFORE, BEFORE) == []


def test_the_gain_is_exact() -> None:
    (change,) = compare(figures(("甲", "99.99", 1, None)), figures(("甲", "99.90", 1, None)))
    assert change.gain == Decimal("-0.09")
    assert change.rise == 0
