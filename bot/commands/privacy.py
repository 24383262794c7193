"""`luzhang person erase` and `luzhang retention`: what people sent goes at their wish, or when its time is over."""

from collections.abc import Callable
from datetime import timedelta

import typer

from bot.commands.session import OK, PROBLEM, Session, say, say_json
from bot.housekeeping import limits_of
from domain.errors import NotFound, WrongState
from domain.roster import ROLE_NAMES, Person, Role, Roster
from media.photos import PhotoStore
from store.depths import photo_names
from store.erasure import compact, erase, in_hand, is_known, unplaced
from store.retention import Gone, Limits, Retention


async def erase_person(
    session: Session, given: str, *, yes: bool, ask: Callable[[str], str] = lambda question: str(typer.prompt(question))
) -> int:
    """Erase a person's identity and words, after the id was typed once more.

    Raises NotFound for somebody unknown, WrongState for one who holds a post or has work in hand.
    """
    roster = await session.store.rosters.load()
    person = _person(roster, given)
    if person.id not in roster.people and not await is_known(session.store.database, person.id):
        raise NotFound(f"没有{person.id}的任何记录，请核对平台和账号（大小写按平台的写法）。")
    await _refuse_if_needed(session, roster, person)
    if not yes:
        say(f"将删除{person.id}的身份、账号、上报文字和照片，案件、成绩和台账校验不受影响；删除后无法恢复。")
        if ask(f"请再输入一次编号“{person.id}”确认").strip() != person.id:
            say("编号不一致，未删除。")
            return PROBLEM
    others = [one for one in roster.people.values() if one.id != person.id]
    done = await erase(session.store.database, person, others, session.now)
    await PhotoStore(session.config.store.media).remove(done.photos)
    say(f"✔ 已删除：上报{done.cases}件的文字，消息{done.posts}条的正文，照片{len(done.photos)}张；台账已记一笔。")
    if not await compact(session.store.database):
        say("⚠ 数据库正忙，文件里的旧内容还没有清掉：请停服后再运行一次 luzhang retention。")
        return PROBLEM
    say("之前的备份和导出文件里仍有原内容，请按保存期限销毁。")
    return OK


def _person(roster: Roster, given: str) -> Person:
    """Return whom an id, a name or `platform:userid` means."""
    if given in roster.people:
        return roster.people[given]
    platform, colon, userid = given.partition(":")
    if colon:
        known = roster.by_account(platform, userid)
        return roster.people[known] if known else Person(given, given, accounts=((platform, userid),))
    named = roster.by_name(given)
    if len(named) == 1:
        return named[0]
    if named:
        raise NotFound(f"“{given}”有{len(named)}人：{'、'.join(one.id for one in named)}，请写人员编号。")
    raise NotFound(f"花名册中没有“{given}”；不在花名册的上报人请写平台和账号，如“wecom:zhangsan”。")


async def _refuse_if_needed(session: Session, roster: Roster, person: Person) -> None:
    posts = [ROLE_NAMES[post.role] for post in roster.posts_of(person.id, session.today)]
    posts += [ROLE_NAMES[Role.DUTY]] * bool(roster.duties_of(person.id, session.today))
    if posts:
        raise WrongState(
            f"{person.name}现任{'、'.join(dict.fromkeys(posts))}，在任期间不能删除：请先用 luzhang import roster、people "
            "或 duty 加 --from 结束任职，再删除。"
        )
    if held := await in_hand(session.store.database, person.id):
        raise WrongState(f"{person.name}名下还有在办案件{'、'.join(held[:5])}，请先用 luzhang case assign 改派。")
    if waiting := await unplaced(session.store.database, person.id):
        raise WrongState(
            f"{person.name}上报的{'、'.join(waiting[:5])}还没有定位，删去文字就无法办理，请先定位或不予立案。"
        )


async def retention(session: Session, *, is_dry: bool, as_json: bool) -> int:
    """Let go of what has passed its limit, or with `is_dry` say how much that would be."""
    limits = limits_of(session.config.privacy)
    gone = await Retention(session.store.database, limits, session.rules.zone).run(session.now, is_dry=is_dry)
    files: tuple[str, ...] = ()
    if not is_dry:
        photos = PhotoStore(session.config.store.media)
        files = await photos.sweep(await photo_names(session.store.database), timedelta(days=1))
    if as_json:
        counts = {name: getattr(gone, name) for name in ("photos", "words", "messages", "posts", "identities")}
        say_json({"dry_run": is_dry, **counts})
    else:
        say(_told(gone, limits, is_dry=is_dry) + (f"，照片文件{len(files)}个" if files else "") + "。")
    if not is_dry and not await compact(session.store.database):
        say("⚠ 数据库正忙，文件里的旧内容还没有清掉：请停服后再运行一次。")
        return PROBLEM
    return OK


def _told(gone: Gone, limits: Limits, *, is_dry: bool) -> str:
    counted = "，".join(
        f"{what}{count}{unit}（超过{limit.days}天）"
        for what, count, unit, limit in (
            ("案件照片", gone.photos, "张", limits.photos),
            ("上报文字", gone.words, "件", limits.words),
            ("搁置消息", gone.messages, "条", limits.messages),
            ("发出消息", gone.posts, "条", limits.posts),
            ("上报人身份", gone.identities, "人", limits.identities),
        )
        if count
    )
    if not counted:
        return "没有超过保存期限的内容"
    return f"{'将清除' if is_dry else '✔ 已清除'}：{counted}"
