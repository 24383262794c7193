"""Proposals: what they rest on, numbers that stay, names that fall with the basis they were given for (S80–S90)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.accountability import count_flags
from domain.errors import Missing, WrongState
from domain.month import Month
from domain.printed import PrintedMonth
from domain.proposals import Proposal, ProposalKind, renewed
from domain.proposing import of_month, of_quarter
from domain.texts import accountability as texts
from tests.domain.quarter.build import BLACK, CHIEF, RULES, UNIT, group, month, quarter, quarter_months, row

NOW = datetime(2026, 10, 1, tzinfo=UTC)
RULE = RULES.accountability.all[0]


def flagged(*names: str, kind: object = None) -> list[PrintedMonth]:
    return [
        replace(month(name, row("a", "70.00", BLACK, kind=CHIEF if kind else UNIT), row("b", "90.00")), head=f"h{name}")
        for name in names
    ]


def june(history: list[PrintedMonth]) -> list[Proposal]:
    return of_month(history[-1].month, count_flags(history, RULES.accountability), history, RULE)


def test_a_streak_names_its_months_scores_ranks_and_heads() -> None:
    (found,) = june(flagged("2025-12", "2026-01", "2026-02"))
    assert (found.kind, found.measure, found.way) == (
        ProposalKind.INQUIRY,
        "启动问责",
        "由市监察委启动问责，单位在媒体公开表态",
    )
    assert found.evidence == (
        "责任单位a：连续3次，当年累计2次，达到问责条件：2026年2月连续3次",
        "2025年12月：70.00分，第1名，黑旗，通报校验值h2025-12",
        "2026年1月：70.00分，第1名，黑旗，通报校验值h2026-01",
        "2026年2月：70.00分，第1名，黑旗，通报校验值h2026-02",
    )


def test_two_entries_in_one_month_are_one_inquiry() -> None:
    clear = month("2026-02", row("a", "90.00"), row("b", "95.00"))
    (found,) = june([*flagged("2026-01"), clear, *flagged("2026-03", "2026-04", "2026-05")])
    assert found.evidence[0].endswith("达到问责条件：2026年5月连续3次、2026年5月累计4次")
    assert len(found.evidence) == 5


def test_without_an_entry_there_is_no_proposal() -> None:
    assert june(flagged("2026-01", "2026-02")) == []
    assert june(flagged("2026-01", "2026-02", "2026-03", "2026-04", "2026-05")) == []


def test_a_second_level_chiefs_flags_are_a_personal_notice() -> None:
    (found,) = june(flagged("2026-01", "2026-02", "2026-03", kind=CHIEF))
    assert (found.kind, found.measure, found.way) == (ProposalKind.PERSONAL, "个人提示", "向市路长办作个人提示")


def test_a_quarter_proposes_the_last_place_and_the_fund() -> None:
    history = quarter_months("2026Q3", {"a": "91.20", "b": "81.00"})
    last, fund = of_quarter(quarter("2026Q3", history, group("a", "b")))
    assert (last.name, last.measure, last.is_public) == ("b", "书面检查", False)
    assert last.evidence == (
        "甲组（责任单位，2个参评）2026年第三季度末位，连续1个季度",
        "季度成绩81.00分：81.00、81.00、81.00，3个月平均",
    )
    assert (fund.measure, fund.evidence) == (
        "核定经费21万元",
        (
            "a 91.20分：基础分85分，多6.20分，计2档，基准10万元拟增2万元，合计12万元",
            "b 81.00分：基础分85分，少4.00分，计1档，基准10万元拟减1万元，合计9万元",
        ),
    )


def test_an_unfrozen_quarter_proposes_nothing() -> None:
    history = quarter_months("2026Q3", {"a": "91.20", "b": "81.00"})[:2]
    assert of_quarter(quarter("2026Q3", history, group("a", "b"))) == []


def proposal(subject: str = "a", *evidence: str) -> Proposal:
    return Proposal("", "2026Q3", ProposalKind.LAST, UNIT, subject, subject, "书面检查", "x", evidence)


def test_two_different_names_approve() -> None:
    first = proposal().approve(["吴"], NOW)
    assert (first.is_approved, first.approve(["吴"], NOW).is_approved) == (False, False)
    both = first.approve(["冯"], NOW)
    assert (both.is_approved, both.approved_by, both.approved_at) == (True, ("吴", "冯"), NOW.isoformat())
    with pytest.raises(WrongState, match="已由吴、冯批准"):
        both.approve(["郑"], NOW)
    with pytest.raises(Missing):
        proposal().approve([" "], NOW)
    assert Proposal.from_facts(both.to_facts()) == both


def test_who_approved_in_what_place_is_kept_and_read() -> None:
    first = proposal().approve(["吴"], NOW, {"吴": "市路长办"})
    assert texts.line(first).endswith("吴（市路长办）已批准，还需1人")
    both = first.approve(["梁"], NOW, {"梁": "领导小组组长"})
    assert both.signatures == ("吴（市路长办）", "梁（领导小组组长）")
    assert Proposal.from_facts(both.to_facts()) == both
    facts = {name: value for name, value in both.to_facts().items() if name != "approved_as"}
    assert Proposal.from_facts(facts).signatures == ("吴", "梁"), "as an earlier release kept it"


@pytest.mark.parametrize(
    ("places", "is_asked"),
    [
        pytest.param({}, False, id="a city without a leading group"),
        pytest.param({"吴": "市路长办", "冯": "领导小组成员"}, False, id="one of the group"),
        pytest.param({"吴": "市路长办", "冯": "非领导小组成员"}, True, id="none of it"),
    ],
)
def test_approved_by_nobody_of_the_leading_group_its_own_record_is_asked_for(
    places: dict[str, str], is_asked: bool
) -> None:
    approved = proposal().approve(["吴", "冯"], NOW, places)
    assert ("请附领导小组的批准记录" in texts.to_office(approved)) is is_asked
    assert "请附" not in texts.carried_out(approved)


def test_worked_out_again_nothing_changes() -> None:
    before = renewed([], [proposal("a"), proposal("b")], NOW)
    assert [p.id for p in before] == ["2026Q3-1", "2026Q3-2"]
    assert renewed(before, [proposal("b"), proposal("a")], NOW.replace(day=9)) == before


def test_a_new_basis_takes_the_names_away_but_keeps_the_number() -> None:
    (one, two) = renewed([], [proposal("a"), proposal("b")], NOW)
    half = [one.approve(["吴"], NOW), two]
    again = renewed(half, [proposal("a", "新"), proposal("b"), proposal("c")], NOW)
    assert [(p.id, p.subject, p.approved_by) for p in again] == [
        ("2026Q3-1", "a", ()),
        ("2026Q3-2", "b", ()),
        ("2026Q3-3", "c", ()),
    ]


def test_what_was_approved_stays_and_a_number_is_not_given_twice() -> None:
    one, two = renewed([], [proposal("a"), proposal("b")], NOW)
    approved = one.approve(["吴", "冯"], NOW)
    left = renewed([approved, two], [], NOW)
    assert left == [approved, replace(two, is_withdrawn=True)]
    with pytest.raises(WrongState, match="2026Q3-2的依据已变"):
        left[1].approve(["吴"], NOW)
    again = renewed(left, [proposal("a", "新"), proposal("c")], NOW)
    found = [(p.id, p.subject, p.is_approved, p.is_withdrawn) for p in again]
    assert found == [("2026Q3-1", "a", True, False), ("2026Q3-2", "b", False, True), ("2026Q3-3", "c", False, False)]
    back = renewed(again, [proposal("b")], NOW)
    assert [(p.id, p.is_withdrawn) for p in back] == [("2026Q3-1", False), ("2026Q3-2", False), ("2026Q3-3", True)]


def test_months_are_worked_out_each_for_itself() -> None:
    history = flagged("2026-01", "2026-02", "2026-03", "2026-04")
    counts = count_flags(history, RULES.accountability)
    march = of_month(Month(2026, 3), counts, history, RULE)
    april = of_month(Month(2026, 4), counts, history, RULE)
    assert [len(march), len(april)] == [1, 1]
