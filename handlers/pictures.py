"""Photos without a word: evidence for the sender's open case, part of a report just made, or the start of one."""

from domain.case import Case, Event, State
from domain.effects import Effects, Gather, Timer
from domain.messages import Photo
from domain.ports import CaseQuery
from handlers import appealing, walking
from handlers.choosing import mine_in_hand
from handlers.report import gather_key, join_photos, recent
from handlers.resolve import resolve_one, run_photos
from handlers.talk import Talk


async def run(talk: Talk) -> Effects:
    """Do what the sender means by bare photos."""
    if not talk.photos:
        problems = "".join(dict.fromkeys(talk.heard.photo_problems)) or "照片未能取到，请重新发送。"
        return talk.say(problems)
    if quoted := await talk.quoted():
        return await (join_photos(talk, quoted) if walking.may_add_photos(talk, quoted) else _evidence(talk, quoted))
    if (assessed := await _of_assessment(talk)) is not None:
        return assessed
    if (report := await recent(talk)) is not None:
        return await join_photos(talk, report)
    if held := await mine_in_hand(talk, Event.RESOLVE):
        return await run_photos(talk, held)
    if just := await _just_resolved(talk):
        return await resolve_one(talk, just[0], talk.photos)
    return await _gather(talk)


async def _evidence(talk: Talk, case: Case) -> Effects:
    return await resolve_one(talk, case, talk.photos)


async def _of_assessment(talk: Talk) -> Effects | None:
    """Take what a walking inspector sends for his finding, and what follows an appeal for its material."""
    if await walking.is_walking(talk):
        found = await walking.wordless(talk)
        return await join_photos(talk, found) if found else await _gather(talk)
    appeal = await appealing.wordless(talk)
    return None if appeal is None else await appealing.add_material(talk, appeal)


async def _just_resolved(talk: Talk) -> list[Case]:
    query = CaseQuery(states=frozenset({State.RESOLVED}), handler=talk.me, limit=3)
    waiting = await talk.work.view.cases(query)
    later = talk.work.rules.waits.later_photos
    return [c for c in waiting if c.resolved_at is not None and talk.work.now - c.resolved_at <= later]


async def _gather(talk: Talk) -> Effects:
    """Keep the photos until their words come: a minute after the last one, three at most, then ask."""
    waits = talk.work.rules.waits
    before = await talk.work.view.gather(talk.platform, talk.chat_id, talk.me)
    earlier: tuple[Photo, ...] = before.photos if before else ()
    photos = tuple({p.sha256: p for p in (*earlier, *talk.photos)}.values())
    started = before.started_at if before else talk.work.now
    until = min(talk.work.now + waits.gather, max(started + waits.gather_most, talk.work.now))
    message = before.message_id if before else talk.heard.incoming.message_id  # asked about once
    gather = Gather(talk.platform, talk.chat_id, talk.me, photos, started, started + waits.gather_asked, message)
    timer = Timer(
        gather_key(talk),
        "gather",
        "\n".join([talk.platform, talk.chat_id, talk.me, "group" if talk.is_group else "private"]),
        until,
    )
    return Effects(gathers=[gather], timers=[timer])
