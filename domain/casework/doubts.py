"""What a person must look at in a case's pictures: copies of other pictures, and pictures older than what they show.

A doubt is shown and told, with both pictures where there are two. It decides nothing: no refusal, no deduction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.case import Case, CasePhoto, Event
from domain.casework.work import Work
from domain.effects import Effects
from domain.messages import Photo
from domain.photo_facts import PhotoFacts
from domain.texts import pictures as texts

ALIKE, OLD, ELSEWHERE = "alike", "old", "elsewhere"


@dataclass(frozen=True, slots=True)
class Copy:
    """A picture that resembles one kept before: whose, and in which role it stood there."""

    sha256: str
    case: Case
    other: CasePhoto


async def copies(work: Work, case: Case | None, photos: Sequence[Photo | CasePhoto]) -> list[Copy]:
    """Return which of these pictures are copies: of another case's, or of a picture `case` showed in another role.

    What stands on `case` itself in the same role is no copy of anything: people send a picture twice.
    """
    known = await work.view.photo_facts(photo.sha256 for photo in photos)
    found: list[Copy] = []
    for photo in photos:
        role = photo.role if isinstance(photo, CasePhoto) else "after"
        for sha256 in (photo.sha256, *known.of(photo.sha256).alike):
            for case_id in await work.view.photo_cases(sha256):
                holder = await work.view.case(case_id)
                if holder is None:
                    continue
                there = next(p for p in holder.photos if p.sha256 == sha256)
                is_own = case is not None and holder.id == case.id and (there.role == role or sha256 == photo.sha256)
                if not is_own:
                    found.append(Copy(photo.sha256, holder, there))
    return found


def is_old(work: Work, case: Case, photo: CasePhoto, known: PhotoFacts) -> bool:
    """Tell whether a picture was taken before what it is to show: long before its report, or before the assignment."""
    if known.taken is None:
        return False
    if photo.role == "after":
        return case.assigned_at is not None and known.taken < case.assigned_at
    return photo.role == "before" and known.taken < case.reported_at - work.rules.waits.old_photo


async def of_photos(work: Work, case: Case, photos: Sequence[CasePhoto], by: Sequence[Copy]) -> list[str]:
    """Return the doubts about these pictures of a case."""
    found = [f"{ALIKE}:{copy.case.number}:{copy.other.role}" for copy in by]
    known = await work.view.photo_facts(photo.sha256 for photo in photos)
    for photo in photos:
        facts = known.of(photo.sha256)
        if is_old(work, case, photo, facts) and facts.taken:
            found.append(f"{OLD}:{photo.role}:{facts.taken.isoformat()}")
    return list(dict.fromkeys(found))


def held(work: Work, case: Case, found: Sequence[str], pictures: Sequence[Photo]) -> tuple[Case, Effects]:
    """Return the case with new doubts and the record of them; the desk hears of them once, with the pictures.

    The verifier of a case that is reported done reads them in his own message instead.
    """
    new = [doubt for doubt in found if doubt not in case.doubts]
    if not new:
        return case, Effects()
    marked = replace(case, doubts=(*case.doubts, *new), version=case.version + 1)
    effects = Effects()
    effects.case_event(marked, Event.DOUBT, kinds=sorted({doubt.split(":")[0] for doubt in new}))
    if marked.resolved_at is None:
        text = texts.to_be_looked_at(marked, [lines_of(work, doubt) for doubt in new])
        notices = work.tell_desk(text, "doubt", marked)
        effects.notices += [replace(notice, photos=tuple(pictures)) for notice in notices]
    return marked, effects


def lines_of(work: Work, doubt: str) -> str:
    """Return a doubt as a person reads it."""
    kind, _, rest = doubt.partition(":")
    if kind == ALIKE:
        number, role = rest.split(":")
        return texts.alike(number, role)
    if kind == OLD:
        role, _, at = rest.partition(":")
        return texts.taken_before(role, work.w.moment(datetime.fromisoformat(at).astimezone(UTC)))
    return texts.elsewhere(rest)


def both(photos: Sequence[Photo], found: Sequence[Copy]) -> tuple[Photo, ...]:
    """Return the pictures in doubt, each followed by what it resembles."""
    wanted = {copy.sha256 for copy in found}
    own = [photo for photo in photos if photo.sha256 in wanted]
    theirs = [Photo(copy.other.sha256, copy.other.ext, 0) for copy in found if copy.other.ext]
    return tuple({photo.sha256: photo for photo in (*own, *theirs)}.values())
