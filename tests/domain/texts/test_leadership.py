from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from domain.assessment import Cutoffs, SequenceKind
from domain.comparison import Difference
from domain.flags import Flag
from domain.month import Month
from domain.period import Period, Stage
from domain.printed import PrintedRow
from domain.roster import Dated
from domain.scoring import Evidence, Scores, score_month
from domain.texts.leadership import Bulletin, Correction, announcement, draft_notice, postponed
from tests.domain.scoring.build import SETTINGS, finding, roster, scores, segment

NAMES = {"luan.stall": "乱设摊点", "zang.litter": "路面遗漏垃圾"}
TITLE = "溪城市城市精细化管理“路长制”考评办法"


def month(*points: str) -> Scores:
    """Return a month of one segment in each of four townships, with these points."""
    towns = ["东关街道", "新城街道", "城关乡", "河西镇"]
    chiefs = ["陈涛", "赵强", "周敏", "王建国"]
    book = [
        segment(str(n), town=t, l2=c, unit="水利局" if n < 2 else "")
        for n, (t, c) in enumerate(zip(towns, chiefs, strict=True))
    ]
    return scores(roster(*book), [finding(str(n), p) for n, p in enumerate(points)])


def bulletin(found: Scores) -> Bulletin:
    return Bulletin(found, TITLE, NAMES, date(2026, 11, 5), "0123456789abcdef", city="溪城市")


def test_the_announcement() -> None:
    assert announcement(replace(bulletin(month("0.5", "1", "2", "3")), appeals=7, appeals_accepted=2)) == (
        "各位领导：根据《溪城市城市精细化管理“路长制”考评办法》，现将10月份考评结果通报如下。\n"
        "一、辖区排名：1.东关街道99.50分（红旗）；2.新城街道99.00分（红旗）；3.城关乡98.00分；4.河西镇97.00分（黑旗）。\n"
        "二、二级路长：A类道路，红旗1名：陈涛；黑旗3名：赵强、周敏、王建国。\n"
        "三、责任单位：只有1个参加排名，不设红旗、黑旗。\n"
        "四、主要问题：乱设摊点4处（共4处）。督查覆盖4个路段中的4个。\n"
        "五、申诉：7件，采纳2件，均已计入。\n"
        "说明：评分权重未设定；等级分数线未设定。\n"
        "请阅示。\n"
        "溪城市路长办　2026年11月5日\n"
        "依据版本：路长制考评办法（试行）、细则（示例）。台账校验值：0123456789abcdef"
    )


def test_a_clean_month_hangs_no_flags() -> None:
    text = announcement(bulletin(month()))
    assert "一、辖区排名：4个辖区同为100.00分，不设红旗、黑旗：东关街道、城关乡、新城街道、河西镇。" in text
    assert "二、二级路长：A类道路，4名同分，不设红旗、黑旗。" in text
    assert "四、主要问题：本月督查未发现问题。督查覆盖4个路段中的0个。" in text
    assert "五、申诉：本月没有申诉。" in text
    assert "（红旗" not in text
    assert "（黑旗" not in text


def test_a_month_without_a_roster() -> None:
    text = announcement(bulletin(scores(roster())))
    assert text.count("本月没有参评") == 3


def test_grades_are_printed_with_their_cut_offs() -> None:
    cutoffs = Cutoffs(Decimal(90), Decimal(80))
    settings = replace(
        SETTINGS,
        assessments=replace(
            SETTINGS.assessments, versions=(replace(SETTINGS.assessments.versions[0], cutoffs=cutoffs),)
        ),
    )
    book = roster(segment("1"), segment("2", town="乙镇"))
    found = score_month(Month(2026, 10), Evidence([finding("1", "15")], book), settings)
    text = announcement(replace(bulletin(found), cutoffs=cutoffs))
    assert "1.乙镇100.00分（红旗，良好）；2.甲镇85.00分（黑旗，一般）" in text
    assert "等级：90分及以上良好，80分及以上一般，以下较差" in text
    assert "未设定；" not in text


def test_who_was_in_office_too_short_is_named_without_a_rank() -> None:
    book = roster(
        Dated(segment("1", l2="陈涛"), None, date(2026, 10, 25)), Dated(segment("1", l2="赵强"), date(2026, 10, 25))
    )
    text = announcement(bulletin(scores(book)))
    assert "A类道路，只有1名参加排名，不设红旗、黑旗。在任不足半月不参加排名：赵强。" in text


@pytest.mark.parametrize(
    ("period", "published", "words"),
    [
        pytest.param("2026-12", date(2027, 1, 7), "现将2026年12月份考评", id="December in January"),
        pytest.param("2026-10", date(2026, 12, 1), "现将2026年10月份考评", id="made up a month later"),
        pytest.param("2026-10", date(2026, 11, 5), "现将10月份考评", id="the month after"),
    ],
)
def test_the_year_is_named_where_it_may_be_mistaken(period: str, published: date, words: str) -> None:
    found = score_month(Month.parse(period), Evidence([], roster(segment("1"))), SETTINGS)
    assert words in announcement(replace(bulletin(found), published_on=published))


def test_marks_of_a_late_and_of_a_corrected_announcement() -> None:
    late = announcement(replace(bulletin(month()), makes_up_for=date(2026, 11, 5), published_on=date(2026, 11, 6)))
    assert late.startswith("【补发】原定2026年11月5日通报，因系统停机未能按时发出，现予补发。\n各位领导：")
    row = PrintedRow(SequenceKind.SECOND_LEVEL, "A", "jia", "甲", Decimal("99.00"), 2, "一般", Flag.BLACK)
    new = replace(row, score=Decimal("100.00"), rank=1, flag=None)
    changes = (Difference(row, new), Difference(None, replace(new, subject="yi", name="乙", rank=None)))
    correction = Correction(1, date(2026, 11, 5), "fedcba9876543210", "复核误录", changes, ("吴静", "冯涛"))
    corrected = announcement(replace(bulletin(month()), correction=correction))
    assert corrected.startswith(
        "【更正】本通报更正2026年11月5日发布的2026年10月份考评通报（第1版，台账校验值：fedcba9876543210），原通报保留备查，"
        "以本通报为准。更正原因：复核误录。更正内容：二级路长A类甲 99.00分第2名黑旗→100.00分第1名；二级路长A类乙 未列→100.00分不参与排名。署名：吴静、冯涛。\n各位领导："
    )


def test_targets_that_nobody_has_set_are_said_to_be_unset() -> None:
    found = replace(bulletin(month()), targets=(("亮灯率", Decimal("98.50")), ("餐饮油烟净化设施安装率", None)))
    assert "亮灯率目标98.5%，餐饮油烟净化设施安装率目标未设定。" in announcement(found)


def test_appeals_none_of_which_was_accepted() -> None:
    assert "五、申诉：3件，均未采纳。" in announcement(replace(bulletin(month()), appeals=3))


def test_only_the_main_problems_are_listed() -> None:
    findings = [finding("0", "0.1", f"2026-10-{d:02}T09:00:00", f"c{d % 7}") for d in range(1, 29)]
    text = announcement(bulletin(scores(roster(segment("0")), findings)))
    assert "c04处、c14处、c24处、c34处、c44处（共28处）" in text


def in_objection() -> Period:
    at = datetime.fromisoformat
    return Period(
        Month(2026, 10),
        Stage.OBJECTION,
        objections_end=at("2026-11-05T00:00+08:00"),
        publish_at=at("2026-11-05T09:12+08:00"),
    )


def test_the_draft_notice() -> None:
    text = draft_notice(month("0.5", "1", "2", "3"), in_objection(), [], is_signed=False)
    assert text == (
        "【代拟稿】2026年10月份考评草稿已生成。\n"
        "辖区：1.东关街道99.50分（红旗）；2.新城街道99.00分（红旗）；4.河西镇97.00分（黑旗）。\n"
        "申诉期至11月4日（含），11月5日09:12自动通报。\n"
        "需要暂缓请回复“暂缓通报 原因”，恢复请回复“恢复通报”。"
    )


def test_the_draft_notice_in_signed_mode_and_with_an_obstacle() -> None:
    text = draft_notice(month(), in_objection(), ["等待定稿", "还有1件申诉未办结"], is_signed=True)
    assert "辖区：不设红旗、黑旗。" in text
    assert "11月5日09:12定稿后通报，定稿请回复“定稿”。" in text
    assert "尚不能通报：还有1件申诉未办结。" in text


def test_the_daily_word_on_a_month_that_waits() -> None:
    text = postponed(in_objection(), ["还有1件申诉未办结"])
    assert text == "2026年10月份考评今日未通报：还有1件申诉未办结。将于11月5日09:12再次通报。"
