"""待过目, 放行, 不外发, 打码, 还原, 外发图, 原图: what of a picture may leave the work group, and who looked at the original."""

import re
from dataclasses import replace

from domain.case import Case, CasePhoto
from domain.casework import leaving
from domain.effects import Effects
from domain.errors import Missing, NotAllowed, NotFound
from domain.messages import Look, Photo
from domain.texts import pictures
from handlers.talk import Talk

SHOWN = 5
_POSITION = re.compile(r"第\s?(\d{1,2})\s?张?|(\d{1,2})\s?张")
_BARE = re.compile(r"(\d{1,2})$")


async def run_queue(talk: Talk) -> Effects:
    """待过目: the pictures that wait, as they would leave."""
    leaving.require_office(talk.work, talk.me)
    waiting = await talk.work.view.photos_for_review(SHOWN + 1)
    lines = []
    copies = []
    for facts in waiting[:SHOWN]:
        for case_id in (await talk.work.view.photo_cases(facts.sha256))[:1]:
            case = await talk.work.view.case(case_id)
            if case is not None:
                position = next(n for n, photo in enumerate(case.photos, 1) if photo.sha256 == facts.sha256)
                photo = case.photos[position - 1]
                lines.append((case, position, photo.role, len(facts.boxes or ())))
                copies.append(_photo(photo, Look.COPY))
    text = pictures.to_look_at(lines, has_more=len(waiting) > SHOWN)
    return Effects(notices=[replace(talk.reply(text), photos=tuple(copies))])


async def run_clear(talk: Talk) -> Effects:
    """放行 0123 2: the blurred copy of the case's second picture may leave."""
    leaving.require_office(talk.work, talk.me)
    return await _decided(talk, leaving.CLEARED, leaving.cleared)


async def run_keep(talk: Talk) -> Effects:
    """不外发 0123 2: no copy of it leaves."""
    leaving.require_office(talk.work, talk.me)
    return await _decided(talk, leaving.KEPT_BACK, leaving.kept_back)


async def run_blur(talk: Talk) -> Effects:
    """打码 0123 第1张 5: the fifth of the nine parts is blurred in every copy that leaves; without a part, the whole."""
    case, photo, position, cells = await _places(talk)
    change = leaving.blurred([leaving.cell_box(cell) for cell in cells] or [leaving.WHOLE])
    known = (await talk.work.view.photo_facts([photo.sha256])).of(photo.sha256)
    if cells and known.boxes is None:  # nobody knows the numbers yet
        return _shown(talk, case, photo, pictures.look_first(case, position, cells, is_group=talk.is_group))
    effects = await leaving.decided(talk.work, case, photo, talk.me, leaving.BLURRED, change, cells=cells)
    return effects.merge(_shown(talk, case, photo, pictures.blurred(case, position, cells)))


async def run_unblur(talk: Talk) -> Effects:
    """还原 0123 第1张 5: what is blurred in that part is shown again; without a part, nothing in it needs blurring."""
    leaving.require_office(talk.work, talk.me)
    case, photo, position, cells = await _places(talk)
    change = leaving.restored(cells)
    effects = await leaving.decided(talk.work, case, photo, talk.me, leaving.UNBLURRED, change, cells=cells)
    return effects.merge(_shown(talk, case, photo, pictures.unblurred(case, position, cells)))


async def run_copy(talk: Talk) -> Effects:
    """外发图 0123 2: the picture as it would leave, its parts numbered, in private."""
    case, photo, position, _ = await _places(talk)
    if talk.is_group:
        raise NotAllowed("外发图只在私聊中发送，请私聊回复。")
    return _shown(talk, case, photo, pictures.as_it_leaves(case, position))


async def run_original(talk: Talk) -> Effects:
    """原图 0123 2: the picture as it came, in private; each look is recorded."""
    case, photo, position = await _picture(talk)
    if talk.is_group:
        raise NotAllowed("原图只在私聊中发送，请私聊回复。")
    effects = Effects(events=[leaving.event(case, photo, talk.me, leaving.SEEN)])
    text = pictures.original(case, position)
    return effects.merge(Effects(notices=[replace(talk.reply(text, about=case), photos=(_photo(photo),))]))


async def _decided(talk: Talk, kind: str, change: leaving.Change) -> Effects:
    case, photo, position = await _picture(talk)
    effects = await leaving.decided(talk.work, case, photo, talk.me, kind, change)
    return effects.merge(talk.say(pictures.DECIDED[kind].format(number=case.number, position=position), about=case))


def _shown(talk: Talk, case: Case, photo: CasePhoto, text: str) -> Effects:
    """Return an answer with the picture as it now leaves; in a group, where it may not be shown, the words alone."""
    shown = () if talk.is_group else (_photo(photo, Look.COPY),)
    return Effects(notices=[replace(talk.reply(text, about=case), photos=shown)])


async def _places(talk: Talk) -> tuple[Case, CasePhoto, int, tuple[int, ...]]:
    """Return the case, which of its pictures is meant, and the named parts; figures after the case's number are parts.

    Raises NotFound for a part that there is not.
    """
    first, *others = talk.spoken.numbers or ((None, 0),)
    rest = talk.spoken.rest
    named = _POSITION.search(rest)
    figures = [str(number) for year, number in others if year is None]
    figures += re.findall(r"\d+", _POSITION.sub(" ", rest))
    cells = tuple(dict.fromkeys(int(figure) for figure in "".join(figures)))
    if 0 in cells:
        raise NotFound(f"格号是1至{leaving.CELLS}，按从左到右、从上到下数。")
    rest = f"第{named[1] or named[2]}张" if named else ""
    talk.spoken = replace(talk.spoken, numbers=(first,) if talk.spoken.numbers else (), rest=rest)
    case, photo, position = await _picture(talk)
    return case, photo, position, cells


async def _picture(talk: Talk) -> tuple[Case, CasePhoto, int]:
    """Return the case and which of its pictures is meant: the named one, else its only one."""
    named = talk.spoken.numbers
    if len(named) > 1 and named[1][0] is None and named[1][1] <= leaving.CELLS:  # 放行 0123 2
        talk.spoken = replace(talk.spoken, numbers=named[:1], rest=f"第{named[1][1]}张")
    cases = await talk.named()
    if not cases:
        raise Missing(f"请写案件编号和第几张，如“{talk.spoken.word} 0123 第1张”。")
    case = talk.subject = cases[0]
    leaving.require_desk(talk.work, case, talk.me)
    match = _POSITION.search(talk.spoken.rest) or _BARE.search(talk.spoken.rest)
    position = int(next(part for part in match.groups() if part)) if match else None
    photo, place = leaving.picture_of(case, position, f"{talk.spoken.word} {case.short} 第1张")
    return case, photo, place


def _photo(photo: CasePhoto, look: Look = Look.PHOTO) -> Photo:
    return Photo(photo.sha256, photo.ext, 0, look=look)
