"""`luzhang import patrols` and `luzhang export patrols`: the liaison's way in, the office's list out (S23–S29, S39)."""

from datetime import date
from pathlib import Path

import pytest

from bot.commands import patrols
from bot.commands.exports import export
from domain.errors import ImportRefused, WrongState
from domain.roster import Leave
from tests.bot.commands.files import session_of, write
from tests.house import House

HEAD = "person,kind,date,place,note"
ROWS = (
    "李卫东,巡查,2026-06-03,人民路,",
    "李卫东,巡查,2026-06-03,人民路,",
    "张市长,例会,2026-06-05,街道会议室,部署创卫",
    "zhang,patrol,2026-06-10,,与李卫东同行",
)


async def listed(house: House, folder: Path) -> dict[tuple[str, str, str], list[str]]:
    await export(session_of(house), "patrols", "2026-06", folder / "out")
    lines = (folder / "out" / "2026-06巡查例会登记.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("用途,送达,考评周期,依据,职务,姓名,单位或辖区,事项")
    rows = [line.split(",")[4:] for line in lines[1:]]
    return {(row[0], row[1], row[3]): row[5:] for row in rows}


async def test_a_liaisons_file_and_the_offices_list(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.clock.set(house.local(20, 9))
    wrong = write(tmp_path, "wrong.csv", HEAD, ROWS[0], "李卫东,例会,2026-06-05,,")
    with pytest.raises(ImportRefused, match="第3行 person：李卫东在6月5日不是一级路长"):
        await patrols.take(session_of(house), wrong, dry_run=False)
    file = write(tmp_path, "巡查.csv", HEAD, *ROWS)
    await patrols.take(session_of(house), file, dry_run=True)
    await patrols.take(session_of(house), file, dry_run=False)
    await patrols.take(session_of(house), file, dry_run=False)
    assert capsys.readouterr().out.splitlines() == [
        "新登记巡查2次、例会1次，此前已登记的0次不变。",
        "试运行，未保存。",
        "新登记巡查2次、例会1次，此前已登记的0次不变。",
        "已保存。",
        "新登记巡查0次、例会0次，此前已登记的3次不变。",
        "已保存。",
    ]
    await house.store.rosters.add_leave(Leave("ma", "", date(2026, 6, 8), date(2026, 6, 14)), house.clock.now())
    await house.say("马镇长", "巡查说明 外出学习")
    rows = await listed(house, tmp_path)
    assert rows["一级路长", "张市长", "例会"] == ["1", "1", "0", "0", "0", "", "", "0", "S25"]
    assert rows["一级路长", "张市长", "巡查"] == ["2", "1", "0", "1", "0", "", "", "0", "S24"]
    assert rows["辖区总路长", "李卫东", "巡查"] == ["4", "1", "0", "2", "1", "6月8日至14日", "", "0", "S26"]
    assert rows["辖区总路长", "马镇长", "巡查"] == ["4", "0", "1", "2", "1", "6月1日至7日", "外出学习", "7", "S26"]
    duty = (tmp_path / "out" / "2026-06轮值在岗.csv").read_text(encoding="utf-8-sig").splitlines()
    gaps = {row[4]: row[8:] for row in (line.split(",") for line in duty[1:])}
    assert gaps["XC001"] == ["20", "0", "", ""]
    assert gaps["XC004"] == ["20", "20", "6月1日至20日", ""]
    with pytest.raises(WrongState, match="2026年7月还没到"):
        await export(session_of(house), "patrols", "2026-07", tmp_path / "out")
