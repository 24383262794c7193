"""The steps of a month's end as pure decisions; dialogues and downtime are tests of schedules."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from bot.assembly import rules_of
from domain.appeal import Appeal, AppealState
from domain.assessment import SequenceKind
from domain.case import Case, State
from domain.casework import bulletin as bulletins
from domain.casework import month as months
from domain.casework import publication
from domain.casework.work import Work
from domain.effects import Effects, PeriodState, ToPurpose
from domain.errors import Missing, WrongState
from domain.finding import Finding
from domain.month import Month
from domain.period import Stage
from domain.ports import CaseQuery, View
from domain.ranking import CaseFigures
from domain.rules import Rules
from tests.domain.casework.city import City, now_, reported, rules
from tests.house import config_in

JUNE = Month(2026, 6)
DRAFTED = datetime(2026, 7, 1, 0, 12, tzinfo=UTC)
PUBLISHED = datetime(2026, 7, 7, 1, 12, tzinfo=UTC)


@dataclass
class Season(City):
    """The city with findings, settings and periods."""

    now: datetime = DRAFTED
    found: list[Finding] = field(default_factory=list)
    rules: Rules = field(default_factory=rules)
    settings: dict[str, Any] = field(default_factory=lambda: {publication.APPROVAL: ["wu", "feng"]})
    periods: dict[str, PeriodState] = field(default_factory=dict)
    lodged: list[Appeal] = field(default_factory=list)

    @property
    def inspected(self) -> "Season":
        return self

    async def appeals(self, month: str) -> list[Appeal]:
        return [one for one in self.lodged if one.month == month]

    @property
    def work(self) -> Work:
        return Work(cast(View, self), self.rules)

    async def setting(self, name: str) -> Any:
        return self.settings.get(name)

    async def period(self, period: str) -> PeriodState | None:
        return self.periods.get(period)

    async def findings(self, start: datetime, end: datetime) -> list[Finding]:
        return [one for one in self.found if start <= one.found_at < end]

    async def head(self) -> str:
        return "abc"

    async def cases(self, query: CaseQuery) -> list[Case]:
        assert query.due_since is not None
        assert query.due_before is not None
        return [c for c in self.held.values() if c.due and query.due_since <= c.due < query.due_before]

    def take(self, effects: Effects) -> None:
        super().take(effects)
        self.settings |= effects.settings
        self.periods |= {state.period: state for state in effects.periods}

    def stage(self) -> Stage:
        return now_(months.period_of(self.work, JUNE)).stage


@pytest.fixture
def season() -> Season:
    return Season()


def drafted(season: Season) -> Season:
    season.take(now_(publication.draft(season.work, JUNE)))
    return season


def rooms(season: Season) -> list[str]:
    return [notice.to.purpose for notice in season.notices if isinstance(notice.to, ToPurpose)]


def test_a_draft_opens_the_objections_and_sets_the_publication(season: Season) -> None:
    drafted(season)
    assert season.stage() is Stage.OBJECTION
    assert season.timers["publish:2026-06"].due_at == PUBLISHED
    assert rooms(season) == ["office"]
    assert [event.kind for event in season.events] == ["drafted"]


def test_a_month_is_drafted_once(season: Season) -> None:
    drafted(season)
    season.notices.clear()
    drafted(season)
    assert season.notices == []
    assert [event.kind for event in season.events] == ["drafted"]


def test_publication_freezes_the_figures_and_tells_the_leaders(season: Season) -> None:
    drafted(season)
    season.now = PUBLISHED
    season.take(now_(publication.publish(season.work, JUNE)))
    assert season.stage() is Stage.PUBLISHED
    assert rooms(season) == ["office", "leadership"]
    frozen = season.settings["figures:2026-06:1"]
    assert frozen["head"] == "abc"
    assert [row["score"] for row in frozen["sequences"][0]["rows"]] == ["100.00", "100.00"]


def test_an_open_appeal_holds_the_month_and_a_decided_one_is_counted(season: Season) -> None:
    drafted(season)
    season.now = PUBLISHED
    lodged = Appeal(1, "f", "2026-06", "wang", "已批准", Decimal("0.5"), DRAFTED, PUBLISHED)
    season.lodged = [lodged, replace(lodged, id=2, finding="g", state=AppealState.REJECTED)]
    season.take(now_(publication.publish(season.work, JUNE)))
    assert season.stage() is Stage.OBJECTION
    assert "还有1件申诉未办结" in season.notices[-1].text
    with pytest.raises(WrongState, match="还有1件申诉未办结"):
        now_(publication.publish_now(season.work, JUNE, ["甲", "乙"]))
    season.lodged[0] = replace(lodged, state=AppealState.ACCEPTED)
    season.take(now_(publication.publish_now(season.work, JUNE, ["甲", "乙"])))
    assert "申诉：2件，采纳1件，均已计入。" in season.notices[-1].text


@pytest.mark.parametrize(
    ("late", "mark"),
    [
        pytest.param(timedelta(minutes=15), "", id="a quarter of an hour is in time"),
        pytest.param(timedelta(minutes=16), "【补发】原定2026年7月7日通报", id="later is made up"),
    ],
)
def test_a_late_publication_is_marked(season: Season, late: timedelta, mark: str) -> None:
    drafted(season)
    season.now = PUBLISHED + late
    season.take(now_(publication.publish(season.work, JUNE)))
    assert season.notices[-1].text.startswith(mark or "各位领导")


def test_a_late_draft_remembers_the_day_that_was_planned(season: Season) -> None:
    season.now = DRAFTED + timedelta(days=30)
    drafted(season)
    season.now = season.timers["publish:2026-06"].due_at
    season.take(now_(publication.publish(season.work, JUNE)))
    assert season.notices[-1].text.startswith("【补发】原定2026年7月7日通报")


@pytest.mark.parametrize("approval", [[], ["wu"]])
def test_without_two_approvals_it_is_put_off_by_a_working_day(season: Season, approval: list[str]) -> None:
    season.settings[publication.APPROVAL] = approval
    drafted(season)
    season.now = PUBLISHED
    season.take(now_(publication.publish(season.work, JUNE)))
    assert season.stage() is Stage.OBJECTION
    period = now_(months.period_of(season.work, JUNE))
    assert period.publish_at == PUBLISHED + timedelta(days=1)
    assert rooms(season) == ["office", "office"]


def test_the_same_person_approves_once(season: Season) -> None:
    season.settings.clear()
    for person, known in (("wu", ["wu"]), ("wu", ["wu"]), ("feng", ["wu", "feng"])):
        people, effects = now_(publication.approve(season.work, person))
        season.take(effects)
        assert people == known


def test_facts_of_earlier_steps_stay_on_record(season: Season) -> None:
    drafted(season)
    before = season.periods["2026-06"].facts["scores"]
    _, effects = now_(publication.hold(season.work, JUNE, "wu", "核对中"))
    season.take(effects)
    assert season.periods["2026-06"].facts["scores"] == before
    assert season.periods["2026-06"].facts["hold_reason"] == "核对中"


def test_two_persons_publish_before_the_draft(season: Season) -> None:
    season.take(now_(publication.publish_now(season.work, JUNE, ["吴主任", "冯副主任"])))
    assert season.stage() is Stage.PUBLISHED
    drafted(season)
    assert season.stage() is Stage.PUBLISHED
    assert "draft" not in {notice.kind for notice in season.notices}


@pytest.mark.parametrize(
    ("names", "held", "refusal"),
    [
        pytest.param(["吴主任"], False, Missing, id="one person"),
        pytest.param(["吴主任", "吴主任"], False, Missing, id="one person twice"),
        pytest.param(["吴主任", "冯副主任"], True, WrongState, id="held"),
    ],
)
def test_publishing_at_once_is_refused(
    season: Season, names: Sequence[str], held: bool, refusal: type[Exception]
) -> None:
    if held:
        season.take(now_(publication.hold(season.work, JUNE, "wu", "核对中"))[1])
    with pytest.raises(refusal):
        now_(publication.publish_now(season.work, JUNE, names))


def test_a_signature_holds_only_for_the_figures_it_stands_under(season: Season) -> None:
    config = config_in(Path("unused"))
    own = config.assessment.model_copy(update={"publication": "signed"})
    season.rules = rules_of(config.model_copy(update={"assessment": own}))
    drafted(season)
    season.now = PUBLISHED - timedelta(hours=1)
    season.take(now_(publication.sign(season.work, JUNE, "wu"))[1])
    season.found.append(
        Finding("f", datetime(2026, 6, 20, tzinfo=UTC), "XC001", "luan.stall", Decimal(5), "孙督查", "")
    )
    season.now = PUBLISHED
    season.take(now_(publication.publish(season.work, JUNE)))
    assert season.stage() is Stage.FROZEN
    assert "定稿后数据有变化" in season.notices[-1].text


def test_ties_read_only_cases_that_inspectors_found(season: Season) -> None:
    season.now = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
    found = replace(reported(season), inspector="sun", reworks=1)
    late = replace(reported(season), inspector="sun")
    mine = reported(season)
    for case in (found, late, mine):
        season.held[case.id] = case
    of_may = replace(reported(season), inspector="sun", due=JUNE.start() - timedelta(microseconds=1))
    season.held[of_may.id] = of_may
    settled = replace(found, state=State.CLOSED, resolved_at=found.due)
    season.held[found.id] = settled
    season.now = DRAFTED
    evidence = now_(months.evidence_of(season.work, JUNE))
    assert evidence.cases[SequenceKind.TOWNSHIP, "东关街道"] == CaseFigures(overdue=1, reworked=1, due=2)
    assert evidence.cases[SequenceKind.SECOND_LEVEL, "chen"].due == 2
    assert evidence.cases[SequenceKind.UNIT, "市农业局"].due == 2


def test_a_running_month_shows_what_stands_so_far(season: Season) -> None:
    season.now = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
    for day, points in ((10, 2), (20, 50)):
        found = datetime(2026, 6, day, tzinfo=UTC)
        season.found.append(Finding(str(day), found, "XC005", "luan.stall", Decimal(points), "", ""))
    scores = now_(months.scores_of(season.work, JUNE))
    assert {row.subject: str(row.score) for row in scores.sequences[0].rows}["河西镇"] == "98.00"


@pytest.mark.parametrize(
    ("own", "told"),
    [
        pytest.param({}, "；亮灯率目标未设定，餐饮油烟净化设施安装率目标未设定。", id="S17 nobody has set them"),
        pytest.param(
            {"lit_rate": "98.5", "purifiers": "95"},
            "；亮灯率目标98.5%，餐饮油烟净化设施安装率目标95%。",
            id="S17 set in the configuration",
        ),
    ],
)
def test_an_announcement_prints_the_targets_that_the_scheme_leaves_blank(
    season: Season, own: dict[str, str], told: str
) -> None:
    season.rules = rules_of(config_in(Path("unused"), {"assessment": own}))
    season.take(now_(publication.publish_now(season.work, JUNE, ["吴主任", "冯副主任"])))
    assert told in season.notices[-1].text
    bulletin = now_(bulletins.bulletin_of(season.work, now_(months.period_of(season.work, JUNE))))
    assert bulletin.goals == ("安全", "整洁", "文明", "有序")
