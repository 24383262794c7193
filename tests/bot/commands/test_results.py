"""What-if, rule books side by side, the year, exports and the special fund, by the command line."""

import csv
import json
from pathlib import Path

import pytest

from bot.cli import main
from domain import tables
from tests.bot.commands.files import write
from tests.bot.commands.test_quarter import City, publish_all

BOOK = Path(tables.__file__).with_name("rules.toml")
QUARTER = ["2026-01", "2026-02", "2026-03"]


@pytest.fixture
def city(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> City:
    return City(tmp_path, capsys)


def harder(folder: Path) -> Path:
    """A book under which a stall costs twenty times as much."""
    text = BOOK.read_text(encoding="utf-8")
    old = 'category = "luan.stall", points = "0.50"'
    assert old in text
    return write(folder, "other.toml", text.replace(old, 'category = "luan.stall", points = "10"'))


def refused(city: City, *words: str) -> str:
    city.capsys.readouterr()
    assert main([*words, "--config", str(city.config)]) in (1, 2)
    return city.capsys.readouterr().err


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_another_rule_book_says_who_would_rise_and_fall(city: City) -> None:
    city.month("2026-01", ("XC001", ""), ("XC003", "3"))
    other = harder(city.folder)
    shown = city.run("score", "--period", "2026-01", "--rules", str(other))
    assert "与现行细则相比（试算，不影响已通报的成绩）：" in shown
    assert "责任单位上升1个：市水利局 第3名→第2名 97.00分\n" in shown
    assert "责任单位下降1个：市农业局 第2名→第3名 99.75→95.00分" in shown
    got = json.loads(city.run("score", "--period", "2026-01", "--rules", str(other), "--json"))
    (fallen,) = [change for change in got["changes"] if change["subject"] == "市农业局"]
    assert (fallen["score"], fallen["rank"]) == (["99.75", "95.00"], [2, 3])
    assert "changes" not in json.loads(city.run("score", "--period", "2026-01", "--json"))
    same = city.run("score", "--period", "2026-01", "--rules", str(BOOK))
    assert "与现行细则相比：得分、名次和红黑旗都不变。" in same
    assert "--rules 只能试算月份" in refused(city, "score", "--period", "2026Q1", "--rules", str(other))


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


def test_the_year(city: City) -> None:
    assert "还没有定稿的月份" in city.run("score", "--period", "2026")
    city.month("2026-01", ("XC005", "10"))
    city.month("2026-02", ("XC005", "15.01"))
    got = json.loads(city.run("score", "--period", "2026", "--json"))
    assert got["months"] == ["2026-01", "2026-02"]
    (mine,) = [row for row in got["rows"] if row["subject"] == "河西镇"]
    # (90.00 + 84.99) / 2 = 87.495
    assert (mine["score"], mine["months"], mine["rank"], mine["black"], mine["points"]) == ("87.50", 2, 2, 2, "35.00")
    shown = city.run("score", "--period", "2026")
    assert "第2名 河西镇 87.50分（2个月），红旗0次、黑旗2次，计入年度目标考核35.00分" in shown


def test_finance_shows_each_figure_and_whether_it_is_approved(city: City) -> None:
    publish_all(city, QUARTER, ("XC005", "18.2"))
    city.run("export", "finance", "--period", "2026Q1", "--out", str(city.folder / "out"))
    rows = read(city.folder / "out" / "2026Q1经费核拨.csv")
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
    upkeep = read(city.folder / "out" / "2026Q1养护经费参考.csv")
    assert [(row["问题类别"], row["职能单位"], row["督查问题（处）"]) for row in upkeep] == [
        ("乱设摊点", "城管执法局", "3")
    ]
    listed = city.run("accountability", "list", "--period", "2026Q1")
    (fund,) = [line.split()[0] for line in listed.splitlines() if "季度经费：街道组" in line]
    city.run("accountability", "approve", fund, "--signed-by", "甲某，乙某")
    city.run("export", "finance", "--period", "2026Q1", "--out", str(city.folder / "out"))
    rows = read(city.folder / "out" / "2026Q1经费核拨.csv")
    assert {row["批准"] for row in rows if row["考评组"] == "街道组"} == {"甲某、乙某批准"}


def test_the_years_exports(city: City) -> None:
    publish_all(city, QUARTER, ("XC005", "15"))
    for kind in ("appraisal", "civilised", "cadre"):
        city.run("export", kind, "--period", "2026", "--out", str(city.folder / "out"))
    (target,) = [r for r in read(city.folder / "out" / "2026年度目标考核.csv") if r["对象"] == "河西镇"]
    assert (target["年度成绩"], target["计入月数"], target["计入目标考核得分（40%）"]) == ("85.00", "3", "34.00")
    civilised = read(city.folder / "out" / "2026文明单位创建.csv")
    assert {row["序列"] for row in civilised} == {"辖区", "责任单位"}
    (cadre,) = [r for r in read(city.folder / "out" / "2026年度考核和评先评优.csv") if r["对象"] == "河西镇"]
    assert (cadre["黑旗次数"], cadre["达到问责条件（次）"], cadre["已批准的处理"]) == ("3", "1", "")
    city.run("accountability", "list")
    city.run("accountability", "approve", "2026-03-1", "--signed-by", "甲某,乙某")
    city.run("export", "cadre", "--period", "2026", "--out", str(city.folder / "out"))
    (cadre,) = [r for r in read(city.folder / "out" / "2026年度考核和评先评优.csv") if r["对象"] == "河西镇"]
    assert cadre["已批准的处理"] == "2026-03启动问责"


def test_the_months_exports(city: City) -> None:
    city.month("2026-01", ("XC005", "15"))
    for kind in ("media", "distribution", "departments"):
        city.run("export", kind, "--period", "2026-01", "--out", str(city.folder / "out"))
    media = read(city.folder / "out" / "2026-01媒体公布.csv")
    (mine,) = [row for row in media if row["对象"] == "河西镇"]
    assert (mine["序列"], mine["成绩"], mine["名次"], mine["红黑旗"]) == ("辖区", "85.00", "2", "黑旗")
    assert read(city.folder / "out" / "2026-01职能单位排名.csv") == []


@pytest.mark.parametrize(
    ("kind", "period", "said"),
    [
        pytest.param("finance", "2026Q2", "2026-04、2026-05、2026-06尚未定稿", id="S75 a quarter that is not frozen"),
        pytest.param("media", "2026-05", "2026-05尚未定稿", id="S75 a month that is not frozen"),
        pytest.param("appraisal", "2025", "还没有定稿的月份", id="S75 a year without months"),
        pytest.param("appraisal", "2026-01", "不是年份", id="a month where a year is meant"),
        pytest.param("finance", "2026", "不是季度", id="a year where a quarter is meant"),
        pytest.param("gossip", "2026", "没有导出 gossip，可用：finance", id="no such use"),
    ],
)
def test_what_is_not_frozen_is_not_exported(city: City, kind: str, period: str, said: str) -> None:
    assert said in refused(city, "export", kind, "--period", period, "--out", str(city.folder / "out"))
    assert not (city.folder / "out").exists()


def test_a_special_reward_is_entered_and_approved(city: City) -> None:
    city.month("2026-01", ("XC005", "15"))
    good = write(
        city.folder,
        "a.csv",
        "sequence,subject,amount,reason",
        "辖区,东关街道,50000,全年第1名",
        "二级路长,陈涛,5500,先进",
    )
    assert "专项奖励2项，合计55500元" in city.run("import", "awards", str(good), "--year", "2026")
    listed = city.run("accountability", "list", "--period", "2026")
    assert "2026-1 专项奖励：辖区东关街道，奖励5万元，待批准" in listed
    city.run("accountability", "approve", "2026-1", "--signed-by", "甲某,乙某")
    city.run("export", "awards", "--period", "2026", "--out", str(city.folder / "out"))
    rows = {row["对象"]: (row["奖励（元）"], row["批准"]) for row in read(city.folder / "out" / "2026年度专项奖励.csv")}
    assert rows["东关街道"] == ("50000", "甲某、乙某批准")
    assert rows["陈涛"] == ("5500", "未经批准，仅供测算")
    assert rows["河西镇"] == ("", "")
    shown = city.run("accountability", "show", "2026-2")
    assert "先进" in shown
    assert "第1名 陈涛" in shown
    wrong = write(city.folder, "b.csv", "sequence,subject,amount,reason", "辖区,东关街,5万,x", "辖区,东关街道,1,")
    said = refused(city, "import", "awards", str(wrong), "--year", "2026")
    assert "第2行 subject：该年没有辖区“东关街”的成绩，是否应为“东关街道”" in said
    assert "第2行 amount：“5万”不是金额" in said
    assert "第3行 reason：不能为空" in said


def test_a_cell_that_looks_like_a_formula_stays_text(city: City) -> None:
    city.configure('[[group]]\nname = "=组"\nsequence = "township"\nsubjects = ["东关街道", "河西镇"]\nfund = "A"\n')
    publish_all(city, QUARTER, ("XC005", "18"))
    city.run("export", "finance", "--period", "2026Q1", "--out", str(city.folder / "out"))
    rows = read(city.folder / "out" / "2026Q1经费核拨.csv")
    assert {row["考评组"] for row in rows} == {"'=组"}
    assert {row["档数"] for row in rows} == {"5", "-1"}


def test_a_city_may_bring_its_own_figures(city: City) -> None:
    publish_all(city, QUARTER, ("XC005", "18"))
    for name, old, new in (
        ("funding.toml", "A = 100000", "A = 200000"),
        ("accountability.toml", 'measure = "书面检查"', 'measure = "书面说明"'),
    ):
        text = BOOK.with_name(name).read_text(encoding="utf-8")
        assert old in text
        write(city.folder, name, text.replace(old, new))
    own = '[tables]\nfunding = "funding.toml"\naccountability = "accountability.toml"\n'
    city.configure(
        f'{own}[[group]]\nname = "组"\nsequence = "township"\nsubjects = ["东关街道", "河西镇"]\nfund = "A"\n'
    )
    assert [row[5:] for row in city.rows("2026Q1", "组")] == [
        [250_000, False, 0, None],
        [190_000, True, 1, "书面说明"],
    ]
