"""What published months lead to, step by step in memory: told once, for its own time, from frozen figures alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.assessment import SequenceKind
from domain.casework import accountability, publication, quarter
from domain.effects import Notice, PeriodState, ToPerson
from domain.month import Month, Quarter
from domain.period import Period, Stage
from domain.quarter import Group
from tests.domain.casework.city import now_
from tests.domain.scoring.office import Office

UNIT, TOWN = SequenceKind.UNIT, SequenceKind.TOWNSHIP


@pytest.fixture
def office() -> Office:
    return Office(now=datetime(2027, 1, 13, 2, tzinfo=UTC))


def month(office: Office, name: str, scores: dict[str, str], black: str = "", stage: Stage = Stage.PUBLISHED) -> None:
    """A month of units as it was published, or as far as it has come; `black` hangs the black flag."""
    rows = [
        {"subject": who, "name": who, "score": score, "rank": 1, "grade": "未设定", "deductions": []}
        | {"flag": "black" if who == black else None}
        for who, score in scores.items()
    ]
    listed = [{"sequence": "unit", "group": None, "rows": rows}]
    office.settings[f"figures:{name}:1"] = {"period": name, "head": "h", "sequences": listed}
    is_frozen = stage is not Stage.OBJECTION
    facts = Period(Month.parse(name), stage, version=int(is_frozen)).to_facts()
    office.kept_periods[name] = PeriodState(name, facts)


def black_months(office: Office, *names: str) -> None:
    for name in names:
        month(office, name, {"市科技局": "70.00", "市农业局": "90.00"}, "市科技局")


def settle(office: Office, name: str) -> list[Notice]:
    before = len(office.notices)
    office.take(now_(accountability.settle(office.work, Month.parse(name))))
    return office.notices[before:]


def texts(notices: Sequence[Notice], word: str) -> list[str]:
    return [notice.text for notice in notices if word in notice.text]


def people(notices: Sequence[Notice], word: str) -> set[str]:
    return {n.to.person for n in notices if word in n.text and isinstance(n.to, ToPerson) and n.is_private}


def test_a_second_flag_warns_once(office: Office) -> None:
    black_months(office, "2026-10", "2026-11")
    told = settle(office, "2026-11")
    assert people(told, "预警提示") == {"he", "wu", "feng"}
    assert len(texts(told, "预警提示")) == 3
    assert texts(settle(office, "2026-11"), "预警提示") == []


def test_a_third_flag_of_the_year_warns_too(office: Office) -> None:
    for name in ("2026-02", "2026-05", "2026-09"):
        black_months(office, name)
        month(office, str(Month.parse(name).next()), {"市科技局": "95.00", "市农业局": "90.00"})
    del office.kept_periods["2026-10"]
    [text] = {n.text for n in settle(office, "2026-09") if n.to == ToPerson("he")}
    assert "已连续1次、当年累计3次挂黑旗" in text


def test_where_a_trigger_is_reached_a_proposal_takes_the_warnings_place(office: Office) -> None:
    # three of the year are one before the total too; what is said of the party before it is approved goes to the office
    black_months(office, "2026-10", "2026-11", "2026-12")
    told = settle(office, "2026-12")
    assert texts(told, "预警提示") == []
    assert people(told, "启动问责") == {"wu", "feng"}


def test_the_review_meeting_is_called_for_once_and_when_its_quarter_is_whole(office: Office) -> None:
    black_months(office, "2026-10", "2026-11")
    assert texts(settle(office, "2026-11"), "点评会") == []
    black_months(office, "2026-12")
    assert len(texts(settle(office, "2026-12"), "点评会")) == 1
    assert texts(settle(office, "2026-12"), "点评会") == []


def test_the_year_is_spoken_of_when_its_last_month_is_out(office: Office) -> None:
    black_months(office, "2026-09", "2026-10", "2026-11")
    assert texts(settle(office, "2026-11"), "年考评已全部通报") == []
    black_months(office, "2026-12")
    [text] = set(texts(settle(office, "2026-12"), "年考评已全部通报"))
    assert "全年达到过问责条件的：责任单位市科技局。" in text
    assert texts(settle(office, "2026-12"), "年考评已全部通报") == []


def test_a_month_that_is_drafted_counts_nowhere(office: Office) -> None:
    black_months(office, "2026-10", "2026-11")
    month(office, "2026-12", {"市科技局": "70.00", "市农业局": "90.00"}, "市科技局", Stage.OBJECTION)
    assert [str(one.month) for one in now_(quarter.frozen_months(office.work, Month(2027, 1)))] == [
        "2026-10",
        "2026-11",
    ]
    assert now_(quarter.year_of(office.work, 2026)).months == (Month(2026, 10), Month(2026, 11))
    assert not now_(quarter.quarter_of(office.work, Quarter(2026, 4))).is_frozen


def grouped(*subjects: str) -> Group:
    return Group("组", UNIT, subjects)


def test_a_run_reads_the_groups_as_they_were_recorded(office: Office) -> None:
    # in the third quarter 乙 was last of 甲 and 乙; of those it stands among now it would not have been
    for name in ("2026-07", "2026-08", "2026-09"):
        month(office, name, {"甲": "90.00", "乙": "80.00", "丙": "70.00"})
    for name in ("2026-10", "2026-11", "2026-12"):
        month(office, name, {"甲": "90.00", "乙": "80.00", "丙": "85.00"})
    office.by = replace(office.by, groups=(grouped("乙", "丙"),))
    office.settings["groups:2026Q3"] = [grouped("甲", "乙").to_facts(), grouped("丙").to_facts()]
    (found,) = now_(quarter.quarter_of(office.work, Quarter(2026, 4))).groups
    assert [(row.subject, row.run) for row in found.rows] == [("丙", 0), ("乙", 2)]


def test_the_groups_are_recorded_as_a_month_is_published_and_stay_so(office: Office) -> None:
    office.now = datetime(2026, 7, 1, 2, tzinfo=UTC)
    office.by = replace(office.by, groups=(grouped("甲", "乙"),))
    office.take(now_(publication.publish_now(office.work, Month(2026, 6), ["吴主任", "冯副主任"])))
    stored: list[dict[str, Any]] = office.settings["groups:2026Q2"]
    assert [Group.from_facts(facts) for facts in stored] == [grouped("甲", "乙")]
