"""A month, a day and a letter that the tests of documents share."""

from datetime import UTC, date, datetime
from decimal import Decimal

from domain.assessment import load_assessments
from domain.categories import Categories
from domain.finding import Finding
from domain.holdings import Deduction
from domain.imprint import Imprint
from domain.month import SHANGHAI, Month
from domain.roster import Dated, Roster, Segment
from domain.rulebook import load_rules
from domain.scoring import Evidence, Settings, score_month
from domain.texts.leadership import Bulletin
from domain.texts.papers.month import MonthFacts
from tests.house import SEGMENTS

CATEGORIES = Categories.load(None)
SETTINGS = Settings(load_rules([row.code for row in CATEGORIES.rows]), load_assessments())
ROSTER = Roster(segments=tuple(Dated(segment) for segment in SEGMENTS))
HEAD = "a3f1-77bc-0912-ee01"
RISKY = "=cmd|'/c calc'!A0 电话13812345678"


def finding(number: int, segment: str = "XC001", points: str = "2.50", note: str = "", case: int = 0) -> Finding:
    at = datetime(2026, 6, 1 + number, 2, 0, tzinfo=UTC)
    key = f"{number:032x}"
    return Finding(
        key, at, segment, "luan.stall", Decimal(points), "孙督查", note, case=case, number=202600000000 + number
    )


def month_facts(*findings: Finding, is_final: bool = True, imprint: Imprint | None = None) -> MonthFacts:
    found = findings or (
        finding(1, note=RISKY, case=202600000131),
        finding(2, "XC003", "0.30"),
        finding(3, "XC005", "1.00"),
    )
    scores = score_month(Month(2026, 6), Evidence(found, ROSTER), SETTINGS)
    names = {row.code: row.name for row in CATEGORIES.rows}
    title = "溪城市城市精细化管理“路长制”考评办法"
    bulletin = Bulletin(scores, title, names, date(2026, 7, 7), HEAD, city="溪城市")

    def segment(segment_id: str, day: date) -> Segment | None:
        return ROSTER.segment(segment_id, day)

    def clause(category: str, day: date) -> str:
        return SETTINGS.rules.on(day).rules[category].clause

    def clock(deduction: Deduction) -> str:
        return f"{deduction.found_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

    return MonthFacts(
        bulletin=bulletin,
        imprint=imprint or Imprint("溪城市", "溪路长办", "市委办、市政府办"),
        is_final=is_final,
        segment=segment,
        clause=clause,
        clock=clock,
        name=str,
        findings={f.key: f for f in found},
    )
