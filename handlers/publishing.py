"""暂缓通报 / 恢复通报 / 定稿 / 授权自动通报: the office steers a month's publication by chat."""

from domain.casework import month as months
from domain.casework import papers, publication
from domain.effects import Effects
from domain.errors import NotAllowed
from domain.month import Month
from domain.period import ENOUGH_PERSONS, Stage
from domain.roster import Role
from domain.texts import publishing
from handlers.months import month_named
from handlers.talk import Talk

_WITHOUT_SHOPS = "不含门店"


def _require_office(talk: Talk) -> None:
    if not talk.has_role(Role.OFFICE):
        raise NotAllowed("通报由市路长办办理。")


def named_month(talk: Talk) -> tuple[Month, str]:
    """Return the month that is named, else the last one, and the words around it."""
    before = talk.work.rules.month(talk.work.now).previous()
    # a reason may speak of this month (本月数据核对中), which is not the one to be published
    return month_named(talk.spoken.rest, talk.work, default=before, is_relative=False)


async def run_hold(talk: Talk) -> Effects:
    """暂缓通报 [10月] 原因."""
    _require_office(talk)
    month, reason = named_month(talk)
    period, effects = await publication.hold(talk.work, month, talk.me, reason)
    return effects.merge(talk.say(publishing.held(period)))


async def run_release(talk: Talk) -> Effects:
    """恢复通报 [10月]."""
    _require_office(talk)
    month, _ = named_month(talk)
    period, effects = await publication.release(talk.work, month, talk.me)
    return effects.merge(talk.say(publishing.released(period, talk.work.w)))


async def run_sign(talk: Talk) -> Effects:
    """定稿 [10月] [不含门店]: a named person's word, where the settings ask for it."""
    _require_office(talk)
    month, rest = named_month(talk)
    period, effects = await publication.sign(talk.work, month, talk.me, without_shops=_WITHOUT_SHOPS in rest)
    return effects.merge(talk.say(publishing.signed(period, talk.work.w)))


async def run_approve(talk: Talk) -> Effects:
    """授权自动通报: the standing approval, once, by two named persons of the office."""
    _require_office(talk)
    people, effects = await publication.approve(talk.work, talk.me)
    names = [talk.work.w.name(p) for p in people]
    return effects.merge(talk.say(publishing.approved(names, ENOUGH_PERSONS)))


async def run_status(talk: Talk) -> Effects:
    """通报进度 [10月]."""
    _require_office(talk)
    month, _ = named_month(talk)
    return talk.say(publishing.shown(await months.period_of(talk.work, month), talk.work.w))


async def run_state(talk: Talk) -> Effects:
    """5月考评: what has been collected, what is open, how far the month has come."""
    _require_office(talk)
    month, _ = month_named(f"{talk.spoken.word}{talk.spoken.rest}", talk.work, default=named_month(talk)[0])
    scores, _ = await papers.printed_scores(talk.work, month)
    period = await months.period_of(talk.work, month)
    waiting = await months.open_appeals(talk.work, month)
    return talk.say(publishing.state(scores, period, waiting, talk.work.w))


async def run_return(talk: Talk) -> Effects | None:
    """退回 原因: a draft that the office sends back is held; None when there is no draft to send back."""
    if not talk.has_role(Role.OFFICE) or talk.spoken.numbers:
        return None
    month, _ = named_month(talk)
    period = await months.period_of(talk.work, month)
    is_draft = period.stage in (Stage.DRAFT, Stage.OBJECTION, Stage.FROZEN)
    return await run_hold(talk) if is_draft else None
