"""Questions about figures: read from everyday words, and never out of a report."""

import json
from functools import cache
from pathlib import Path

import pytest

from bot.tables_in import read_rows
from domain.assessment import SequenceKind
from domain.flags import Flag
from domain.imports.roster import parse_roster
from domain.month import Month, Quarter
from domain.questions import Topic
from domain.roster import Dated, Roster
from domain.subjects import SubjectKind, names_of
from handlers import asked
from handlers.asked import Asked
from handlers.months import Span
from tests.domain.casework.city import MONDAY, City
from tests.house import segment

DATA = Path(__file__).resolve().parent.parent / "domain" / "data"
JUNE, MAY = Month(2026, 6), Month(2026, 5)


def read(text: str, *, is_bare: bool = False) -> Asked | None:
    return asked.read(text, City().work, is_bare=is_bare)


@pytest.mark.parametrize(
    ("text", "name", "span"),
    [
        pytest.param("东关街道这个月怎么样", "东关街道", JUNE, id="a township"),
        pytest.param("@路长助手 东关怎么样", "东关街道", None, id="by its short name, the bot called"),
        pytest.param("东关街道办5月情况如何", "东关街道", MAY, id="by its office"),
        pytest.param("农业局上个月得了多少分？", "市农业局", MAY, id="a unit without its level"),
        pytest.param("请问人民路五月份咋样", "人民路", MAY, id="a road, the month in words"),
        pytest.param("陈涛二级路长排第几", "陈涛", None, id="a chief with his office"),
        pytest.param("陈涛 本季度 怎么样", "陈涛", Quarter(2026, 2), id="this quarter"),
        pytest.param("王建国一季度成绩", "王建国", Quarter(2026, 1), id="a quarter"),
        pytest.param("东关第四季度怎么样", "东关街道", Quarter(2025, 4), id="a quarter of last year"),
        pytest.param("河西镇今年怎么样", "河西镇", 2026, id="this year"),
        pytest.param("河西去年排名", "河西镇", 2025, id="last year"),
        pytest.param("市农业局王建国怎么样", "王建国", None, id="a chief with his unit"),
        pytest.param("东关街道人民路怎么样", "人民路", None, id="a road with its township"),
        pytest.param("东关街道全市排第几", "东关街道", None, id="in the city"),
        pytest.param("XC003怎么样", "建设街（人民路—中山路）", None, id="a segment"),
        pytest.param("人民路（建设街—文化街）怎么样", "人民路（建设街—文化街）", None, id="a segment by its title"),
    ],
)
def test_how_somebody_stands(text: str, name: str, span: Span | None) -> None:
    question = read(text)
    assert question is not None
    assert (question.topic, [one.name for one in question.subjects]) == (Topic.STANDING, [name])
    assert question.span == span
    assert not question.unknown


@pytest.mark.parametrize(
    ("text", "topic", "more"),
    [
        pytest.param("占道经营多少处", Topic.COUNT, {"categories": ("luan.stall",), "said": "占道经营"}, id="a count"),
        pytest.param("5月流动商贩有哪些", Topic.COUNT, {"categories": ("luan.vendor",), "span": MAY}, id="a list"),
        pytest.param("建设街有哪些问题", Topic.COUNT, {"categories": ()}, id="of a road"),
        pytest.param("建设街流动商贩情况", Topic.COUNT, {"is_soft": True}, id="what others report in these words"),
        pytest.param("谁挂了黑旗", Topic.FLAGS, {"flag": Flag.BLACK}, id="black flags"),
        pytest.param("5月红黑旗", Topic.FLAGS, {"flag": None, "span": MAY}, id="both flags"),
        pytest.param("责任单位红旗名单", Topic.FLAGS, {"sequence": SequenceKind.UNIT}, id="flags of units"),
        pytest.param("二级路长排名", Topic.RANKING, {"sequence": SequenceKind.SECOND_LEVEL}, id="a list of chiefs"),
        pytest.param("哪个街道垫底", Topic.RANKING, {"sequence": SequenceKind.TOWNSHIP}, id="the last township"),
        pytest.param("路段长排名", Topic.RANKING, {"unranked": "路段长"}, id="whom no list holds"),
        pytest.param("5月申诉几件", Topic.APPEALS, {"span": MAY}, id="appeals"),
        pytest.param("如何申诉扣分", Topic.APPEALS, {}, id="how to appeal"),
        pytest.param("上个月督查覆盖率", Topic.COVERAGE, {"span": MAY}, id="coverage"),
        pytest.param("哪些路段没督查", Topic.COVERAGE, {}, id="what was not inspected"),
        pytest.param("为什么东关扣分", Topic.WHY, {}, id="why"),
        pytest.param("陈涛怎么扣的分", Topic.WHY, {}, id="why a chief"),
        pytest.param("我们局这个月第几名", Topic.STANDING, {"is_mine": True}, id="one's own"),
    ],
)
def test_what_is_asked(text: str, topic: Topic, more: dict[str, object]) -> None:
    question = read(text)
    assert question is not None
    assert question.topic is topic
    assert {name: getattr(question, name) for name in more} == more
    assert not question.unknown


@pytest.mark.parametrize(
    "text",
    [
        "东关街道烧烤摊情况严重",
        "建设街流动商贩",
        "人民路情况不好，垃圾没人清",
        "人民路百货大楼门口井盖破损",
        "6月1日建设街占道经营",
        "陈涛",
        "东关街道",
        "天气怎么样",
        "处理得怎么样",
        "请东关街道今天解决占道经营的问题并报告情况",
        "13月怎么样",
        "陈涛说建设街情况如何如何，其实垃圾都清走了没有问题了大家放心",
    ],
)
def test_what_is_no_question_about_figures(text: str) -> None:
    assert read(text) is None


def test_a_road_is_not_the_township_that_bears_its_name() -> None:
    office = "人民路街道办事处"
    roster = Roster(version=1, segments=(Dated(segment(1, "人民路", "建设街", "文化街", township=office)),))
    names = names_of(roster, MONDAY, ())
    assert [one.kind for one in names["人民路"]] == [SubjectKind.ROAD]
    for called in (office, "人民路街道", "人民路街道办", "人民路办"):
        assert [one.key for one in names[called]] == [office]


def test_a_name_by_itself_asks_only_where_it_may() -> None:
    question = read("陈涛", is_bare=True)
    assert question is not None
    assert question.topic is Topic.STANDING
    assert read("陈涛来了", is_bare=True) is None


@pytest.mark.parametrize(("text", "unknown"), [("陈韬这个月怎么样", "陈韬"), ("文明路咋样", "文明路")])
def test_a_name_that_nobody_bears(text: str, unknown: str) -> None:
    question = read(text)
    assert question is not None
    assert question.unknown == unknown


@cache
def town() -> Roster:
    """The roster of the labelled lines."""
    segments = parse_roster("r.csv", read_rows(DATA / "roster-demo.csv"))
    return Roster(version=1, segments=tuple(Dated(one) for one in segments))


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.jsonl")))
def test_no_labelled_line_but_a_question_reads_as_one(name: str) -> None:
    work = City(roster=town()).work
    lines = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    wrong = [one["text"] for one in lines if one.get("intent") != "query" and asked.read(one["text"], work)]
    assert wrong == []
