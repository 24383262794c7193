"""`luzhang report`: the figures of `score` as files, drafts and published months, wrong periods, templates."""

import io
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import docx
import openpyxl
import pytest

from bot.commands import periods, report
from bot.commands.scores import score
from bot.commands.session import UsageError
from bot.progress import Progress, Waiting
from domain.assessment import SequenceKind
from domain.case import State
from domain.casework.day import Day, day_of
from domain.casework.work import Work
from domain.errors import NotFound, RuleError
from domain.quarter import Group
from tests.bot.commands.files import session_of
from tests.bot.commands.test_scores import with_findings
from tests.house import GROUP, House
from tests.schedules.months import black_months


async def scored(house: House, capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, str], Decimal]:
    capsys.readouterr()
    await score(session_of(house), "2026-05", None, as_json=True)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {(s["sequence"], r["name"]): Decimal(r["score"]) for s in found["sequences"] for r in s["rows"]}


def printed(path: Path) -> dict[tuple[str, str], Decimal]:
    names = {"辖区": "township", "二级路长": "second_level", "责任单位": "unit"}
    rows = openpyxl.load_workbook(path)["总表"].iter_rows(min_row=5, values_only=True)
    return {(names[str(r[0])], str(r[3])): Decimal(str(r[4])) for r in rows}


async def test_a_month_shows_the_figures_of_the_score_before_and_after_publication(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await with_findings(house, tmp_path)
    out = tmp_path / "out"
    assert await report.monthly(session_of(house), "2026-05", out, as_json=False) == 0
    said = capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "5月考评得分表（代拟稿）.xlsx",
        "5月考评红黑旗榜.png",
        "第5期通报（代拟稿）.docx",
    ]
    assert "依据版本：路长制考评办法（试行）、示例市路长制日督查扣分细则（示例）；台账校验值：" in said
    assert printed(out / "5月考评得分表（代拟稿）.xlsx") == await scored(house, capsys)
    await periods.publish(session_of(house), "2026-05", "吴主任,冯副主任")
    # whatever is imported later, a published month stays as it was
    await house.store.rosters.import_roster([], house.clock.now().date(), house.clock.now())
    house.clock.advance(timedelta(days=40))
    for folder in ("one", "two"):
        assert await report.monthly(session_of(house), "2026-05", tmp_path / folder, as_json=False) == 0
    final = tmp_path / "one" / "5月考评得分表.xlsx"
    assert printed(final) == await scored(house, capsys)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    letter = docx.Document(io.BytesIO((tmp_path / "one" / "第5期通报.docx").read_bytes()))
    texts = [p.text for p in letter.paragraphs]
    assert "代拟稿" not in texts
    assert "2026年6月1日" in texts


async def test_a_day_with_its_files_as_json(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await house.say("刘芳", "人民路百货大楼门口占道经营 电话13812345678", photo="a", group=GROUP)
    capsys.readouterr()
    assert await report.daily(session_of(house), "2026-06-01", tmp_path / "out", as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert [Path(f["file"]).name for f in found["files"]] == ["6月1日督查情况.png", "6月1日督查明细.xlsx"]
    assert found["problems"] == []
    rows = list(
        openpyxl.load_workbook(tmp_path / "out" / "6月1日督查明细.xlsx")["当日上报"].iter_rows(values_only=True)
    )
    assert rows[3][:3] == ("2026-0001", "待认领", "乱设摊点")
    assert not any("刘芳" in str(cell) or "1381234" in str(cell) for row in rows for cell in row)


async def test_a_past_day_is_told_as_it_stood_at_its_end(house: House) -> None:
    await house.say("刘芳", "人民路百货大楼门口占道经营", photo="a", group=GROUP)
    await house.say("刘芳", "建设街第一小学门口垃圾没清", photo="b", group=GROUP)
    await house.until(house.local(1, 18))

    async def day(number: int) -> tuple[object, ...]:
        until = house.local(number, 23, 59)

        async def read(work: Work) -> Day:
            return await day_of(work, until)

        found = await session_of(house).read(read)
        figures = found.figures
        closed = [case.short for case in found.closed]
        return figures.open, figures.overdue, figures.closed, closed, [case.state for case in found.reported]

    before = await day(1)
    assert before == (2, ("0001", "0002"), 0, [], [State.ASSIGNED] * 2)
    await house.until(house.local(2, 10))
    await house.say("赵强", "0001 已处理", photo="after")
    await house.say("钱专干", "0001 通过")
    await house.say("孙丽", "延期 0002 需协调 6月5日18点")
    await house.say("陈涛", "批准延期 0002")
    await house.until(house.local(3, 10))
    await house.say("刘芳", "0001 又摆出来了", photo="again", group=GROUP)
    assert await day(1) == before
    assert await day(2) == (1, (), 1, ["0001"], [])  # closed on the day, though it is open again


async def test_one_order(house: House, tmp_path: Path) -> None:
    await house.say("刘芳", "人民路百货大楼门口占道经营", photo="a", group=GROUP)
    assert await report.order(session_of(house), "2026-0001", tmp_path, as_json=False) == 0
    document = docx.Document(io.BytesIO((tmp_path / "督办单2026-0001.docx").read_bytes()))
    rows = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert rows["责任单位"] == "市农业局；二级路长陈涛；辖区东关街道"
    assert "乱设摊点" in rows["问　　题"]
    assert len(document.inline_shapes) == 1
    assert "刘芳" not in "".join(rows.values())
    with pytest.raises(NotFound, match="9999"):
        await report.order(session_of(house), "2026-9999", tmp_path, as_json=False)


async def test_a_quarter_that_is_not_whole_says_what_it_waits_for(house: House, tmp_path: Path) -> None:
    assert await report.quarter(session_of(house), "2026Q2", tmp_path, as_json=False) == 0
    page = openpyxl.load_workbook(tmp_path / "2026年第二季度考评得分表（代拟稿）.xlsx")["考评组排名"]
    assert str(page["A4"].value).startswith("4月、5月、6月考评尚未定稿")


@pytest.mark.parametrize(
    ("run", "period", "error"),
    [
        pytest.param(report.monthly, "2026Q2", UsageError, id="a quarter where a month is asked"),
        pytest.param(report.monthly, "2026-06-01", UsageError, id="a day where a month is asked"),
        pytest.param(report.monthly, "2026-13", RuleError, id="no such month"),
        pytest.param(report.daily, "2026-06", UsageError, id="a month where a day is asked"),
        pytest.param(report.daily, "2026-06-02", UsageError, id="tomorrow"),
        pytest.param(report.quarter, "2026-06", RuleError, id="a month where a quarter is asked"),
    ],
)
async def test_wrong_periods_are_refused(house: House, tmp_path: Path, run: Any, period: str, error: type) -> None:
    with pytest.raises(error):
        await run(session_of(house), period, tmp_path / "out", as_json=False)
    assert not (tmp_path / "out").exists()


def test_templates_are_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report.templates(tmp_path / "t") == 0
    assert "letter_template" in capsys.readouterr().out
    with pytest.raises(UsageError, match="已存在"):
        report.templates(tmp_path / "t")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_at_a_terminal_only() -> None:
    for stream in (Terminal(), io.StringIO()):
        with Progress(2, "正在生成", stream) as progress:
            progress.step("甲.png")
            progress.step("乙.xlsx")
        shown = stream.getvalue()
        assert ("1/2 乙.xlsx" in shown) is stream.isatty()


class Slow(Terminal):
    """A terminal that tells when something stands there."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Event()

    def flush(self) -> None:
        self.seen.set()


def test_a_wait_of_unknown_length_is_counted_at_a_terminal() -> None:
    slow, nobody = Slow(), io.StringIO()
    with Waiting("正在计算", slow, tick=0.001), Waiting("正在计算", nobody, tick=0.001):
        assert slow.seen.wait(5)
    assert "正在计算……1秒" in slow.getvalue()
    assert slow.getvalue().endswith("\r\x1b[K")
    assert nobody.getvalue() == ""


async def test_a_month_published_by_hand_takes_its_files_along(house: House, tmp_path: Path) -> None:
    await with_findings(house, tmp_path)
    await periods.publish(session_of(house), "2026-05", "吴主任,冯副主任")
    await house.machine.settle()
    titles = [file.title for post in house.platform.posted for file in post.outgoing.files]
    assert titles == ["第5期通报.docx", "5月考评得分表.xlsx"]
    kept = [file for post in house.platform.posted for file in post.outgoing.files]
    assert all((house.config.store.media / file.name).stat().st_size == file.size for file in kept)


async def test_a_whole_quarter_shows_scores_and_fund_as_score_does(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    group = Group("城区组", SequenceKind.UNIT, ("市农业局", "市水利局", "市科技局"), "A")
    object.__setattr__(house.rules, "groups", (group,))
    house.clock.set(house.local(20, 9, month=7))
    await black_months(house, "2026-04", "2026-05", "2026-06", points="20")
    await score(session_of(house), "2026Q2", None, as_json=True)
    [scored_group] = json.loads(capsys.readouterr().out)["groups"]
    assert await report.quarter(session_of(house), "2026Q2", tmp_path, as_json=False) == 0
    book = openpyxl.load_workbook(tmp_path / "2026年第二季度考评得分表（代拟稿）.xlsx")
    funds = {row[2]: row for row in book["经费测算"].iter_rows(min_row=4, values_only=True)}
    for row in scored_group["rows"]:
        printed_row = funds[row["name"]]
        assert (Decimal(str(printed_row[3])), printed_row[6], printed_row[9]) == (
            Decimal(row["score"]),
            row["steps"],
            row["amount"],
        )
    flags = list(book["红黑旗累计"].iter_rows(min_row=4, values_only=True))
    assert ("责任单位", "市科技局", 3, 3) in flags
    letter = docx.Document(io.BytesIO((tmp_path / "2026年第二季度考评请示（代拟稿）.docx").read_bytes()))
    assert letter.paragraphs[0].text == "代拟稿"
    texts = [p.text for p in letter.paragraphs]
    assert any("市科技局80.00分" in text for text in texts)
    assert texts[texts.index("附件：1.考评组排名\n2.经费测算") - 1] == "妥否，请批示。"
    worked = [[cell.text for cell in row.cells] for table in letter.tables for row in table.rows]
    printed = {(row[0], row[1], row[3], row[-1]) for row in worked if len(row) > 6}
    for row in scored_group["rows"]:
        assert (row["name"], row["score"], f"{row['steps']:+d}", f"{row['amount']:,}") in printed
