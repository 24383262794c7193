"""A June of thrown acts: from the ledger's export, the roster's files and nothing else the second computation has the
figures that the product has — before the month is frozen, as it was published, and as it was corrected."""

import os
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from domain.appeal import AppealState
from domain.case import State
from domain.casework import appealing, correcting, deducting, opening, publication
from domain.casework import month as months
from domain.casework.correcting import Wanted
from domain.casework.opening import Draft
from domain.errors import RuleError
from domain.finding import Finding
from domain.month import Month
from tests.domain.casework.city import now_, segment
from tests.domain.scoring import oracle
from tests.domain.scoring.dice import text
from tests.domain.scoring.office import Files, Office, open_office
from tests.domain.scoring.replay import Replay

JUNE = Month(2026, 6)
ZONE = ZoneInfo("Asia/Shanghai")
MONTHS = int(os.environ.get("RANDOM_MONTHS", "80"))
PLACES = [f"XC00{n}" for n in range(1, 6)]
CATEGORIES = ("luan.vendor", "zang.litter", "cha.manhole")
OFFICE = ("wu", "feng")
Act = Callable[[Office, Random], None]

# least share of months in per cent in which it happened
LEAST = {
    "published": 90,
    "corrected": 40,
    "late": 6,
    "points": 30,
    "finding_category": 10,
    "finding_segment": 12,
    "withdrawn": 20,
    "won in the window": 30,
    "won in part": 15,
    "lost": 25,
    "won after publication": 10,
}


def ours(office: Office) -> list[dict[str, Any]]:
    figures = deepcopy(now_(months.figures_of(office.work, now_(months.period_of(office.work, JUNE)))))
    for listed in figures["sequences"]:
        for row in listed["rows"]:
            row["deductions"] = sorted((d["segment"], d["category"], d["points"]) for d in row["deductions"])
    found: list[dict[str, Any]] = figures["sequences"]
    return found


def theirs(office: Office, files: Files) -> oracle.Listed:
    rows = Replay().read("\n".join(office.entries)).file()
    return oracle.figures("2026-06", files, text(rows, "findings"), {}, text([], "cases"))


# ---- what people do ------------------------------------------------------------------------------------------------


def inspect(office: Office, dice: Random) -> None:
    """An inspector finds something; now and then nobody can say where."""
    draft = Draft(
        dice.choice(CATEGORIES), "一般", "sun", "x", inspector="sun", points=dice.choice(["", "0.5", "3", "60"])
    )
    place = office.roster.segment(dice.choice(PLACES), office.work.day) if dice.random() < 0.6 else None
    office.kept(now_(opening.open_case(office.work, draft, place)))


def report(office: Office, dice: Random) -> None:
    """Somebody reports: it takes no points unless it is confirmed."""
    draft = Draft(dice.choice(CATEGORIES), "一般", "liu_fang", "x")
    place = office.roster.segment(dice.choice(PLACES), office.work.day)
    office.kept(now_(opening.open_case(office.work, draft, place)))


def import_some(office: Office, dice: Random) -> None:
    """A file comes in, of inspections a while ago; some rows are known."""
    rows = []
    for _ in range(dice.randint(1, 4)):
        number, back = dice.randrange(40), timedelta(hours=dice.randint(1, 200))
        at, key = office.now - back, f"{len(office.found)}:{number}"
        points = Decimal(dice.choice(["0", "0.01", "0.02", "0.50", "33.33", "70", "100"]))
        category = dice.choice([*CATEGORIES, ""])
        rows.append(Finding(key, at, dice.choice(PLACES), category, points if category else Decimal(0), "sun"))
    if not now_(months.period_of(office.work, JUNE)).is_frozen:  # else the import refuses the file
        office.import_file([*rows, *list(office.found.values())[:1]])


def confirm(office: Office, dice: Random) -> None:
    case = dice.choice([one for one in office.held.values() if not one.inspector and not one.finding])
    given = dice.choice([None, Decimal("0.5"), Decimal("2.25")])
    office.take(now_(deducting.confirmed(office.work, case, "wu", given))[2])


def place(office: Office, dice: Random) -> None:
    case = dice.choice([one for one in office.held.values() if one.state is State.UNLOCATED])
    there = segment(dice.choice(PLACES))
    placed, effects = now_(opening.locate(office.work, case, there, "wu"))
    effects.cases.append(placed)
    office.take(effects)


def revalue(office: Office, dice: Random) -> None:
    found = dice.choice(list(office.found.values()))
    points = Decimal(dice.choice(["0", "0.01", "1.5", "40"]))
    office.take(now_(deducting.revalued(office.work, found, dice.choice(OFFICE), points))[1])


def recategorise(office: Office, dice: Random) -> None:
    found = dice.choice([one for one in office.found.values() if one.case])
    case = replace(office.held[found.case], category=dice.choice(CATEGORIES))
    office.take(now_(deducting.recategorised(office.work, case, dice.choice(["wu", "qian"]))))


def move(office: Office, dice: Random) -> None:
    found = dice.choice([one for one in office.found.values() if one.case])
    case = replace(office.held[found.case], segment=dice.choice(PLACES))
    office.take(now_(deducting.relocated(office.work, case, dice.choice(["wu", "qian"]))))


def void(office: Office, dice: Random) -> None:
    found = dice.choice([one for one in office.found.values() if one.case])
    office.take(now_(deducting.voided(office.work, office.held[found.case])))


def appeal(office: Office, dice: Random) -> None:
    found = dice.choice([one for one in office.found.values() if one.is_counted])
    office.take(now_(appealing.lodged(office.work, found, assessed(office, found), "已批准", ()))[1])


def assessed(office: Office, found: Finding) -> str:
    return appealing.assessed(office.work, found)[0]


def decide(office: Office, dice: Random) -> None:
    one = dice.choice([one for one in office.lodged.values() if one.state is AppealState.OPEN])
    left = dice.choice([None, None, Decimal("0.01"), Decimal("0.25")])
    wins = dice.random() < 0.5
    found = office.found[one.finding]
    office.take(
        now_(
            appealing.decided(
                office.work, one, found, dice.choice(OFFICE), "理由", accepted=wins, left=left if wins else None
            )
        )[2]
    )


def settle(office: Office, dice: Random) -> None:
    """The leading group has its final word on an appeal that was not accepted; two record it."""
    one = dice.choice([one for one in office.lodged.values() if one.state is AppealState.REJECTED])
    found = office.found[one.finding]
    one, effects = now_(appealing.referred(office.work, one, found, assessed(office, found), "请再看"))
    office.take(effects)
    wins = dice.random() < 0.8
    for person, verdict in (("wu", wins), ("feng", None)):
        effects = now_(appealing.finalised(office.work, office.lodged[one.id], found, person, "x", accepted=verdict))[2]
        office.take(effects)


def publish(office: Office, dice: Random) -> None:
    office.take(now_(publication.publish_now(office.work, JUNE, ["吴主任", "冯副主任"])))


def correct(office: Office, dice: Random) -> None:
    mine = [one for one in office.found.values() if JUNE.holds(one.found_at, ZONE)]
    some = dice.sample(mine, min(len(mine), dice.randint(0, 2)))
    at = datetime(2026, 6, dice.randint(1, 30), 10, tzinfo=ZONE)
    missed = Finding(f"missed{len(office.found)}", at, dice.choice(PLACES), CATEGORIES[0], Decimal("1.1"), "sun")
    wanted = Wanted(
        withdrawn=[one for one in some[:1] if one.is_counted],
        points={one.key: Decimal("0.75") for one in some[1:]},
        added=[missed] if dice.random() < 0.5 else [],
    )
    done = now_(correcting.worked_out(office.work, JUNE, ["吴主任", "冯副主任"], "复核误录", wanted))
    office.take(now_(correcting.corrected(office.work, done)))


DAILY: tuple[Act, ...] = (
    inspect, inspect, inspect, report, import_some, confirm, revalue, recategorise, recategorise, move, void, appeal,
)  # fmt: skip
WINDOW: tuple[Act, ...] = (import_some, confirm, place, revalue, move, void, appeal, appeal, appeal, decide, decide)
LATER: tuple[Act, ...] = (place, place, settle, settle, correct, correct, revalue, void)


def test_both_computations_agree_on_what_the_ledger_says() -> None:
    met: Counter[str] = Counter()
    for seed in range(MONTHS):
        dice = Random(seed)
        office, files = open_office(dice)
        for acts, begin, count in (
            (DAILY, datetime(2026, 6, 1, 9, tzinfo=ZONE), dice.randint(3, 14)),
            (WINDOW, datetime(2026, 7, 1, 9, tzinfo=ZONE), dice.randint(3, 9)),
            ((decide,), datetime(2026, 7, 3, 9, tzinfo=ZONE), 2 * len(PLACES)),
            ((publish,), datetime(2026, 7, 4, 9, tzinfo=ZONE), 1),
            (LATER, datetime(2026, 7, 4, 12, tzinfo=ZONE), dice.randint(3, 9)),
        ):
            office.now = begin
            for _ in range(count):
                step(office, dice, dice.choice(acts))
                office.now += timedelta(hours=dice.randint(1, 40) if acts is DAILY else 1)
            if office.now >= JUNE.end(ZONE):
                assert ours(office) == theirs(office, files), f"month {seed}"
        met.update(happened(office))
    assert {name: met[name] for name, least in LEAST.items() if 100 * met[name] < least * MONTHS} == {}


def step(office: Office, dice: Random, act: Act) -> None:
    """Let somebody act; there may be nothing to act upon, and much is refused: then nothing changes."""
    before = len(office.entries)
    try:
        act(office, dice)
    except (RuleError, IndexError):
        assert len(office.entries) == before or act is settle


def happened(office: Office) -> set[str]:
    kinds = {line.partition('"kind": "')[2].partition('"')[0] for line in office.entries}
    won = [one for one in office.lodged.values() if one.state is AppealState.ACCEPTED and one.review]
    found = {
        "late": any(one.withdrawn == "late" for one in office.found.values()),
        "won in the window": bool(won),
        "won in part": any(one.review and one.review.points for one in won),
        "lost": any(one.review and one.review.points == one.points for one in office.lodged.values()),
        "won after publication": any(one.state is AppealState.FINAL_ACCEPTED for one in office.lodged.values()),
    }
    return kinds | {name for name, is_met in found.items() if is_met}
