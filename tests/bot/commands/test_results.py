"""What-if, rule books side by side, the year, exports and the special fund, by the commands' own functions."""

import csv
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import docx
import openpyxl
import pytest

from bot.assembly import rules_of
from bot.cli import main
from bot.commands import accountability
from bot.commands.exports import cell, export
from bot.commands.scores import score
from bot.commands.session import UsageError
from bot.config_model import Tables
from domain import tables
from domain.assessment import SequenceKind
from domain.errors import ImportRefused, LuzhangError, Missing, NotFound, RuleError, WrongState
from domain.roster import Dated, Post, Role
from tests.bot.commands.files import write
from tests.bot.commands.quarter_city import QUARTER, TOWNS, City, open_city
from tests.house import POSTS

BOOK = Path(tables.__file__).with_name("rules.toml")


@pytest.fixture
async def city(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[City]:
    async with open_city(tmp_path, capsys) as opened:
        yield opened


def changed(folder: Path, table: str, old: str, new: str) -> Path:
    """A built-in table with one figure changed."""
    text = BOOK.with_name(table).read_text(encoding="utf-8")
    assert old in text
    return write(folder, table, text.replace(old, new))


async def exported(city: City, kind: str, period: str, list_: str, stored: str = "") -> list[dict[str, str]]:
    out = city.folder / "out"
    await city.told(lambda session: export(session, kind, period, out))
    with (out / f"{stored or period}{list_}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


async def listed(city: City, period: str | None = None) -> list[str]:
    told = await city.told(lambda session: accountability.list_proposals(session, period, as_json=False))
    return told.splitlines()


async def approve(city: City, id_: str) -> None:
    await city.told(lambda session: accountability.approve(session, [id_], "甲某，乙某"))


async def test_another_rule_book_says_who_would_rise_and_fall(city: City) -> None:
    await city.month("2026-01", ("XC001", ""), ("XC003", "3"))
    other = changed(city.folder, "rules.toml", '"luan.stall", points = "0.50"', '"luan.stall", points = "10"')
    shown = await city.score("2026-01", other)
    assert "与现行细则相比（试算，不影响已通报的成绩）：" in shown
    assert "责任单位上升1个：市水利局 第3名→第2名 97.00分\n" in shown
    assert "责任单位下降1个：市农业局 第2名→第3名 99.75→95.00分" in shown
    (fallen,) = [c for c in (await city.json("2026-01", other))["changes"] if c["subject"] == "市农业局"]
    assert (fallen["score"], fallen["rank"]) == (["99.75", "95.00"], [2, 3])
    assert "changes" not in await city.json("2026-01")
    assert "与现行细则相比：得分、名次和红黑旗都不变。" in await city.score("2026-01", BOOK)
    for period in ("2026Q1", "2026"):
        with pytest.raises(UsageError, match="--rules 只能试算月份"):
            await score(city.session, period, other, as_json=True)


def test_two_rule_books_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for line in BOOK.read_text(encoding="utf-8").splitlines() if '"zang.litter"' not in line]
    text = "\n".join(lines).replace('"luan.stall", points = "0.50"', '"luan.stall", points = "0.20"')
    text = text.replace("示例细则二（2）", "新条").replace(
        '"luan.vendor", points = "0.50"', '"luan.vendor", points = "1.00"'
    )
    new = write(tmp_path, "new.toml", text)
    assert main(["rules", "diff", str(BOOK), str(new)]) == 0
    shown = capsys.readouterr().out
    assert "调低1类：\n  乱设摊点（luan.stall）0.50→0.20分" in shown
    assert "调高1类：\n  流动商贩（luan.vendor）0.50→1.00分" in shown
    assert "取消1类：\n  路面遗漏垃圾（zang.litter）0.50分" in shown
    assert "只改条款1类：" in shown
    assert "“示例细则二（2）突店经营”→“新条突店经营”" in shown
    assert main(["rules", "diff", str(BOOK), str(BOOK)]) == 0
    assert "分值和条款都相同。" in capsys.readouterr().out
    assert main(["rules", "diff", str(BOOK), str(tmp_path / "none.toml")]) == 2
    assert "没有文件" in capsys.readouterr().err
    assert main(["rules", "diff", str(BOOK), str(new), "--on", "1月"]) == 2


async def test_the_year(city: City) -> None:
    assert "还没有定稿的月份" in await city.score("2026")
    await city.month("2026-01", ("XC005", "10"))
    await city.month("2026-02", ("XC005", "15.01"))
    got = await city.json("2026")
    assert got["months"] == ["2026-01", "2026-02"]
    (mine,) = [row for row in got["rows"] if row["subject"] == "河西镇"]
    # (90.00 + 84.99) / 2 = 87.495
    assert (mine["score"], mine["months"], mine["rank"], mine["black"], mine["points"]) == ("87.50", 2, 2, 2, "35.00")
    shown = await city.score("2026")
    assert "第2名 河西镇 87.50分（2个月），红旗0次、黑旗2次，计入年度目标考核35.00分" in shown


async def test_finance_shows_each_figure_and_whether_it_is_approved(city: City) -> None:
    await city.months(QUARTER, ("XC005", "18.2"))
    rows = await exported(city, "finance", "2026Q1", "经费核拨")
    assert {row["送达"] for row in rows} == {"财政部门、行业主管和监管部门"}
    assert {row["考评周期"] for row in rows} == {"2026Q1"}
    (mine,) = [row for row in rows if row["单位"] == "河西镇"]
    keys = ("季度成绩", "基础分", "分差", "档数", "基准（元）", "增减（元）", "经费（元）", "批准")
    assert [mine[key] for key in keys] == [
        "81.80",
        "85",
        "-3.20",
        "-1",
        "100000",
        "-10000",
        "90000",
        "未经批准，仅供测算",
    ]
    upkeep = await exported(city, "finance", "2026Q1", "养护经费参考")
    assert [(row["问题类别"], row["职能单位"], row["督查问题（处）"]) for row in upkeep] == [
        ("乱设摊点", "城管执法局", "3")
    ]
    (fund,) = [line.split()[0] for line in await listed(city, "2026q1") if "季度经费：街道组" in line]
    await approve(city, fund)
    rows = await exported(city, "finance", "2026Q1", "经费核拨")
    assert {row["批准"] for row in rows if row["考评组"] == "街道组"} == {"甲某、乙某批准"}
    assert {row["批准"] for row in rows if row["考评组"] == "单位组"} == {"未经批准，仅供测算"}


async def holding(city: City, *posts: Post) -> None:
    """More posts for people of the house."""
    rosters = city.house.store.rosters
    people = list((await rosters.load()).people.values())
    held = [Dated(post) for post in (*POSTS, *posts)]
    await rosters.import_people(people, held, date(2026, 1, 1), city.house.clock.now())


async def test_the_leading_group_stands_where_it_approves_reads_and_meets(city: City) -> None:
    await holding(
        city,
        Post("zhang", Role.GENERAL, "", "市政府"),
        Post("zheng", Role.GENERAL, "副总路长", "市政府"),
        Post("zhou", Role.OFFICE, "", "市财政局"),
    )
    await city.months(QUARTER, ("XC005", "18.2"))
    fund = next(line.split()[0] for line in await listed(city, "2026Q1") if "季度经费：街道组" in line)
    for id_, names, told in (
        (fund, "张市长,吴主任", "已由张市长（领导小组组长）、吴主任（市路长办）批准"),
        ("2026-03-1", "吴主任,冯副主任", "已由吴主任（市路长办）、冯副主任（市路长办）批准"),
    ):
        assert told in await city.told(partial(accountability.approve, ids=[id_], signed_by=names))
    await city.house.machine.settle()
    await city.house.advance(days=1)
    lacks = "批准人都不在领导小组名单，请附领导小组的批准记录。"
    done = [text for text in city.house.all_heard("吴主任") if "可以执行" in text]
    assert [lacks in text for text in done if fund in text or "2026-03-1" in text] == [False, True]
    assert not any(lacks in text for text in city.house.all_heard("马镇长"))
    (paid, *_) = [row for row in await exported(city, "finance", "2026Q1", "经费核拨") if row["考评组"] == "街道组"]
    assert paid["批准"] == "张市长（领导小组组长）、吴主任（市路长办）批准"
    read = await exported(city, "distribution", "2026-03", "通报分发")
    people = [(row["姓名"], row["单位"], row["职务"], row["组织职务"]) for row in read]
    for reader in (
        ("张市长", "市政府", "总路长", "领导小组组长"),
        ("张市长", "市政府", "一级路长", "领导小组组长"),
        ("郑副市长", "市政府", "副总路长", "领导小组副组长"),
        ("马镇长", "河西镇", "辖区总路长", "领导小组成员"),
        ("吴主任", "市路长办", "市路长办", ""),
        ("未登记", "人社局", "", "市路长办兼职副主任"),
    ):
        assert people.count(reader) == 1, reader
    meeting = await exported(city, "review", "2026年第一季度", "点评会名单", stored="2026Q1")
    invited = [(row["姓名"], row["单位"], row["组织职务"]) for row in meeting]
    assert invited[:2] == [("张市长", "市政府", "领导小组组长"), ("郑副市长", "市政府", "领导小组副组长")]
    assert ("周敏", "财政局", "市路长办兼职副主任") in invited
    assert sum(row["姓名"] == "未登记" for row in meeting) == 10


async def test_the_years_exports(city: City) -> None:
    await city.months(QUARTER, ("XC005", "15"))
    (target,) = [r for r in await exported(city, "appraisal", "2026", "年度目标考核") if r["对象"] == "河西镇"]
    assert (target["年度成绩"], target["计入月数"], target["计入目标考核得分（40%）"]) == ("85.00", "3", "34.00")
    civilised = await exported(city, "civilised", "2026", "文明单位创建")
    assert {row["序列"] for row in civilised} == {"辖区", "责任单位"}
    (cadre,) = [r for r in await exported(city, "cadre", "2026", "年度考核和评先评优") if r["对象"] == "河西镇"]
    assert (cadre["黑旗次数"], cadre["达到问责条件（次）"], cadre["已批准的处理"]) == ("3", "1", "")
    assert "2026-03-1 黑旗问责：辖区河西镇，启动问责，待批准" in await listed(city)
    await approve(city, "2026-03-1")
    (cadre,) = [r for r in await exported(city, "cadre", "2026", "年度考核和评先评优") if r["对象"] == "河西镇"]
    assert cadre["已批准的处理"] == "2026年3月启动问责"


async def test_a_unit_is_held_to_account_for_its_year_by_people_alone(city: City) -> None:
    await city.months(QUARTER, ("XC005", "15"))
    unit = SequenceKind.UNIT
    await listed(city)
    await approve(city, "2026-03-2")
    for subject, reason, error, said in (
        ("市科技局", " ", Missing, "理由"),
        ("市外星局", "无人管理", NotFound, "没有责任单位“市外星局”的成绩"),
    ):
        with pytest.raises(error, match=said):
            await accountability.propose(city.session, 2026, unit, subject, reason)
    with pytest.raises(WrongState, match="辖区或责任单位"):
        await accountability.propose(city.session, 2026, SequenceKind.SECOND_LEVEL, "gao", "无人管理")
    told = await city.told(lambda session: accountability.propose(session, 2026, unit, "市科技局", "长期无人管理"))
    assert told.splitlines() == [
        "2026-1 年度问责：责任单位市科技局，年度问责，待批准",
        "办法：由监察机关依规依纪处理。",
        "依据：",
        "  认定理由：长期无人管理",
        "  第3名 市科技局 85.00分（3个月），红旗0次、黑旗3次，计入年度目标考核34.00分",
        "  责任单位市科技局：连续3次，当年累计3次，达到问责条件：2026年3月连续3次",
        "  2026年3月启动问责，已由甲某、乙某批准",
    ]
    head = "sequence,subject,amount,reason"
    rewards = write(city.folder, "a.csv", head, "辖区,东关街道,50000,全年第1名")
    await city.told(lambda session: accountability.take_awards(session, rewards, 2026, dry_run=False))
    assert [line.split("，")[0] for line in await listed(city, "2026")] == [
        "2026-1 年度问责：责任单位市科技局",
        "2026-2 专项奖励：辖区东关街道",
    ]
    await approve(city, "2026-1")


async def test_the_months_exports(city: City) -> None:
    await city.month("2026-01", ("XC005", "15"))
    (mine,) = [row for row in await exported(city, "media", "2026-01", "媒体公布") if row["对象"] == "河西镇"]
    assert (mine["序列"], mine["成绩"], mine["名次"], mine["红黑旗"]) == ("辖区", "85.00", "2", "黑旗")
    out = city.folder / "out"
    told = (out / "2026年1月媒体通稿.txt").read_text(encoding="utf-8-sig")
    assert "2　河西镇　85.00分　黑旗" in told
    printed = docx.Document(str(out / "2026年1月媒体通稿.docx"))
    assert ["2", "河西镇", "85.00", "黑旗"] in [[c.text for c in row.cells] for t in printed.tables for row in t.rows]
    assert openpyxl.load_workbook(out / "2026年1月媒体公布.xlsx").sheetnames == ["媒体公布"]  # readers not among them
    assert (out / "2026年1月通报分发.xlsx").is_file()
    people = await exported(city, "distribution", "2026-01", "通报分发")
    assert ("郑副市长", "市政府", "领导") in [(row["姓名"], row["单位"], row["职务"]) for row in people]
    assert "未登记" not in {row["姓名"] for row in people}, "no body of the office has named anybody"
    assert await exported(city, "departments", "2026-01", "职能单位排名") == []
    rates = await exported(city, "indicators", "2026-01", "行业指标")
    assert [(row["范围"], row["指标"], row["数值（%）"]) for row in rates][:2] == [
        ("全市", "按期处置率", "没有案件"),
        ("全市", "按期结案率", "没有案件"),
    ]


@pytest.mark.parametrize(
    ("kind", "period", "error", "said"),
    [
        pytest.param(
            "finance", "2026Q2", WrongState, "2026年4月、2026年5月、2026年6月尚未定稿", id="S75 quarter not frozen"
        ),
        pytest.param("media", "2026-05", WrongState, "2026年5月尚未定稿", id="S75 month not frozen"),
        pytest.param("appraisal", "2025", WrongState, "还没有定稿的月份", id="S75 a year without months"),
        pytest.param("appraisal", "2026-01", RuleError, "不是年份", id="a month where a year is meant"),
        pytest.param("finance", "2026", RuleError, "不是季度", id="a year where a quarter is meant"),
        pytest.param("gossip", "2026", UsageError, "没有导出 gossip，可用：finance", id="no such use"),
    ],
)
async def test_what_is_not_frozen_is_not_exported(
    city: City, kind: str, period: str, error: type[LuzhangError], said: str
) -> None:
    with pytest.raises(error, match=said):
        await export(city.session, kind, period, city.folder / "out")
    assert not (city.folder / "out").exists()


async def test_a_special_reward_is_entered_and_approved(city: City) -> None:
    await city.month("2026-01", ("XC005", "15"))
    head = "sequence,subject,amount,reason"
    good = write(city.folder, "a.csv", head, "辖区,东关街道,50000,全年第1名", "二级路长,陈涛,5500,先进")
    told = await city.told(lambda session: accountability.take_awards(session, good, 2026, dry_run=False))
    assert "专项奖励2项，合计55500元" in told
    assert "2026-1 专项奖励：辖区东关街道，奖励5万元，待批准" in await listed(city, "2026")
    await approve(city, "2026-1")
    rows = {r["对象"]: (r["奖励（元）"], r["批准"]) for r in await exported(city, "awards", "2026", "年度专项奖励")}
    assert rows["东关街道"] == ("50000", "甲某、乙某批准")
    assert rows["陈涛"] == ("5500", "未经批准，仅供测算")
    assert rows["河西镇"] == ("", "")
    shown = await city.told(lambda session: accountability.show(session, "2026-2"))
    assert "先进" in shown
    assert "第1名 陈涛" in shown
    wrong = write(city.folder, "b.csv", head, "辖区,东关街,5万,x", "辖区,东关街道,1,")
    with pytest.raises(ImportRefused) as error:
        await accountability.take_awards(city.session, wrong, 2026, dry_run=False)
    assert "第2行 subject：该年没有辖区“东关街”的成绩，是否应为“东关街道”" in error.value.text
    assert "第2行 amount：“5万”不是金额" in error.value.text
    assert "第3行 reason：不能为空" in error.value.text


async def test_a_cell_that_looks_like_a_formula_stays_text(city: City) -> None:
    city.groups = (replace(TOWNS, name="=组"),)
    await city.months(QUARTER, ("XC005", "18"))
    rows = await exported(city, "finance", "2026Q1", "经费核拨")
    assert {row["考评组"] for row in rows} == {"'=组"}
    assert {row["档数"] for row in rows} == {"5", "-1"}
    page = openpyxl.load_workbook(city.folder / "out" / "2026年第一季度经费核拨.xlsx")["经费核拨"]
    first = next(row for row in page.iter_rows() if row[0].value == "=组")
    assert (first[0].data_type, first[3].data_type) == ("s", "n")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        pytest.param("市农业局", "市农业局", id="a name"),
        pytest.param("-1", "-1", id="a number with its sign"),
        pytest.param("-1+cmd", "'-1+cmd", id="more than a number"),
        pytest.param("＝1", "'＝1", id="full width"),
        pytest.param("\n=1", "'\n=1", id="behind a line break"),
        pytest.param("\0=1", "'=1", id="behind a NUL"),
    ],
)
def test_cells_of_lists(said: str, written: str) -> None:
    assert cell(said) == written


async def test_the_review_meeting_has_its_papers_without_money_or_measures(city: City) -> None:
    await city.months(QUARTER, ("XC005", "18.2"))
    rows = await exported(city, "review", "2026年第一季度", "点评会成绩", stored="2026Q1")
    (mine,) = [row for row in rows if row["对象"] == "河西镇"]
    assert [mine[key] for key in ("考评组", "名次", "1月", "2月", "3月", "季度成绩")] == [
        "街道组",
        "2",
        "81.80",
        "81.80",
        "81.80",
        "81.80",
    ]
    book = openpyxl.load_workbook(city.folder / "out" / "2026年第一季度点评会成绩.xlsx")
    assert book.sheetnames == ["点评会成绩", "点评会红黑旗", "点评会主要问题", "点评会名单"]
    said = "\n".join(str(c.value) for page in book for line in page.iter_rows() for c in line)
    assert "2026年3月" in said
    assert "乱设摊点" in said
    assert not any(word in said for word in ("书面检查", "100000", "90000", "启动问责"))


async def test_a_city_may_bring_its_own_figures(city: City) -> None:
    own = Tables(
        funding=changed(city.folder, "funding.toml", "A = 100000", "A = 200000"),
        accountability=changed(city.folder, "accountability.toml", 'measure = "书面检查"', 'measure = "书面说明"'),
    )
    city.house.machine.rules = rules_of(city.house.config.model_copy(update={"tables": own}))
    await city.months(QUARTER, ("XC005", "18"))
    assert [row[5:] for row in await city.rows("2026Q1", "街道组")] == [
        [250_000, False, 0, None],
        [190_000, True, 1, "书面说明"],
    ]
