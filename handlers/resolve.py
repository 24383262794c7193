"""已处理: with after-photos the case goes to verification; without, the bot asks for them. Also 无图 and its decision."""

from dataclasses import replace

from domain import authority
from domain.case import Case, Event, State
from domain.casework import doubts, handling
from domain.casework.opening import with_photos
from domain.effects import Effects
from domain.errors import RuleError, WrongState
from domain.messages import Photo
from domain.texts import handler
from domain.texts import pictures as texts
from handlers.choosing import ask_which, chosen, ensure_open
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Resolve the named or quoted case, or the sender's only one in hand."""
    cases = await chosen(talk, Event.RESOLVE)
    if not cases:
        return talk.say_private("您名下没有在办案件。")
    if len(cases) > 1:
        what = "照片对应" if talk.photos else "请选择"
        return ask_which(talk, cases, "resolve", what)
    return await resolve_one(talk, cases[0], talk.photos)


async def resolve_one(talk: Talk, case: Case, photos: tuple[Photo, ...], *, is_confirmed: bool = False) -> Effects:
    """Resolve one case with the given photos; somebody else's photo is kept on the case and its handler told.

    A photo that resembles one of another case, or this case's own "before", is asked about once (`is_confirmed` = its
    sender insists) and then shown to the verifier beside what it resembles.
    """
    talk.subject = case
    mine = authority.standings(talk.me, case, talk.work.roster, talk.work.day)
    if photos and not mine & authority.MAY[Event.RESOLVE]:
        return _bystander(talk, case, photos)
    if photos and not is_confirmed and (asked := await _ask_reused(talk, case, photos)):
        return asked
    if case.state is State.RESOLVED and photos:
        return await _more(talk, case, photos)
    done, effects = await handling.resolve(talk.work, case, talk.me, photos)
    people = authority.verifiers(done, talk.work.roster, talk.work.day)
    verifier = talk.work.w.name(people[0]) if people else "市路长办"
    return effects.merge(talk.say(handler.registered(done, len(photos), verifier), about=done))


async def _ask_reused(talk: Talk, case: Case, photos: tuple[Photo, ...]) -> Effects | None:
    await handling.evidence(talk.work, case, photos)  # the very picture is refused, whoever insists
    found = await doubts.copies(talk.work, case, photos)
    if not found:
        return None
    options = (texts.CONFIRM,)
    until = talk.work.now + talk.work.rules.waits.later_photos
    kept = [[photo.sha256, photo.ext, photo.size] for photo in photos]
    question = talk.ask_here(case, "reused", options, until=until, photos=kept)
    text = texts.reused(found[0].case.number, found[0].other.role)
    return Effects(questions=[question], notices=[talk.reply(text, about=case, choices=options)])


async def _more(talk: Talk, case: Case, photos: tuple[Photo, ...]) -> Effects:
    late = case.resolved_at is None or talk.work.now - case.resolved_at > talk.work.rules.waits.later_photos
    if late:
        raise WrongState(f"{case.number}已报处理完毕，正在复核；如需补充请联系复核人。")
    shown, effects = await handling.more_evidence(talk.work, case, talk.me, photos)
    return effects.merge(talk.say_private(handler.more_photos(shown), about=shown))


def _bystander(talk: Talk, case: Case, photos: tuple[Photo, ...]) -> Effects:
    shown = replace(with_photos(case, photos, "other", talk.me, talk.work), version=case.version + 1)
    added = shown.photos[len(case.photos) :]
    effects = Effects(photos=[(shown.id, photo) for photo in added])
    effects.case_event(shown, Event.SUPPLEMENT, persons={"by": talk.me}, photos=[p.sha256 for p in added])
    text = handler.bystander_offer(shown, talk.work.w.name(talk.me))
    effects.notices += talk.work.tell([shown.handler], text, "bystander", shown, photos=photos)
    return effects.merge(talk.say(handler.bystander_photo(shown, talk.work.w), about=shown))


async def run_photos(talk: Talk, cases: list[Case]) -> Effects:
    """Take photos without words as evidence for the sender's open case; several → ask which."""
    if len(cases) > 1:
        return ask_which(talk, cases, "resolve", "照片对应")
    return await resolve_one(talk, cases[0], talk.photos)


async def run_no_photo(talk: Talk) -> Effects:
    """无图 原因: ask the second-level chief to confirm closing without a photo."""
    cases = await chosen(talk, Event.ASK_NO_PHOTO)
    if not cases:
        return talk.say_private("您名下没有在办案件。")
    if len(cases) > 1:
        return ask_which(talk, cases, "no_photo", "请选择")
    talk.subject = cases[0]
    asked, effects = handling.ask_no_photo(talk.work, cases[0], talk.me, talk.spoken.rest)
    names = "、".join(talk.work.w.titled(p) for p in authority.confirmers_without_photo(asked))
    return effects.merge(talk.say(handler.without_photo_asked(asked, talk.work.w, names), about=asked))


async def run_confirm(talk: Talk) -> Effects:
    """确认无图 / 不确认无图 0123: the decision."""
    cases = await talk.named()
    if not cases:
        raise RuleError("请写案件编号，如“确认无图 0123”。")
    effects = Effects()
    lines = []
    for case in cases:
        ensure_open(talk, case)
        talk.subject = case
        confirmed = not talk.spoken.word.startswith("不")
        decided, done = handling.decide_no_photo(talk.work, case, talk.me, confirmed=confirmed)
        effects.merge(done)
        lines.append(f"{decided.number}{'已确认，转复核' if confirmed else '未确认，已告知承办人补拍'}。")
    return effects.merge(talk.say("\n".join(lines), about=cases[0]))
