import random
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from domain.assessment import Assessments, Cutoffs, SequenceKind
from domain.errors import TableError
from domain.flags import Flag, FlagEntry
from domain.month import Month
from domain.ranking import CaseFigures
from domain.roster import Dated
from domain.rulebook import Rule, RuleBook, RuleBooks
from domain.scoring import RATING_MISSING, RATING_UNSET, Evidence, Settings, score_month, standing_so_far
from tests.domain.scoring.build import BOOKS, OCTOBER, SETTINGS, finding, points, roster, scores, segment, table

TOWN, CHIEF, UNIT = SequenceKind.TOWNSHIP, SequenceKind.SECOND_LEVEL, SequenceKind.UNIT
PLAIN = SETTINGS.assessments.versions[0]


def with_settings(**changes: object) -> Settings:
    return replace(SETTINGS, assessments=Assessments((replace(PLAIN, **changes),)))  # type: ignore[arg-type]


def test_s43b_a_segment_is_floored_before_the_mean_and_its_deductions_stay() -> None:
    book = roster(segment("1"), segment("2", road="建设街"))
    found = scores(book, [finding("1", "80"), finding("1", "70", "2026-10-06T09:00:00")])
    row = found.of(TOWN)[0].rows[0]
    assert (str(row.score), points(row)) == ("50.00", ["1 80", "1 70"])


def test_s43d_a_mean_is_rounded_once_half_up() -> None:
    # 100, 100, 99.99 → 99.99666…; two roads at 99.99 and 100 → 99.995, which goes up
    two_roads = roster(segment("1"), segment("2", road="建设街"))
    assert table(scores(two_roads, [finding("1", "0.01")]).of(TOWN)) == {"甲镇": "100.00 1 -"}
    # 99.985 goes up to 99.99, an odd digit too
    assert table(scores(two_roads, [finding("1", "0.03")]).of(TOWN)) == {"甲镇": "99.99 1 -"}
    one_road = roster(segment("1"), segment("2"), segment("3"))
    assert table(scores(one_road, [finding("1", "0.02")]).of(TOWN)) == {"甲镇": "99.99 1 -"}


def test_s43d_equal_when_printed_is_equal() -> None:
    # exactly 99.9966… and 99.9950, both printed 100.00
    book = roster(segment("1"), segment("2"), segment("3"), segment("4", town="乙镇"), segment("5", town="乙镇"))
    found = scores(book, [finding("1", "0.01"), finding("4", "0.01")])
    assert table(found.of(TOWN)) == {"乙镇": "100.00 1 -", "甲镇": "100.00 1 -"}


def test_s44_grades() -> None:
    book = roster(segment("1"), segment("2", town="乙镇"), segment("3", town="丙镇"))
    findings = [finding("1", "10"), finding("2", "10.01"), finding("3", "20.01")]
    graded = scores(book, findings, with_settings(cutoffs=Cutoffs(Decimal(90), Decimal(80))))
    assert [row.grade for row in graded.of(TOWN)[0].rows] == ["良好", "一般", "较差"]
    assert [row.grade for row in scores(book, findings).of(TOWN)[0].rows] == ["未设定"] * 3


def test_s45b_cases_decide_between_equal_scores_in_their_own_sequence() -> None:
    book = roster(segment("1"), segment("2", town="乙镇"), segment("3", town="丙镇", l2="q"))
    cases = {
        (TOWN, "甲镇"): CaseFigures(1, 0, 2),
        (TOWN, "乙镇"): CaseFigures(0, 1, 2),
        (CHIEF, "p"): CaseFigures(9, 9, 9),
    }
    found = score_month(OCTOBER, Evidence([], book, cases), SETTINGS)
    assert table(found.of(TOWN)) == {"丙镇": "100.00 1 red", "乙镇": "100.00 2 red", "甲镇": "100.00 3 black"}
    assert table(found.of(CHIEF)) == {"q": "100.00 1 red", "p": "100.00 2 black"}


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        pytest.param("2026-10-01T00:00:00", True, id="the first instant"),
        pytest.param("2026-09-30T23:59:59.999999", False, id="just before"),
        pytest.param("2026-10-31T23:59:59.999999", True, id="the last instant"),
        pytest.param("2026-11-01T00:00:00", False, id="the next month"),
        pytest.param("2026-09-30T16:00:00Z", True, id="another offset"),
        pytest.param("2026-10-31T16:00:00Z", False, id="another offset at the end"),
    ],
)
def test_s46a_the_month_is_the_city_s(at: str, counts: bool) -> None:
    found = scores(roster(segment("1")), [finding("1", "1", at)])
    assert found.of(TOWN)[0].rows[0].score == (Decimal("99.00") if counts else Decimal("100.00"))
    assert found.coverage.visits == counts


def test_s47b_one_finding_counts_once() -> None:
    row = scores(roster(segment("1")), [finding("1"), finding("1")]).of(TOWN)[0].rows[0]
    assert row.score == Decimal("99.00")


def test_s48_a_deduction_follows_who_held_the_segment_when_inspected() -> None:
    before, after = segment("1", l2="p"), segment("1", l2="q")
    book = roster(Dated(before, None, date(2026, 10, 20)), Dated(after, date(2026, 10, 20)))
    found = scores(book, [finding("1", "3", "2026-10-19T23:59:59"), finding("1", "5", "2026-10-20T00:00:00")])
    rows = {row.subject: row for row in found.of(CHIEF)[0].rows}
    assert (str(rows["p"].score), rows["p"].rank, points(rows["p"])) == ("97.00", 1, ["1 3"])
    # twelve of thirty-one days: listed, with what is theirs, but not ranked
    assert (str(rows["q"].score), rows["q"].rank, rows["q"].flag, points(rows["q"])) == ("95.00", None, None, ["1 5"])
    assert found.of(CHIEF)[0].rows[-1].subject == "q"
    assert table(found.of(TOWN)) == {"甲镇": "92.00 1 -"}


@pytest.mark.parametrize(
    ("since", "rank"),
    [
        pytest.param(date(2026, 4, 16), 1, id="exactly half"),
        pytest.param(date(2026, 4, 17), None, id="a day less"),
    ],
)
def test_s48_half_the_month(since: date, rank: int | None) -> None:
    book = roster(Dated(segment("1", l2="p"), None, since), Dated(segment("1", l2="q"), since))
    april = score_month(Month(2026, 4), Evidence([], book), SETTINGS)
    assert [row.rank for row in april.of(CHIEF)[0].rows if row.subject == "q"] == [rank]


def test_s48_days_on_any_segment_count_and_overlap_once() -> None:
    # q holds 1 all month and 2 for the last ten days: ranked, both segments in the mean
    book = roster(
        segment("1", l2="q"),
        Dated(segment("2", l2="p"), None, date(2026, 10, 22)),
        Dated(segment("2", l2="q"), date(2026, 10, 22)),
    )
    found = scores(book, [finding("2", "10", "2026-10-25T09:00:00")])
    assert table(found.of(CHIEF)) == {"p": "100.00 1 red", "q": "95.00 2 black"}


def test_s49_a_segment_without_unit_is_left_out_of_the_units() -> None:
    found = scores(roster(segment("1"), segment("2", unit="水利局")), [finding("1", "10")])
    assert table(found.of(UNIT)) == {"水利局": "100.00 1 -"}
    assert scores(roster(segment("1"))).of(UNIT) == []


def test_s51a_a_road_is_the_mean_of_its_segments_inside_one_township() -> None:
    # 人民路 in 甲镇 has two sides and one more: (90 + 100 + 100) / 3; 建设街 has one at 94; 人民路 in 乙镇 is apart
    book = roster(
        segment("1", side="北侧"),
        segment("2", side="南侧"),
        segment("3"),
        segment("4", road="建设街"),
        segment("5", town="乙镇"),
    )
    found = scores(book, [finding("1", "10"), finding("4", "6"), finding("5", "50")])
    # (96.666… + 94) / 2
    assert table(found.of(TOWN)) == {"甲镇": "95.33 1 red", "乙镇": "50.00 2 black"}


def test_s54a_a_chief_answers_for_all_his_segments_also_where_he_is_segment_chief() -> None:
    book = roster(segment("1", unit="水利局"), segment("2", town="乙镇"), segment("3", road="建设街"))
    assert table(scores(book, [finding("2", "10")]).of(CHIEF)) == {"p": "96.67 1 -"}


@pytest.mark.parametrize(
    ("grades", "group"),
    [
        pytest.param("ABB", "B", id="most"),
        pytest.param("CCBB", "B", id="as many of two: the harder"),
        pytest.param("CBA", "A", id="as many of three"),
        pytest.param("ACC", "C", id="most are easy"),
    ],
)
def test_s55a_a_chief_is_ranked_once(grades: str, group: str) -> None:
    book = roster(*(segment(str(n), grade=grade) for n, grade in enumerate(grades)))
    lists = scores(book, [finding("0", "10")]).of(CHIEF)
    assert [listed.group for listed in lists] == [group]
    assert lists[0].rows[0].score == Decimal(100) - (Decimal(10) / len(grades)).quantize(Decimal("0.01"))


def test_s56a_ranks_start_at_one_in_each_difficulty() -> None:
    book = roster(
        segment("1", l2="p", grade="A"),
        segment("2", l2="q", grade="A"),
        segment("3", l2="r", grade="B"),
        segment("4", l2="s", grade="B"),
    )
    found = scores(book, [finding("2", "10"), finding("3", "20"), finding("4", "30")])
    assert {listed.group: table([listed]) for listed in found.of(CHIEF)} == {
        "A": {"p": "100.00 1 red", "q": "90.00 2 black"},
        "B": {"r": "80.00 1 red", "s": "70.00 2 black"},
    }
    one_list = scores(book, [finding("2", "10")], with_settings(by_difficulty=False)).of(CHIEF)
    assert [(listed.group, len(listed.rows)) for listed in one_list] == [(None, 4)]


def test_s57a_without_weight_a_unit_is_its_inspection_mean_over_all_townships() -> None:
    book = roster(segment("1", unit="水利局"), segment("2", unit="水利局", town="乙镇"), segment("3", unit="团委"))
    found = scores(book, [finding("1", "10")])
    assert table(found.of(UNIT)) == {"团委": "100.00 1 red", "水利局": "95.00 2 black"}
    assert RATING_UNSET in found.remarks


def test_s57_with_weight_and_all_ratings_they_count() -> None:
    book = roster(segment("1", unit="水利局"), segment("2", unit="团委"))
    by = with_settings(rating_weight=Decimal("0.3"))
    both = score_month(
        OCTOBER, Evidence([finding("1", "10")], book, ratings={"水利局": Fraction(100), "团委": Fraction(60)}), by
    )
    assert table(both.of(UNIT)) == {"水利局": "93.00 1 red", "团委": "88.00 2 black"}
    one = score_month(OCTOBER, Evidence([finding("1", "10")], book, ratings={"水利局": Fraction(100)}), by)
    assert table(one.of(UNIT)) == {"团委": "100.00 1 red", "水利局": "90.00 2 black"}
    assert RATING_MISSING in one.remarks


def test_s69_nobody_is_merged_across_sequences() -> None:
    found = scores(roster(segment("1", unit="水利局"), segment("2", town="乙镇")), [finding("1", "10")])
    assert [(s.sequence, len(s.rows)) for s in found.sequences] == [(TOWN, 2), (CHIEF, 1), (UNIT, 1)]
    # the one deduction stands in a line of each, once
    assert [[points(row) for row in s.rows if row.deductions] for s in found.sequences] == [[["1 10"]]] * 3


def test_blank_points_follow_the_rule_book_that_is_asked() -> None:
    other = RuleBooks((RuleBook("另一版", date(2026, 1, 1), False, {"luan.stall": Rule(Decimal(7), "一")}),))
    book = roster(segment("1"))
    assert scores(book, [finding("1", "")]).of(TOWN)[0].rows[0].score == Decimal("99.50")
    assert scores(book, [finding("1", "")], replace(SETTINGS, rules=other)).of(TOWN)[0].rows[0].score == Decimal(
        "93.00"
    )
    assert scores(book, [finding("1", "2")], replace(SETTINGS, rules=other)).of(TOWN)[0].rows[0].score == Decimal(
        "98.00"
    )
    with pytest.raises(TableError, match="没有类别other的分值"):
        scores(book, [finding("1", "", category="other")])


def test_a_finding_without_a_segment_on_its_day_stops_the_score() -> None:
    book = roster(Dated(segment("1"), date(2026, 10, 10)))
    with pytest.raises(TableError, match="2026-10-05没有路段1"):
        scores(book, [finding("1")])


def test_a_month_by_the_settings_of_its_first_day() -> None:
    later = replace(PLAIN, since=date(2026, 10, 2), by_difficulty=False)
    by = replace(SETTINGS, assessments=Assessments((PLAIN, later)))
    book = roster(segment("1"))
    assert [s.group for s in scores(book, [], by).of(CHIEF)] == ["A"]
    november = score_month(Month(2026, 11), Evidence([], book), by)
    assert [s.group for s in november.of(CHIEF)] == [None]


def test_coverage_and_problems() -> None:
    book = roster(*map(segment, "12345"))
    visits = [
        finding("1"),
        finding("1", "2"),
        finding("3", "0", category=""),
        finding("2", "1", category="zang.litter"),
    ]
    found = scores(book, visits)
    assert (found.coverage.segments, found.coverage.visited, found.coverage.visits) == (5, 3, 4)
    assert found.problems == (("luan.stall", 2), ("zang.litter", 1))
    assert found.rules == ("路长制考评办法（试行）", "细则（示例）")


def test_s43c_who_was_never_visited_is_ranked_all_the_same() -> None:
    book = roster(segment("1"), segment("2"), segment("3", town="乙镇", l2="q"))
    found = scores(book, [finding("1", "1")])
    assert table(found.of(TOWN)) == {"乙镇": "100.00 1 red", "甲镇": "99.50 2 black"}
    assert table(found.of(CHIEF)) == {"q": "100.00 1 red", "p": "99.50 2 black"}


def test_the_order_of_rows_plays_no_part() -> None:
    segments = [
        segment(str(n), road="人民路" if n % 3 else "建设街", town="甲乙丙"[n % 2], l2="pqr"[n % 3]) for n in range(9)
    ]
    findings = [finding(str(n % 9), f"{n}.5", f"2026-10-{n + 1:02}T09:00:00") for n in range(20)]
    first = scores(roster(*segments), findings).to_json()
    for seed in range(5):
        mixed = random.Random(seed)
        mixed.shuffle(segments)
        mixed.shuffle(findings)
        assert scores(roster(*segments), findings).to_json() == first


def test_standing_so_far_reads_the_days_behind() -> None:
    at = datetime.fromisoformat
    since = date(2026, 10, 6)
    book = roster(Dated(segment("1", l2="p"), None, since), Dated(segment("1", l2="q"), since))
    evidence = Evidence([finding("1", "1", "2026-10-03T09:00"), finding("1", "2", "2026-10-09T09:00")], book)
    early = standing_so_far(OCTOBER, evidence, SETTINGS, at("2026-10-09T09:00+08:00"))
    assert table(early.of(TOWN)) == {"甲镇": "99.00 1 -"}
    assert table(early.of(CHIEF)) == {"p": "99.00 1 -", "q": "100.00 - -"}  # five and four of nine days
    late = standing_so_far(OCTOBER, evidence, SETTINGS, at("2026-12-01T00:00+08:00"))
    assert late == score_month(OCTOBER, evidence, SETTINGS)
    before = standing_so_far(OCTOBER, evidence, SETTINGS, at("2026-09-01T00:00+08:00"))
    assert table(before.of(TOWN)) == {"甲镇": "100.00 1 -"}


def test_json() -> None:
    found = scores(roster(segment("1"), segment("2", town="乙镇", l2="q")), [finding("1", "0.5", key="k1")])
    assert found.to_json("a1b2") == {
        "period": "2026-10",
        "head": "a1b2",
        "sequences": [
            {
                "sequence": "township",
                "group": None,
                "rows": [
                    {
                        "subject": "乙镇",
                        "name": "乙镇",
                        "score": "100.00",
                        "rank": 1,
                        "grade": "未设定",
                        "flag": "red",
                        "deductions": [],
                    },
                    {
                        "subject": "甲镇",
                        "name": "甲镇",
                        "score": "99.50",
                        "rank": 2,
                        "grade": "未设定",
                        "flag": "black",
                        "deductions": [{"finding": "k1", "segment": "1", "category": "luan.stall", "points": "0.50"}],
                    },
                ],
            },
            {
                "sequence": "second_level",
                "group": "A",
                "rows": [
                    {
                        "subject": "q",
                        "name": "秦刚",
                        "score": "100.00",
                        "rank": 1,
                        "grade": "未设定",
                        "flag": "red",
                        "deductions": [],
                    },
                    {
                        "subject": "p",
                        "name": "彭涛",
                        "score": "99.50",
                        "rank": 2,
                        "grade": "未设定",
                        "flag": "black",
                        "deductions": [{"finding": "k1", "segment": "1", "category": "luan.stall", "points": "0.50"}],
                    },
                ],
            },
        ],
    }


def test_s68_the_register_says_what_stands_behind_a_flag() -> None:
    found = scores(roster(segment("1"), segment("2", town="乙镇")), [finding("1", "0.5")])
    assert found.flag_register() == [
        FlagEntry(OCTOBER, TOWN, None, "乙镇", "乙镇", Decimal("100.00"), 1, "未设定", Flag.RED, found.rules),
        FlagEntry(OCTOBER, TOWN, None, "甲镇", "甲镇", Decimal("99.50"), 2, "未设定", Flag.BLACK, found.rules),
    ]


def test_an_empty_roster_has_no_lists() -> None:
    assert scores(roster()).to_json()["sequences"] == []
    assert BOOKS.versions[0].is_sample
