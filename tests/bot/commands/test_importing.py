"""Imports: whole or not at all, problems by line, and who would lose which open case."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.commands.importing import take
from bot.commands.periods import publish
from bot.commands.session import UsageError
from domain.errors import ImportRefused
from domain.month import Month
from tests.bot.commands.files import FINDINGS_HEAD, roster_lines, session_of, write
from tests.house import GROUP, SEGMENTS, House

NEW_CHIEF = {"XC001": {"chief_name": "钱进", "chief_userid": "qian_jin", "unit": "市文旅局"}}
PEOPLE_HEAD = "person,name,role,scope,unit,wecom_userid,dingtalk_userid"


async def test_a_roster_names_the_open_cases_that_would_move(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await house.say("刘芳", "人民路百货大楼门口占道经营", group=GROUP, photo="a")
    await house.say("刘芳", "建设街第一小学门口垃圾堆放", group=GROUP, photo="b")
    changed = write(tmp_path, "roster.csv", *roster_lines(NEW_CHIEF, [s for s in SEGMENTS if s.id != "XC003"]))
    assert await take(session_of(house), "roster", changed, "2026-06-01", dry_run=False) == 0
    shown = capsys.readouterr().out
    assert "新增0段，变更1段，停用1段" in shown
    assert "变更：XC001（unit、chief_userid、chief_name）" in shown
    assert "2件在办案件" in shown
    assert "2026-0001：责任单位 市农业局→市文旅局，路段长 王建国→钱进" in shown
    assert "2026-0002：路段XC003已停用" in shown
    roster = await house.store.rosters.load()
    assert [s.chief for s in roster.on(date(2026, 6, 1)) if s.id == "XC001"] == ["qian_jin"]
    assert [s.chief for s in roster.on(date(2026, 5, 31)) if s.id == "XC001"] == ["wang"]
    assert (await house.case(1)).chain.chief == "wang"  # it stays where it was


async def test_a_dry_run_saves_nothing(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = await house.store.rosters.load()
    file = write(tmp_path, "roster.csv", *roster_lines(NEW_CHIEF))
    await take(session_of(house), "roster", file, None, dry_run=True)
    assert "试运行，未保存" in capsys.readouterr().out
    assert (await house.store.rosters.load()).version == before.version


async def test_an_unchanged_roster_says_so(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await take(session_of(house), "roster", write(tmp_path, "r.csv", *roster_lines()), None, dry_run=False)
    assert "与2026-06-01的现有内容相同" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "lines", "expected"),
    [
        pytest.param(
            "roster",
            roster_lines({"XC001": {"side": "上边", "grade": "Z"}, "XC004": {"chief_userid": ""}}),
            [(2, "side"), (2, "grade"), (5, "chief_userid")],
            id="roster",
        ),
        pytest.param(
            "people",
            [PEOPLE_HEAD, "zhao,赵强,duty,,,z1,", "a,甲,chef,,,,", "b,乙,seat,,,Z1,"],
            [(3, "role"), (4, "scope"), (4, "wecom_userid")],
            id="people",
        ),
        pytest.param(
            "duty",
            ["segment_id,person,weekdays", "XC001,zhao,1-5", "XC999,zhao,1-5", "XC001,nobody,1-9"],
            [(3, "segment_id"), (4, "person"), (4, "weekdays")],
            id="duty",
        ),
        pytest.param(
            "findings",
            [
                FINDINGS_HEAD,
                "2026-05-05T09:30:00+08:00,XC001,,0,sun,",
                "2026-05-05T09:30:00,XC001,,0,sun,",
                "2026-05-05T09:30:00+08:00,XC999,nonsense,101,sun,",
            ],
            [(3, "found_at"), (4, "segment_id"), (4, "category"), (4, "points")],
            id="findings",
        ),
    ],
)
async def test_wrong_rows_are_named_by_line_and_nothing_is_saved(
    house: House, tmp_path: Path, kind: str, lines: list[str], expected: list[tuple[int, str]]
) -> None:
    before = (await house.store.rosters.load()).version
    with pytest.raises(ImportRefused) as refused:
        await take(session_of(house), kind, write(tmp_path, f"{kind}.csv", *lines), None, dry_run=False)
    assert [(problem.line, problem.column) for problem in refused.value.problems] == expected
    assert (await house.store.rosters.load()).version == before
    month = Month(2026, 5)
    assert await house.store.findings.of_month(month.start(), month.end()) == []


async def test_people_tell_which_account_changes_hands(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = session_of(house)
    await take(session, "people", write(tmp_path, "p.csv", PEOPLE_HEAD, "zhao,赵强,duty,,,u1,"), None, dry_run=False)
    assert "任职1项，平台账号新增1个" in capsys.readouterr().out
    new = write(tmp_path, "p2.csv", PEOPLE_HEAD, "zhou,周敏,duty,,,U1,", "ren,任新,admin,,,,")
    await take(session, "people", new, None, dry_run=False)
    shown = capsys.readouterr().out
    assert "人员2人（新增1人），任职2项，自" in shown
    assert "账号U1（wecom）：zhao→zhou" in shown
    assert (await house.store.rosters.load()).by_account("wecom", "u1") == "zhou"


async def test_duty_tells_gaps_and_moved_cases(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await house.say("刘芳", "人民路百货大楼门口占道经营", group=GROUP, photo="a")
    file = write(tmp_path, "d.csv", "segment_id,person,weekdays", "XC001,zhou,", "XC002,zhao,")
    await take(session_of(house), "duty", file, "2026-06-01", dry_run=False)
    shown = capsys.readouterr().out
    assert "没有轮值的路段3个（由路段长承办）：XC003、XC004、XC005" in shown
    assert "2026-0001：承办人 赵强→周敏" in shown


async def test_findings_come_in_once_and_not_after_the_month_is_fixed(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = f"2026-05-05T09:30:00+08:00,XC001,{house.rules.categories.rows[0].code},0.50,sun,"
    file = write(tmp_path, "f.csv", FINDINGS_HEAD, row, row, "2026-05-06T09:30:00+08:00,XC002,,,sun,")
    for expected in ("新增2条（其中巡查无问题1条），重复1条已略过，新增扣分合计0.50", "新增0条（其中巡查无问题0条）"):
        await take(session_of(house), "findings", file, None, dry_run=False)
        assert expected in capsys.readouterr().out
    month = Month(2026, 5)
    stored = await house.store.findings.of_month(month.start(), month.end())
    assert sum(finding.points for finding in stored) == Decimal("0.50")

    house.clock.advance(timedelta(minutes=1))
    await publish(session_of(house), "2026-05", "吴主任,冯副主任")
    late = write(tmp_path, "late.csv", FINDINGS_HEAD, row, row.replace("XC001", "XC002"))
    with pytest.raises(ImportRefused) as refused:
        await take(session_of(house), "findings", late, None, dry_run=False)
    assert [(p.line, p.column) for p in refused.value.problems] == [(3, "found_at")]
    await take(session_of(house), "findings", file, None, dry_run=False)  # known rows do no harm


async def test_an_inspection_yet_to_come_is_pointed_out(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    past, slip = (f"{year}-05-05T09:30:00+08:00,XC001,,,sun," for year in (2026, 2062))
    await take(session_of(house), "findings", write(tmp_path, "f.csv", FINDINGS_HEAD, past), None, dry_run=False)
    assert "⚠" not in capsys.readouterr().out
    await take(session_of(house), "findings", write(tmp_path, "g.csv", FINDINGS_HEAD, past, slip), None, dry_run=True)
    assert "⚠ 其中1条的检查时间还没有到，最晚2062-05-05 09:30，请核对日期。" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "since", "said"),
    [
        pytest.param("none.csv", None, "没有文件", id="no-file"),
        pytest.param("roster.csv", "2026-13-01", "--from", id="no-date"),
    ],
)
async def test_a_wrong_call(house: House, tmp_path: Path, file: str, since: str | None, said: str) -> None:
    write(tmp_path, "roster.csv", *roster_lines())
    with pytest.raises(UsageError, match=said):
        await take(session_of(house), "roster", tmp_path / file, since, dry_run=False)
