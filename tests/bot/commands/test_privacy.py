"""person erase, retention: what people sent leaves the database, what the city must keep stays."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.commands import privacy
from bot.commands.importing import take
from bot.commands.scores import score
from bot.platforms.simulated.platform import PLATFORM
from domain.effects import Effects, PeriodState
from domain.errors import NotFound, WrongState
from domain.roster import Dated, Person, Post, Role
from tests.bot.commands.files import FINDINGS_HEAD, session_of, write
from tests.house import GROUP, House

STRANGER = "canary.zhang-77"
WORDS = "人民路百货大楼门口占道经营，我是丙栋住户欧阳探针"
REPORTER = f"{PLATFORM}:{STRANGER}"


def never_asked(question: str) -> str:
    raise AssertionError(question)


def raw_bytes(house: House) -> bytes:
    """Everything the database's files hold, the log and gaps included."""
    file = house.store.database.file
    return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))


def found_in(house: House, *needles: str) -> list[str]:
    held = raw_bytes(house)
    return [needle for needle in needles if needle.encode() in held or needle.encode().lower() in held]


async def report(house: House, photo: str = "canary-photo") -> None:
    """A stranger reports in private and in the group, adds words, asks, and leaves photos waiting for words."""
    await house.say(STRANGER, WORDS, photo=photo)
    await house.say(STRANGER, "补充：欧阳探针说摊子在左边")
    await house.say(STRANGER, "人民路百货大楼旁边路灯不亮，欧阳探针", group=GROUP)
    await house.say(STRANGER, "查 1")
    await house.say("吴主任", "查 1")
    await house.say(STRANGER, "", photo="canary-waiting")


async def close(house: House, number: int = 1) -> None:
    case = await house.case(number)
    for name, words, photo in (
        (case.handler, f"收到 {number}", ""),
        (case.handler, f"已处理 {number}", f"after{number}"),
    ):
        await house.say(name, words, photo=photo)
    await house.say("钱专干", f"通过 {number}")


async def test_a_reporter_leaves_no_trace(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await report(house)
    await house.store.ledger.close_day(house.rules.day(house.clock.now()), house.clock.now())
    before = await house.cases()
    assert found_in(house, STRANGER, "欧阳探针") == [STRANGER, "欧阳探针"]
    assert await privacy.erase_person(session_of(house), REPORTER, yes=True, ask=never_asked) == 0
    assert "上报2件的文字" in capsys.readouterr().out
    assert found_in(house, STRANGER, "欧阳探针", "丙栋住户", "百货大楼门口占道") == []
    after = await house.cases()
    assert [(c.id, c.state, c.category, c.segment, c.due, len(c.photos)) for c in after] == [
        (c.id, c.state, c.category, c.segment, c.due, len(c.photos)) for c in before
    ]
    assert len({c.reporter for c in after}) == 1  # still one and the same, whoever it was
    assert await house.store.ledger.verify() is None
    [entry] = [e for e in await house.store.ledger.events("roster") if e.event.kind == "person_erased"]
    assert entry.event.facts == {"cases": 2, "posts": entry.event.facts["posts"], "photos": 0}
    assert not entry.event.persons


async def test_nobody_is_told_in_the_name_of_the_erased(house: House) -> None:
    await report(house)
    await privacy.erase_person(session_of(house), REPORTER, yes=True)
    told = len(house.platform.posted)
    await close(house, 2)
    heard = [post.outgoing for post in house.platform.posted[told:]]
    assert heard
    assert not [one for one in heard if "erased" in f"{one.target}{one.text}{one.mentions}" or "欧阳" in one.text]
    assert (await house.case(2)).closed_at is not None


async def test_what_is_still_to_be_sent_says_where_to_read(house: House) -> None:
    await house.say(STRANGER, WORDS)
    async with house.store.database.writing() as connection:  # as if the platform had been out
        await connection.execute(text("UPDATE outbox SET ended_at = NULL, state = 'waiting' WHERE kind = 'work'"))
    await privacy.erase_person(session_of(house), REPORTER, yes=True)
    told = len(house.platform.posted)
    await house.machine.settle()
    [work] = [post.outgoing.text for post in house.platform.posted[told:]]
    assert "案件0001的上报内容（已按本人申请删除）" in work
    assert "欧阳" not in work


async def test_pictures_of_done_cases_go_and_are_known_as_old(house: House) -> None:
    await report(house)
    await close(house)
    [photo, _after] = (await house.case(1)).photos
    file = house.config.store.media / photo.name
    assert file.exists()
    await privacy.erase_person(session_of(house), REPORTER, yes=True)
    assert not file.exists()
    [left] = (await house.case(1)).photos
    assert left.role == "after"
    async with house.store.reading(house.clock.now()) as view:
        assert await view.photo_cases(photo.sha256) == [(await house.case(1)).id]


async def test_the_id_is_typed_once_more(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await house.say(STRANGER, WORDS)
    assert await privacy.erase_person(session_of(house), REPORTER, yes=False, ask=lambda question: "zhang") == 1
    assert "未删除" in capsys.readouterr().out
    assert (await house.case(1)).reporter == REPORTER
    assert await privacy.erase_person(session_of(house), REPORTER, yes=False, ask=lambda question: REPORTER) == 0


@pytest.mark.parametrize(
    ("who", "error", "said"),
    [
        pytest.param("吴主任", WrongState, "现任市路长办.*--from", id="holds a post"),
        pytest.param("nobody", NotFound, "wecom:zhangsan", id="unknown"),
        pytest.param("wecom:nobody", NotFound, "没有wecom:nobody的任何记录", id="never wrote"),
        pytest.param(REPORTER, WrongState, "2026-0001还没有定位", id="its place is not known"),
    ],
)
async def test_who_cannot_be_erased(house: House, who: str, error: type[Exception], said: str) -> None:
    await house.say(STRANGER, "垃圾桶满了没人管")
    with pytest.raises(error, match=said):
        await privacy.erase_person(session_of(house), who, yes=True)


async def test_a_former_inspector_is_gone_and_the_figures_stay(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where somebody else bears the same name."""
    now, session = house.clock.now(), session_of(house)
    people = [
        Person("gone-inspector", "钱探针", "市路长办", (("wecom", "gone-inspector"),)),
        Person("other", "钱探针甲", ""),
    ]
    since, until = date(2026, 1, 1), house.rules.day(now)
    posts = [Dated(Post("gone-inspector", Role.INSPECTOR), since, until)]
    await house.store.rosters.import_people(people, posts, until, now)
    found = write(
        tmp_path, "f.csv", FINDINGS_HEAD, "2026-05-12T10:00:00+08:00,XC001,luan.stall,2.5,钱探针,钱探针甲陪同"
    )
    assert await take(session, "findings", found, None, dry_run=False) == 0
    capsys.readouterr()
    await score(session, "2026-05", None, as_json=True)
    before = json.loads(capsys.readouterr().out)
    await privacy.erase_person(session, "gone-inspector", yes=True)
    capsys.readouterr()
    await score(session_of(house), "2026-05", None, as_json=True)
    assert json.loads(capsys.readouterr().out)["sequences"] == before["sequences"]
    assert found_in(house, "gone-inspector") == []
    assert raw_bytes(house).count("钱探针".encode()) == raw_bytes(house).count("钱探针甲".encode()) > 0
    # the same file again brings nothing new
    await take(session_of(house), "findings", found, None, dry_run=False)
    assert len(await house.store.findings.of_month(now - timedelta(days=62), now)) == 1


async def test_retention_takes_old_things_and_a_dry_run_says_the_same(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    await report(house)
    await close(house)
    async with house.store.database.writing() as connection:  # a message that could not be worked on
        await connection.execute(text("UPDATE inbox SET payload = '残留原文' WHERE id = 1"))
    house.clock.advance(timedelta(days=400))
    old = (await house.case(1)).photos
    capsys.readouterr()
    assert await privacy.retention(session_of(house), is_dry=True, as_json=True) == 0
    planned = json.loads(capsys.readouterr().out)
    assert (await house.case(1)).photos == old
    assert await privacy.retention(session_of(house), is_dry=False, as_json=True) == 0
    done = json.loads(capsys.readouterr().out)
    assert done == {**planned, "dry_run": False}
    assert (done["photos"], done["words"], done["messages"]) == (2, 1, 1)
    assert done["posts"] > 5
    case = await house.case(1)
    assert (case.photos, case.text, case.place, case.reporter) == ((), "", "", REPORTER)
    assert (await house.case(2)).text  # open cases keep their words
    assert found_in(house, "丙栋住户", "摊子在左边", "残留原文") == []
    assert await house.store.ledger.verify() is None
    await privacy.retention(session_of(house), is_dry=True, as_json=False)
    assert capsys.readouterr().out == "没有超过保存期限的内容。\n"


async def test_evidence_of_an_open_month_or_appeal_stays(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await report(house)
    await close(house)
    case = await house.case(1)
    async with house.store.database.writing() as connection:
        values = {"at": int(case.reported_at.timestamp() * 1_000_000), "case": case.id}
        await connection.execute(
            text("INSERT INTO finding VALUES ('k', :at, 'S1', 'luan.stall', 200, '', '', 0)"), values
        )
        await connection.execute(text("INSERT INTO finding_standing VALUES ('k', :case, 0, '')"), values)
    later = session_of(house)
    object.__setattr__(later, "now", house.clock.now() + timedelta(days=400))

    async def counted() -> tuple[int, int]:
        capsys.readouterr()
        await privacy.retention(later, is_dry=True, as_json=True)
        got = json.loads(capsys.readouterr().out)
        return got["photos"], got["words"]

    assert await counted() == (0, 0)
    frozen = PeriodState("2026-06", {"stage": "published", "version": 1})
    async with house.store.deciding(house.clock.now()) as view:
        view.apply(Effects(periods=[frozen]))
    assert await counted() == (2, 1)
    async with house.store.database.writing() as connection:
        await connection.execute(text("INSERT INTO appeal VALUES (1, 'k', '2026-06', 'open', '{}')"))
    assert await counted() == (0, 0)
