"""exchange: cases handed down come in once, in either code set; results go back; nobody learns who reported."""

import csv
from pathlib import Path

import pytest

from bot.commands import exchange
from bot.commands.session import UsageError
from domain.case import Origin, State
from domain.errors import ImportRefused
from tests.bot.commands.files import session_of, write
from tests.house import GROUP, House

HEAD = "foreign_number,category,description,segment_id,place,severity,reported_at"
STALL = "SZ2026-00017,E0501,百货大楼门口有流动摊贩占道,XC001,百货大楼门口,,"
UNPLACED = "SZ2026-00018,C0305,果皮箱破损,,解放路附近,突出,2026-05-31T20:00:00+08:00"


def exported(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


async def taken(house: House, file: Path, codes: str = "national", *, dry_run: bool = False) -> None:
    assert await exchange.take(session_of(house), file, codes, None, dry_run=dry_run) == 0
    await house.machine.settle()


async def test_a_case_handed_down_is_worked_on_like_any_other(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "in.csv", HEAD, STALL, UNPLACED)
    await taken(house, file, dry_run=True)
    assert "SZ2026-00017 → 将立案：" in capsys.readouterr().out
    assert await house.cases() == []
    await taken(house, file)
    out = capsys.readouterr().out
    assert "新增2件，已有0件，其中1件待定位。" in out
    stall, bin_ = await house.cases()
    assert (stall.number, stall.origin, stall.segment, stall.state) == (
        "2026-0001", Origin.SUPERIOR, "XC001", State.ASSIGNED,
    )  # fmt: skip
    assert (bin_.category, bin_.severity, bin_.state) == ("zang.sanitation_facility", "突出", State.UNLOCATED)
    assert any("2026-0001" in text for text in house.all_heard(stall.handler))
    await taken(house, file)  # the same file once more
    assert "新增0件，已有2件。" in capsys.readouterr().out
    assert len(await house.cases()) == 2


async def test_results_go_back_without_the_reporter(house: House, tmp_path: Path) -> None:
    await taken(house, write(tmp_path, "in.csv", HEAD, STALL))
    await house.say("刘芳", "人民路百货大楼门口有垃圾，我家门口", group=GROUP)
    handler = (await house.case(1)).handler
    await house.say(handler, "已处理 1", photo="after")
    await house.say("钱专干", "通过 1")
    out = tmp_path / "out.csv"
    session = session_of(house)
    await exchange.export(session, "2026-06-01", "2026-06-01", "national", out, foreign=False)
    handed, own = exported(out)
    assert {name: handed[name] for name in ("foreign_number", "number", "category", "origin", "result", "on_time")} == {
        "foreign_number": "SZ2026-00017",
        "number": "2026-0001",
        "category": "E0501",
        "origin": "上级指派",
        "result": "已处置",
        "on_time": "是",
    }
    assert handed["closed_at"].endswith("+08:00")
    assert (own["foreign_number"], own["result"], own["description"]) == ("", "办理中", "")
    assert "刘芳" not in out.read_text("utf-8-sig")
    assert "fang" not in out.read_text("utf-8-sig")
    await exchange.export(session, "2026-06-01", "2026-06-01", "city", out, foreign=True)
    assert [(row["number"], row["category"]) for row in exported(out)] == [("2026-0001", "luan.stall")]
    await exchange.export(session, "2026-06-02", "2026-06-30", "city", out, foreign=False)
    assert exported(out) == []


async def test_wrong_rows_are_named_by_line_and_nothing_is_saved(house: House, tmp_path: Path) -> None:
    rows = (
        STALL,
        STALL,
        "SZ3,E0777,不明,,,,",
        "SZ4,0501,摊贩,XC999,,,",
        ",E0501,,,,严重,昨天",
    )
    with pytest.raises(ImportRefused) as refused:
        await taken(house, write(tmp_path, "in.csv", HEAD, *rows))
    told = str(refused.value.text)
    for part in (
        "第3行 foreign_number：编号SZ2026-00017与第2行重复",
        "第4行 category：类别表里没有“E0777”",
        "第5行 segment_id：花名册中没有路段XC999",
        "第6行 foreign_number：不能为空",
        "第6行 severity：“严重”无效",
        "第6行 reported_at：“昨天”不是带时区的时间",
    ):
        assert part in told
    assert await house.cases() == []


async def test_the_citys_own_codes_and_names(house: House, tmp_path: Path) -> None:
    name = house.rules.categories.by_code("luan.stall").name
    rows = ("A1,luan.stall,摊贩,XC001,,,", f"A2,{name},摊贩,XC001,,,")
    await taken(house, write(tmp_path, "in.csv", HEAD, *rows), "city")
    assert [case.category for case in await house.cases()] == ["luan.stall", "luan.stall"]


async def test_what_a_call_may_not_say(house: House, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="national、city"):
        await exchange.take(session_of(house), tmp_path / "x", "gbt", None, dry_run=False)
    with pytest.raises(UsageError, match="早于"):
        await exchange.export(session_of(house), "2026-06-02", "2026-06-01", "city", tmp_path / "x", foreign=False)
