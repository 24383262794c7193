"""待过目, 放行, 不外发, 打码, 取消打码, 原图: what of a picture may leave the work group, and who looked at the original."""

import re
from collections.abc import Callable
from dataclasses import replace

from domain import authority
from domain.case import Case, CasePhoto
from domain.effects import Effects, LedgerEvent
from domain.errors import Missing, NotAllowed, NotFound
from domain.messages import Photo
from domain.photo_facts import PhotoFacts, Review
from domain.roster import Role
from domain.texts import pictures
from handlers.talk import Talk

Change = Callable[[PhotoFacts], PhotoFacts]
SHOWN = 5
_WHOLE = ((0, 0, 1000, 1000),)
_ORDINAL = re.compile(r"(?:第)?(\d{1,2})(?:张)?$")


async def run_queue(talk: Talk) -> Effects:
    """待过目: the pictures that wait, as they would leave."""
    _require_office(talk)
    waiting = await talk.work.view.photos_for_review(SHOWN + 1)
    lines = []
    copies = []
    for facts in waiting[:SHOWN]:
        for case_id in (await talk.work.view.photo_cases(facts.sha256))[:1]:
            case = await talk.work.view.case(case_id)
            if case is not None:
                position = next(n for n, photo in enumerate(case.photos, 1) if photo.sha256 == facts.sha256)
                lines.append((case, position, case.photos[position - 1].role, len(facts.boxes or ())))
                copies += [Photo(facts.copy, "jpg", 0, is_made=True)] if facts.copy else []
    text = pictures.to_look_at(lines, has_more=len(waiting) > SHOWN)
    return Effects(notices=[replace(talk.reply(text), photos=tuple(copies))])


async def run_clear(talk: Talk) -> Effects:
    """放行 0123 2: the blurred copy of the case's second picture may leave."""
    _require_office(talk)
    return await _decided(talk, "photo_cleared", lambda facts: replace(facts, review=Review.CLEARED, copy=""))


async def run_keep(talk: Talk) -> Effects:
    """不外发 0123 2: no copy of it leaves."""
    _require_office(talk)
    return await _decided(talk, "photo_kept_back", lambda facts: replace(facts, review=Review.KEPT_BACK, copy=""))


async def run_blur(talk: Talk) -> Effects:
    """打码 0123 2: the whole picture is blurred in every copy that leaves."""
    return await _decided(
        talk,
        "photo_blurred",
        lambda facts: replace(facts, boxes=_WHOLE, review=facts.review if facts.review else Review.CLEARED, copy=""),
    )


async def run_unblur(talk: Talk) -> Effects:
    """取消打码 0123 2: nothing in it needs blurring; it leaves as it is."""
    _require_office(talk)
    return await _decided(
        talk, "photo_unblurred", lambda facts: replace(facts, boxes=(), review=Review.CLEARED, copy="")
    )


async def run_original(talk: Talk) -> Effects:
    """原图 0123 2: the picture as it came, in private; each look is recorded."""
    case, photo, position = await _picture(talk)
    if talk.is_group:
        raise NotAllowed("原图只在私聊中发送，请私聊回复。")
    effects = Effects(events=[_event(talk, case, photo, "photo_seen")])
    text = pictures.original(case, position)
    return effects.merge(Effects(notices=[replace(talk.reply(text, about=case), photos=(_photo(photo),))]))


async def _decided(talk: Talk, event: str, change: Change) -> Effects:
    case, photo, position = await _picture(talk)
    known = await talk.work.view.photo_facts([photo.sha256])
    effects = Effects(photo_facts=[change(known.of(photo.sha256))], events=[_event(talk, case, photo, event)])
    return effects.merge(talk.say(pictures.DECIDED[event].format(number=case.number, position=position), about=case))


async def _picture(talk: Talk) -> tuple[Case, CasePhoto, int]:
    """Return the case and which of its pictures is meant: the named one, else its only one."""
    cases = await talk.named()
    if not cases:
        raise Missing(f"请写案件编号和第几张，如“{talk.spoken.word} 0123 第1张”。")
    case = talk.subject = cases[0]
    if talk.me not in authority.desk(case.township, talk.work.roster, talk.work.day) and not _is_office(talk):
        raise NotAllowed("原图和打码由指挥席和市路长办处理。")
    match = _ORDINAL.search(talk.spoken.rest)
    if match is None and len(case.photos) > 1:
        raise Missing(
            f"{case.number}有{len(case.photos)}张照片，请写第几张，如“{talk.spoken.word} {case.short} 第1张”。"
        )
    position = int(match[1]) if match else 1
    if not 1 <= position <= len(case.photos):
        raise NotFound(f"{case.number}没有第{position}张照片。")
    return case, case.photos[position - 1], position


def _event(talk: Talk, case: Case, photo: CasePhoto, kind: str) -> LedgerEvent:
    return LedgerEvent(f"case:{case.number}", kind, {"photo": photo.sha256}, {"by": talk.me})


def _photo(photo: CasePhoto) -> Photo:
    return Photo(photo.sha256, photo.ext, 0)


def _is_office(talk: Talk) -> bool:
    return talk.has_role(Role.OFFICE)


def _require_office(talk: Talk) -> None:
    if not _is_office(talk):
        raise NotAllowed("照片能否外发由市路长办过目决定。")
