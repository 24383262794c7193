"""A quarter from the smallest configuration: roster, findings and publication by the command line, then score."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from tests.bot.commands.files import FINDINGS_HEAD, roster_lines, write

GROUPS = """
[[group]]
name = "街道组"
sequence = "township"
subjects = ["东关街道", "河西镇"]
fund = "A"

[[group]]
name = "单位组"
sequence = "unit"
subjects = ["市农业局", "市水利局", "市科技局", "市名字局"]
fund = "B"

[[group]]
name = "二级路长组"
sequence = "second_level"
subjects = ["chen", "gao"]
"""


class City:
    """A city in a folder, spoken to by the command line alone."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.configure(GROUPS)
        self.run("import", "roster", str(write(folder, "roster.csv", *roster_lines())))

    def configure(self, groups: str) -> None:
        self.config = write(
            self.folder,
            "config.toml",
            '[city]\nname = "溪城市"\ntimezone = "Asia/Shanghai"\n\n[store]\nurl = "sqlite+aiosqlite:///luzhang.db"\n',
            groups,
        )

    def run(self, *words: str) -> str:
        self.capsys.readouterr()
        code = main([*words, "--config", str(self.config)])
        out, err = self.capsys.readouterr()
        assert code == 0, err
        return out

    def month(self, month: str, *points: tuple[str, str], publish: bool = True) -> None:
        """Enter points by segment, and publish."""
        rows = [
            f"{month}-05T09:30:00+08:00,{segment},luan.stall,{given},孙,{n}"
            for n, (segment, given) in enumerate(points)
        ]
        if rows:
            self.run("import", "findings", str(write(self.folder, f"{month}.csv", FINDINGS_HEAD, *rows)))
        if publish:
            self.run("period", "publish", "--period", month, "--signed-by", "甲某,乙某")

    def quarter(self, quarter: str) -> dict[str, Any]:
        got: dict[str, Any] = json.loads(self.run("score", "--period", quarter, "--json"))
        return got

    def rows(self, quarter: str, group: str) -> list[list[object]]:
        (found,) = [g for g in self.quarter(quarter)["groups"] if g["group"] == group]
        keys = ("subject", "score", "months", "rank", "steps", "amount", "last", "run", "measure")
        return [[row[key] for key in keys] for row in found["rows"]]


@pytest.fixture
def city(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> City:
    return City(tmp_path, capsys)


def publish_all(city: City, months: Sequence[str], *points: tuple[str, str]) -> None:
    for month in months:
        city.month(month, *points)


def test_a_quarter_by_the_contract(city: City) -> None:
    publish_all(city, ["2026-01", "2026-02"], ("XC005", "15"))
    city.month("2026-03", ("XC005", "15"), publish=False)
    got = city.quarter("2026Q1")
    assert (got["frozen"], [g["rows"] for g in got["groups"]], got["black_flags"]) == (False, [[], [], []], [])
    city.run("period", "publish", "--period", "2026-03", "--signed-by", "甲某,乙某")
    got = city.quarter("2026Q1")
    assert got["frozen"] is True
    heads = [(g["group"], g["sequence"], g["fund_group"], g["base"]) for g in got["groups"]]
    assert heads == [
        ("街道组", "township", "A", 100_000),
        ("单位组", "unit", "B", 50_000),
        ("二级路长组", "second_level", None, None),
    ]
    assert city.rows("2026Q1", "街道组") == [
        ["东关街道", "100.00", 3, 1, 5, 150_000, False, 0, None],
        ["河西镇", "85.00", 3, 2, 0, 100_000, True, 1, "书面检查"],
    ]
    assert city.rows("2026Q1", "单位组")[-1] == ["市科技局", "85.00", 3, 3, 0, 50_000, True, 1, "书面检查"]
    assert got["groups"][1]["unscored"] == ["市名字局"]
    assert [row[4:6] for row in city.rows("2026Q1", "二级路长组")] == [[None, None], [None, None]]
    counts = {(f["sequence"], f["subject"]): (f["streak"], f["year_total"], f["entry"]) for f in got["black_flags"]}
    assert counts == {("township", "河西镇"): (3, 3, "streak"), ("unit", "市科技局"): (3, 3, "streak")}


def test_runs_follow_a_unit_that_changes_its_group(city: City) -> None:
    publish_all(city, ["2025-10", "2025-11", "2025-12"], ("XC005", "6"))
    assert city.rows("2025Q4", "街道组")[-1][6:] == [True, 1, "书面检查"]
    city.configure('[[group]]\nname = "另组"\nsequence = "township"\nsubjects = ["河西镇", "东关街道"]\n')
    publish_all(city, ["2026-01", "2026-02", "2026-03"], ("XC005", "6"))
    assert city.rows("2026Q1", "另组")[-1] == ["河西镇", "94.00", 3, 2, None, None, True, 2, "诫勉谈话"]
    counts = {f["subject"]: (f["streak"], f["year_total"], f["entry"]) for f in city.quarter("2026Q1")["black_flags"]}
    assert counts["河西镇"] == (6, 3, None)


def test_groups_written_after_the_months_were_published(city: City) -> None:
    city.configure("")
    publish_all(city, ["2026-01", "2026-02", "2026-03"], ("XC005", "15"))
    assert city.quarter("2026Q1")["groups"] == []
    city.configure(GROUPS)
    assert city.rows("2026Q1", "街道组")[1][1] == "85.00"


def test_a_quarter_for_eyes(city: City) -> None:
    publish_all(city, ["2026-01", "2026-02", "2026-03"], ("XC005", "18.2"))
    shown = city.run("score", "--period", "2026Q1")
    assert "街道组（辖区，经费A组，基准10万元）：" in shown
    assert (
        "第1名 东关街道 100.00分（100.00、100.00、100.00，3个月平均）；基础分85分，多15.00分，计5档，基准10万元拟增5万元，合计15万元"
        in shown
    )
    assert (
        "第2名 河西镇 81.80分（81.80、81.80、81.80，3个月平均）；末位，建议书面检查；基础分85分，少3.20分，计1档，基准10万元拟减1万元，合计9万元"
        in shown
    )
    assert "本季没有成绩：市名字局" in shown
    assert "辖区河西镇：连续3次，当年累计3次，达到问责条件：2026-03连续3次" in shown
    assert "2026-05、2026-06尚未定稿" not in shown
    assert "2026-04、2026-05、2026-06尚未定稿" in city.run("score", "--period", "2026Q2")
