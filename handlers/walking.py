"""督查: an inspector on a road; what he sends becomes a finding at once, with as little typing as possible."""

from dataclasses import replace

from domain import authority
from domain.case import Case, Origin
from domain.casework import drawing, inspecting, opening
from domain.effects import Effects, Timer
from domain.errors import NotFound
from domain.finding import points_of
from domain.messages import Photo
from domain.roster import Segment
from domain.texts import inspecting as texts
from domain.understand import Gazetteer
from domain.understand.locate import Locator
from domain.understand.text import normalise as plain
from domain.walk import Walk
from handlers import report
from handlers.reference import points_mark
from handlers.talk import Talk

_LIKELY = 0.5  # a problem that words name without reporting it
MOST_PLACES = 8


async def run_today(talk: Talk) -> Effects:
    """今日督查: the sender's roads of today by the draw, which nobody else hears before they are inspected."""
    work = talk.work
    inspecting.require_inspector(work, talk.me)
    if talk.is_group:
        return talk.say(texts.PLAN_IN_PRIVATE)
    month = work.rules.month(work.now)
    stretches = drawing.todays(work, await drawing.drawn(work, month)).get(talk.me, [])
    visited, segments = await drawing.coverage(work, month)
    return talk.say(texts.today(stretches, visited, segments) if stretches else texts.nothing_today(visited, segments))


async def run_begin(talk: Talk) -> Effects:
    """开始督查 人民路."""
    walk, effects = await inspecting.begun(talk.work, talk.me, talk.spoken.rest)
    return effects.merge(talk.say(texts.begun(walk, talk.work.w)))


async def run_end(talk: Talk) -> Effects:
    """结束督查: what the walk came to."""
    figures, effects = await inspecting.ended(talk.work, talk.me)
    return effects.merge(talk.say(ended_text(talk, figures)))


def ended_text(talk: Talk, figures: inspecting.WalkFigures) -> str:
    """Return the line that sums up a walk, and which segments of the road have no record."""
    rules = talk.work.rules
    is_ahead = talk.work.now < rules.calendar.at(talk.work.day, rules.summary_at)
    lasted = figures.until - figures.walk.started_at
    text = texts.ended(
        figures.walk, figures.problems, figures.fixed, figures.points, lasted,
        f"{rules.summary_at:%H:%M}" if is_ahead else "",
    )  # fmt: skip
    if figures.unplaced:
        text = f"{text}\n{texts.unplaced(figures.unplaced)}"
    if not figures.unseen:
        return text
    segments = [s for id_ in figures.unseen if (s := talk.work.roster.segment(id_, talk.work.day))]
    return f"{text}\n{texts.unseen([s.title for s in segments], figures.walk.road)}"


async def run_clean(talk: Talk) -> Effects:
    """无问题: the running walk's road, a segment of it that is named, or a road that is named."""
    inspecting.require_inspector(talk.work, talk.me)
    segments = await _clean_segments(talk)
    fresh, effects = await inspecting.clean(talk.work, talk.me, segments)
    titles = {s.id: s.title for s in segments}
    return effects.merge(talk.say(texts.clean([titles[one.segment] for one in fresh])))


async def _clean_segments(talk: Talk) -> list[Segment]:
    walk = await talk.work.view.inspected.walk(talk.me)
    words = talk.spoken.rest
    if walk is None:
        return inspecting.segments_of(talk.work, words)
    on_road = _segments(talk, walk)
    if not words:
        return on_road
    near = _located(words, walk, on_road)
    if 0 < len(near) < len(on_road):
        return near
    return inspecting.segments_of(talk.work, words)


async def is_finding(talk: Talk) -> bool:
    """Tell whether an inspector's message is a finding: on a walk every problem, else one that names points."""
    if not authority.is_inspector(talk.me, talk.work.roster, talk.work.day):
        return False
    mark, _ = points_mark(talk.heard.text)
    u = talk.heard.understanding
    guessed = u.category_candidates[0] if u.category_candidates else ("other", 0.0)
    names_problem = u.intent == "report" or (guessed[0] != "other" and guessed[1] >= _LIKELY)
    if mark is not None:
        return names_problem or bool(talk.photos)
    return names_problem and await talk.work.view.inspected.walk(talk.me) is not None


async def run_found(talk: Talk) -> Effects:
    """Open what the message found: one case with its finding, or one for each problem where no points are named."""
    mark, words = points_mark(talk.heard.text)
    points = f"{points_of(mark):f}" if mark is not None else ""
    gathered = await talk.work.view.gather(talk.platform, talk.chat_id, talk.me)
    photos = report.all_photos(talk, gathered)
    effects = Effects()
    if gathered is not None:
        effects.gathers_closed.append((talk.platform, talk.chat_id, talk.me))
        effects.timers_dropped.append(report.gather_key(talk))
    segment, near = await _place(talk, words)
    draft = _draft(talk, photos, words, points, tuple(s.id for s in near))
    problems = talk.heard.understanding.problems
    if mark is None and len(problems) > 1 and segment is not None:
        drafts = [
            replace(draft, category=p.category, severity=p.severity, is_hazard=p.is_hazard, also=()) for p in problems
        ]
    else:
        drafts = [draft]
    for one in drafts:
        effects.merge(await _opened(talk, one, segment))
    return effects


def _draft(talk: Talk, photos: tuple[Photo, ...], words: str, points: str, near: tuple[str, ...]) -> opening.Draft:
    u = talk.heard.understanding
    draft = report.draft_of(talk, u, photos)
    guessed = u.category_candidates[0][0] if u.category_candidates else "other"
    return replace(
        draft, category=u.category or guessed, text=words, origin=Origin.PATROL, relayed_for="", candidates=near,
        inspector=talk.me, points=points,
    )  # fmt: skip


async def _opened(talk: Talk, draft: opening.Draft, segment: Segment | None) -> Effects:
    if segment is None and not draft.township:
        places = [talk.work.roster.segment(s, talk.work.day) for s in draft.candidates]
        townships = {s.township for s in places if s is not None}
        draft = replace(draft, township=next(iter(townships)) if len(townships) == 1 else "")
    case, effects = await opening.open_case(talk.work, draft, segment)
    effects.contacts.append(await talk.remember(case))
    talk.work.view.apply(Effects(findings=effects.findings))  # the next of this message is another
    if segment is None:
        due = talk.work.now + talk.work.rules.waits.question
        effects.timers.append(Timer(f"locate:{case.id}", "locate", str(case.id), due))
        return effects.merge(report.ask_place(talk, case, MOST_PLACES))
    effects.merge(opening.announce(talk.work, case))
    return effects.merge(await report.receipt(talk, case, report.receipt_text(talk, case, effects)))


async def _place(talk: Talk, words: str) -> tuple[Segment | None, list[Segment]]:
    """Return the segment that is meant, else those among which the inspector chooses; the walk's road is the default."""
    u, roster, day = talk.heard.understanding, talk.work.roster, talk.work.day
    understood = roster.segment(u.segment, day) if u.segment else None
    walk = await talk.work.view.inspected.walk(talk.me)
    if walk is None:
        near = [s for c in u.segment_candidates if (s := roster.segment(c[0], day))]
        return understood, near
    names_another = understood is not None and understood.road != walk.road and understood.road in words
    if names_another and walk.road not in words and f"{understood.road if understood else ''}口" not in words:
        return understood, []
    near = _located(words, walk, _segments(talk, walk))
    return (near[0], []) if len(near) == 1 else (None, near)


def _segments(talk: Talk, walk: Walk) -> list[Segment]:
    found = [s for id_ in walk.segments if (s := talk.work.roster.segment(id_, talk.work.day))]
    if not found:
        raise NotFound(f"{walk.road}的路段已不在花名册中，请回“结束督查”。")
    return found


def _located(words: str, walk: Walk, segments: list[Segment]) -> list[Segment]:
    """Return the segments of the walk's road that the words mean; all of them when the words don't tell."""
    text = words if walk.road in words else f"{walk.road}{words}"
    location = Locator(Gazetteer.build(segments)).locate(plain(text))
    wanted = [location.segment] if location.segment else [candidate[0] for candidate in location.candidates]
    return [s for s in segments if s.id in wanted] or segments


async def wordless(talk: Talk) -> Case | None:
    """Return the finding just reported in words alone, which a walking inspector's bare photos belong to, or None."""
    last = await report.recent(talk)
    return last if last is not None and last.inspector == talk.me and not last.photos else None


async def is_walking(talk: Talk) -> bool:
    """Tell whether the sender is on a walk; of nobody but inspectors is it asked."""
    if not authority.is_inspector(talk.me, talk.work.roster, talk.work.day):
        return False
    return await talk.work.view.inspected.walk(talk.me) is not None


def may_add_photos(talk: Talk, case: Case) -> bool:
    """Tell whether the sender's photos belong to what he found himself."""
    return case.is_open and case.inspector == talk.me
