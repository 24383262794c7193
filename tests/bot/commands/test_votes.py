"""Ratings and shops by the command line: sealed, all or nothing, shops only after two persons and the objection time."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.commands import periods, votes
from bot.commands.exports import export
from bot.commands.scores import score
from domain.assessment import Assessments
from domain.casework import publication
from domain.casework.work import Work
from domain.errors import ImportRefused, NotAllowed, NotFound, WrongState
from domain.frame import load_frame
from domain.month import Month
from domain.versions import Versions
from tests.bot.commands.files import session_of, write
from tests.house import LEADERS, OFFICE_GROUP, House

RATINGS = "period,sequence,subject,rater,score"
AWAITED = (
    "2026年6月门店评比有1家待核实，请市路长办两人回复“核实评比 6月”。核实后须过异议期，定稿或通报时没到期的不计入当月。"
)
SHOPS = "period,segment_id,shop,merchant,rater,capacity,score"


async def sequences(house: House, capsys: pytest.CaptureFixture[str], period: str = "2026-05") -> dict[str, Any]:
    capsys.readouterr()
    await score(session_of(house), period, None, as_json=True)
    return {listed["sequence"]: listed["rows"] for listed in json.loads(capsys.readouterr().out)["sequences"]}


async def test_ratings_open_the_departments_list(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "department" not in await sequences(house, capsys)
    file = write(
        tmp_path,
        "r.csv",
        RATINGS,
        "2026-05,职能单位,环卫中心,陈涛,80",
        "2026-05,department,园林中心,高明,90",
        "2026-05,unit,市农业局,chen,95",
    )
    await votes.take_ratings(session_of(house), file, dry_run=True)
    assert "department" not in await sequences(house, capsys)
    await votes.take_ratings(session_of(house), file, dry_run=False)
    told = capsys.readouterr().out
    assert "2026年5月评分3条：职能单位2个、责任单位1个。" in told
    rows = (await sequences(house, capsys))["department"]
    assert [(row["rank"], row["subject"], row["score"], row["flag"]) for row in rows] == [
        (1, "园林中心", "100.00", None),
        (1, "环卫中心", "100.00", None),
    ]
    stored = await house.store.ledger.events("period:2026-05")
    assert [one.event.kind for one in stored] == ["ratings_taken"]


async def test_a_wrong_row_saves_nothing(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(
        tmp_path, "r.csv", RATINGS, "2026-05,department,环卫中心,陈涛,80", "2026-05,department,环卫中心,赵强,80"
    )
    with pytest.raises(ImportRefused, match="第3行 rater：赵强在2026年5月不是"):
        await votes.take_ratings(session_of(house), file, dry_run=False)
    assert "department" not in await sequences(house, capsys)


FIVE = ("包卫生", "包秩序", "包绿化", "包亮化", "包文明")
FRAME = Versions(tuple(replace(one, frontage=replace(one.frontage, items=FIVE)) for one in load_frame().all))


async def with_shops(house: House, folder: Path) -> None:
    rows = [
        f"2026-05,XC001,{shop},{shop}老板,陈涛,二级路长,{given}" for shop, given in (("张记", "95"), ("李记", "60"))
    ]
    await votes.take_shops(session_of(house), write(folder, "s.csv", SHOPS, *rows), dry_run=False)


async def test_shops_wait_for_two_persons_and_the_objection_time(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotFound, match="没有门店评分"):
        await votes.verify(session_of(house), "2026-05", "wu")
    await with_shops(house, tmp_path)
    with pytest.raises(NotAllowed):
        await votes.verify(session_of(house), "2026-05", "赵强")
    await votes.verify(session_of(house), "2026-05", "wu")
    await votes.verify(session_of(house), "2026-05", "wu")
    assert "还需1人" in capsys.readouterr().out
    assert "shop" not in await sequences(house, capsys)
    await votes.verify(session_of(house), "2026-05", "feng")
    with pytest.raises(WrongState):
        await votes.verify(session_of(house), "2026-05", "feng")
    assert "shop" not in await sequences(house, capsys)
    await house.machine.settle()
    await house.advance(hours=1)
    (told,) = [text for text in house.all_heard("吴主任") if "门店评比" in text]
    assert "请先告知下列门店" in told
    assert "表扬：未设定\n曝光：未设定" in told
    assert house.all_heard(LEADERS) == []
    await house.until(house.local(5, 9))
    rows = (await sequences(house, capsys))["shop"]
    assert [(row["rank"], row["subject"], row["name"], row["score"], row["flag"]) for row in rows] == [
        (1, "XC001/张记", "张记", "95.00", None),
        (2, "XC001/李记", "李记", "60.00", None),
    ]


async def test_checked_shops_are_published_with_their_month_and_exported(house: House, tmp_path: Path) -> None:
    await with_shops(house, tmp_path)
    for person in ("wu", "feng"):
        await votes.verify(session_of(house), "2026-05", person)
    await house.until(house.local(5, 9))
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(await publication.publish_now(Work(view, house.rules), Month(2026, 5), ["吴主任", "冯副主任"]))
    session = session_of(house)
    numbers = replace(session.rules.scoring.assessments.versions[0], best_shops=1, worst_shops=1)
    scoring = replace(session.rules.scoring, assessments=Assessments((numbers,)))
    session = replace(session, rules=replace(session.rules, scoring=scoring))
    for kind in ("shops", "media"):
        await export(session, kind, "2026-05", tmp_path / "out")
    lines = (tmp_path / "out" / "2026-05门店评比.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",", 4)[4] for line in lines[1:]] == ["张记,XC001,95.00,1,表扬,", "李记,XC001,60.00,2,曝光,"]
    media = (tmp_path / "out" / "2026-05媒体公布.csv").read_text(encoding="utf-8-sig")
    assert "李记" not in media


async def test_what_of_the_five_a_shop_lacks_is_counted_told_first_and_exported(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = house.rules.scoring.assessments.versions[0]
    scoring = replace(house.rules.scoring, assessments=Assessments((replace(one, best_shops=1, worst_shops=1),)))
    house.machine.rules = replace(house.rules, frame=FRAME, scoring=scoring)
    rows = [
        "2026-05,XC001,张记,张老板,陈涛,二级路长,95,",
        "2026-05,XC001,李记,李老板,陈涛,二级路长,60,包秩序",
        "2026-05,XC001,李记,李老板,网格员甲,网格员,60,包卫生、包秩序",
    ]
    for _ in range(2):  # the same votes again are not counted again
        await votes.take_shops(session_of(house), write(tmp_path, "s.csv", f"{SHOPS},failed", *rows), dry_run=False)
    for person in ("wu", "feng"):
        await votes.verify(session_of(house), "2026-05", person)
    lacks = "李记（XC001）60.00分（未落实：包秩序2人、包卫生1人）"
    await votes.show(session_of(house), "2026-05")
    assert f"第2名 {lacks}\n表扬：张记（XC001）95.00分\n曝光：{lacks}" in capsys.readouterr().out
    await house.machine.settle()
    await house.advance(hours=1)
    (told,) = [text for text in house.all_heard("吴主任") if "请先告知" in text]
    assert told.endswith(f"曝光：{lacks}")
    await house.until(house.local(5, 9))
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(await publication.publish_now(Work(view, house.rules), Month(2026, 5), ["吴主任", "冯副主任"]))
    await export(session_of(house), "shops", "2026-05", tmp_path / "out")
    lines = (tmp_path / "out" / "2026-05门店评比.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",", 4)[4] for line in lines] == [
        "门店,路段,成绩,名次,结果,未落实的门前五包",
        "张记,XC001,95.00,1,表扬,",
        "李记,XC001,60.00,2,曝光,包秩序2人、包卫生1人",
    ]


async def test_shops_in_their_objection_time_are_left_out_only_on_request(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await with_shops(house, tmp_path)
    for person in ("wu", "feng"):
        await votes.verify(session_of(house), "2026-05", person)
    said = "2026年5月门店评比异议期至6月4日（含），期满后定稿即计入本期；不等门店、现在定稿请在.*后加--without-shops。"
    with pytest.raises(WrongState, match=said):
        await periods.publish(session_of(house), "2026-05", "吴主任,冯副主任")
    assert capsys.readouterr().out.count("⚠") == 0  # no document was made of it either
    await periods.publish(session_of(house), "2026-05", "吴主任,冯副主任", without_shops=True)
    assert "shop" not in await sequences(house, capsys)
    await house.until(house.local(5, 9))
    assert "shop" not in await sequences(house, capsys)


async def test_new_votes_call_for_a_new_check(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await with_shops(house, tmp_path)
    for person in ("wu", "feng"):
        await votes.verify(session_of(house), "2026-05", person)
    await with_shops(house, tmp_path)  # the same votes change nothing
    await votes.show(session_of(house), "2026-05")
    assert "已由吴主任、冯副主任核实" in capsys.readouterr().out
    row = "2026-05,XC001,李记,李记老板,陈涛,二级路长,61"
    await votes.take_shops(session_of(house), write(tmp_path, "s.csv", SHOPS, row), dry_run=False)
    await votes.show(session_of(house), "2026-05")
    shown = capsys.readouterr().out
    assert "尚未核实，不公布" in shown
    assert "第2名 李记（XC001）61.00分" in shown


async def test_the_office_checks_by_chat(house: House, tmp_path: Path) -> None:
    assert await house.say("吴主任", "核实评比") == ["2026年5月没有门店评分，请先导入（luzhang import shops）。"]
    await with_shops(house, tmp_path)
    assert await house.say("赵强", "核实评比 5月") == ["门店评比由市路长办核实。"]
    assert "还需1人" in (await house.say("吴主任", "核实评比 5月"))[0]
    assert (
        "已由吴主任、冯副主任核实，异议期至6月5日00:00，期满后计入当月通报"
        in (await house.say("冯副主任", "核实评比"))[0]
    )


@pytest.mark.parametrize("is_checked", [True, False])
async def test_the_draft_reminds_the_office_of_shops_that_are_not_checked(
    house: House, tmp_path: Path, is_checked: bool
) -> None:
    row = "2026-06,XC001,张记,张记老板,陈涛,二级路长,90"
    await votes.take_shops(session_of(house), write(tmp_path, "s.csv", SHOPS, row), dry_run=False)
    for person in ("wu", "feng") if is_checked else ("wu",):
        await votes.verify(session_of(house), "2026-06", person)
    await house.until(house.local(1, 9, month=7))
    told = [text for text in house.all_heard(OFFICE_GROUP) if "门店评比" in text]
    assert told == ([] if is_checked else [AWAITED])


async def test_a_published_month_takes_no_votes(house: House, tmp_path: Path) -> None:
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(await publication.publish_now(Work(view, house.rules), Month(2026, 5), ["吴主任", "冯副主任"]))
    with pytest.raises(ImportRefused, match="2026年5月已定稿"):
        await with_shops(house, tmp_path)
