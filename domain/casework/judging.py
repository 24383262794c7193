"""Why a case was judged as it was (为什么): words, place and severity as recorded then, and what its pictures tell."""

from domain.case import Case, CasePhoto
from domain.casework import doubts, placing
from domain.casework.work import Work
from domain.photo_facts import PhotoFacts
from domain.texts import reasons


async def why(work: Work, case: Case) -> str:
    """Return the reasons, a line each: the same for the chat and for the command line."""
    known = await work.view.photo_facts(photo.sha256 for photo in case.photos)
    told = [_told(work, number, photo, known.of(photo.sha256)) for number, photo in enumerate(case.photos, 1)]
    pictures = [line for line in told if line]
    return reasons.why(case, work.w, pictures, [doubts.lines_of(work, doubt) for doubt in case.doubts])


def _told(work: Work, number: int, photo: CasePhoto, facts: PhotoFacts) -> str:
    """Return what one picture tells of time and place, "" when nothing is known."""
    mark = facts.watermark
    told = []
    if mark is not None and not mark.is_empty:
        named = [work.roster.segment(name, work.day) for name in mark.segments]
        titles = [segment.title for segment in named if segment is not None]
        at = work.w.moment(mark.taken_at) if mark.taken_at else ""
        told.append(reasons.watermark(mark.address, at, titles))
    if facts.taken_at is not None and (mark is None or mark.taken_at is None):
        told.append(reasons.taken(work.w.moment(facts.taken_at)))
    if facts.point is not None:
        near = [work.roster.segment(name, work.day) for name in placing.near(work, facts.point)]
        told.append(reasons.located([segment.title for segment in near if segment is not None]))
    return reasons.photo(number, photo.role, told) if told else ""
