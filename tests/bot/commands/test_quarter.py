"""A quarter from publication to score: the contract's JSON, groups that change, and the smallest configuration."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli import main
from domain.assessment import SequenceKind
from domain.quarter import Group
from tests.bot.commands.files import FINDINGS_HEAD, roster_lines, write
from tests.bot.commands.quarter_city import QUARTER, City, open_city


@pytest.fixture
async def city(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[City]:
    async with open_city(tmp_path, capsys) as opened:
        yield opened


async def test_a_quarter_by_the_contract(city: City) -> None:
    await city.months(QUARTER[:2], ("XC005", "15"))
    await city.month(QUARTER[2], ("XC005", "15"), publish=False)
    got = await city.json("2026Q1")
    assert (got["frozen"], [g["rows"] for g in got["groups"]], got["black_flags"]) == (False, [[], [], []], [])
    await city.month(QUARTER[2])
    got = await city.json("2026q1")
    assert got["frozen"] is True
    heads = [(g["group"], g["sequence"], g["fund_group"], g["base"]) for g in got["groups"]]
    assert heads == [
        ("街道组", "township", "A", 100_000),
        ("单位组", "unit", "B", 50_000),
        ("二级路长组", "second_level", None, None),
    ]
    assert await city.rows("2026Q1", "街道组") == [
        ["东关街道", "100.00", 3, 1, 5, 150_000, False, 0, None],
        ["河西镇", "85.00", 3, 2, 0, 100_000, True, 1, "书面检查"],
    ]
    units = await city.rows("2026Q1", "单位组")
    assert units[-1] == ["市科技局", "85.00", 3, 3, 0, 50_000, True, 1, "书面检查"]
    assert got["groups"][1]["unscored"] == ["市名字局"]
    assert [row[4:6] for row in await city.rows("2026Q1", "二级路长组")] == [[None, None], [None, None]]
    counts = {(f["sequence"], f["subject"]): (f["streak"], f["year_total"], f["entry"]) for f in got["black_flags"]}
    assert counts == {("township", "河西镇"): (3, 3, "streak"), ("unit", "市科技局"): (3, 3, "streak")}


async def test_runs_follow_a_unit_that_changes_its_group(city: City) -> None:
    await city.months(["2025-10", "2025-11", "2025-12"], ("XC005", "6"))
    assert (await city.rows("2025Q4", "街道组"))[-1][6:] == [True, 1, "书面检查"]
    city.groups = (Group("另组", SequenceKind.TOWNSHIP, ("河西镇", "东关街道")),)
    await city.months(QUARTER, ("XC005", "6"))
    (_, last) = await city.rows("2026Q1", "另组")
    assert last == ["河西镇", "94.00", 3, 2, None, None, True, 2, "诫勉谈话"]
    flags = (await city.json("2026Q1"))["black_flags"]
    assert {f["subject"]: (f["streak"], f["year_total"], f["entry"]) for f in flags}["河西镇"] == (6, 3, None)
    # S85b the quarter before stays as it was paid
    assert (await city.rows("2025Q4", "街道组"))[-1][4:] == [3, 130_000, True, 1, "书面检查"]


async def test_groups_written_after_the_months_were_published(city: City) -> None:
    written, city.groups = city.groups, ()
    await city.months(QUARTER, ("XC005", "15"))
    assert (await city.json("2026Q1"))["groups"] == []
    city.groups = written
    assert (await city.rows("2026Q1", "街道组"))[1][1] == "85.00"


async def test_a_quarter_for_eyes(city: City) -> None:
    await city.months(QUARTER, ("XC005", "18.2"))
    shown = await city.score("2026Q1")
    assert "街道组（辖区，经费A组，基准10万元）：" in shown
    assert (
        "第1名 东关街道 100.00分（100.00、100.00、100.00，3个月平均）；"
        "基础分85分，多15.00分，计5档，基准10万元拟增5万元，合计15万元" in shown
    )
    assert (
        "第2名 河西镇 81.80分（81.80、81.80、81.80，3个月平均）；末位，建议书面检查；"
        "基础分85分，少3.20分，计1档，基准10万元拟减1万元，合计9万元" in shown
    )
    assert "本季没有成绩：市名字局" in shown
    assert "辖区河西镇：连续3次，当年累计3次，达到问责条件：2026年3月连续3次" in shown
    assert "2026年4月、2026年5月、2026年6月尚未定稿" in await city.score("2026Q2")


def test_by_the_smallest_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(
        tmp_path,
        "config.toml",
        '[city]\nname = "溪城市"\ntimezone = "Asia/Shanghai"\n[store]\nurl = "sqlite+aiosqlite:///x.db"\n',
        '[[group]]\nname = "组"\nsequence = "township"\nsubjects = ["东关街道", "河西镇"]\nfund = "A"\n',
    )
    roster = write(tmp_path, "roster.csv", *roster_lines())
    rows = [f"2026-0{n}-05T09:30:00+08:00,XC005,luan.stall,3,孙," for n in (1, 2, 3)]
    findings = write(tmp_path, "findings.csv", FINDINGS_HEAD, *rows)
    steps = [["import", "roster", str(roster)], ["import", "findings", str(findings)]]
    steps += [["period", "publish", "--period", month, "--signed-by", "甲某,乙某"] for month in QUARTER]
    for step in [*steps, ["score", "--period", "2026Q1", "--json"]]:
        capsys.readouterr()
        assert main([*step, "--config", str(config)]) == 0
    (group,) = json.loads(capsys.readouterr().out)["groups"]
    assert [(row["score"], row["amount"]) for row in group["rows"]] == [("100.00", 150_000), ("97.00", 140_000)]
