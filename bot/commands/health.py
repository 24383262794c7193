"""What doctor says of the service at work: its live connections, what it could not do, whom it cannot reach, old lists.

All of it stands in the database, where the service notes it; nothing is asked of a platform here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bot.commands.session import Session
from bot.commands.signs import Mark, Sign, few
from bot.config import Config
from bot.line_alarms import TITLES, state_row
from bot.operations import REASONS, TROUBLES, platform_name, robot_name
from bot.platforms.wecom.bot_channel import spoken_place
from bot.platforms.wecom.line import LineState
from bot.unreached import UNREACHED
from domain.casework.work import Work
from domain.messages import Target
from domain.roster import Role
from store.ages import imported, latest_finding

QUIET: Final = timedelta(minutes=3)  # a living connection brings a frame at least so often: a note each half minute
SHOWN: Final = 8  # names in one line
# list → (what it is called, from what age it deserves a look)
LISTS: Final[Mapping[str, tuple[str, timedelta]]] = {
    "roster": ("花名册", timedelta(days=180)),
    "people": ("人员", timedelta(days=180)),
    "duty": ("轮值表", timedelta(days=60)),
}
FINDINGS_AGE: Final = timedelta(days=10)
_MENDS: Final[Mapping[str, str]] = {
    LineState.DOWN: "未连通，正在自动重连：请检查网络",
    LineState.KICKED: "被另一实例顶替，已停止重连：请停掉另一实例，再执行 luzhang reconnect",
    LineState.REFUSED: "登录被拒：请核对平台后台的凭证，改好配置后重启服务",
}


async def connections(session: Session, *, is_served: bool) -> list[Sign]:
    """Return a line for each configured live connection: since when, who holds it, when the last frame came."""
    found = []
    for platform in _live_platforms(session.config):
        row = await _setting(session, state_row(platform))
        found.append(_connection(session, TITLES[platform], row or {}, is_served=is_served))
    return found


def _live_platforms(config: Config) -> list[str]:
    bot, dingtalk = config.wecom.bot, config.dingtalk
    wecom = ["wecom"] if bot and bot.mode == "websocket" else []
    return wecom + (["dingtalk"] if dingtalk and dingtalk.mode == "stream" else [])


def _connection(session: Session, title: str, row: Mapping[str, Any], *, is_served: bool) -> Sign:
    if not is_served or not row:
        return Sign(Mark.WARN, f"{title}：没有连接，服务（luzhang serve）启动后自动连接。")
    since = _when(session, datetime.fromisoformat(row["since"]))
    if row["state"] != LineState.LIVE:
        return Sign(Mark.BROKEN, f"{title}：{since}起{_MENDS[row['state']]}。")
    frame = datetime.fromisoformat(row.get("frame", row["since"]))
    holder = f"，由 {row['holder']} 保持" if row.get("holder") else ""
    text = f"{title}：{since}起连通{holder}，最近一帧 {session.rules.local(frame):%H:%M:%S}"
    if session.now - frame > QUIET:
        return Sign(Mark.WARN, f"{text}，之后没有动静：程序会自动换一条连接，持续如此请检查网络。")
    return Sign(Mark.WELL, text)


async def troubles(session: Session) -> list[Sign]:
    """Return a line for each robot or platform that cannot post now: what the platform said, and its mend."""
    since: Mapping[str, str] = await _setting(session, TROUBLES) or {}
    reasons: Mapping[str, str] = await _setting(session, REASONS) or {}
    return [
        Sign(
            Mark.BROKEN,
            f"{robot_name(robot)}：{_when(session, datetime.fromisoformat(at))}起发送失败"
            f"，{reasons.get(robot, '请查看日志').rstrip('。')}。",
        )
        for robot, at in sorted(since.items())
    ]


async def unreached(session: Session) -> list[Sign]:
    """Return a line for each reason why a platform did not deliver to people of the roster lately, with their names."""
    rows: Mapping[str, Mapping[str, str]] = await _setting(session, UNREACHED) or {}
    roster = await session.store.rosters.load()
    people: dict[tuple[str, str], list[str]] = {}
    for key, row in sorted(rows.items(), key=lambda item: item[1]["since"]):
        platform, _, person = key.partition(":")
        if roster.person(person).account(platform):  # an account that was taken away is told elsewhere
            since = _when(session, datetime.fromisoformat(row["since"]))
            people.setdefault((platform, row["why"]), []).append(f"{roster.person(person).name}（{since}起）")
    return [
        Sign(
            Mark.WARN,
            f"{platform_name(platform)}送不到{len(names)}人：{few(names, SHOWN)}。{why.rstrip('。')}。此前由工作群代为提醒。",
        )
        for (platform, why), names in people.items()
    ]


async def activation(session: Session) -> list[Sign]:
    """Return who of the office holders has not spoken to WeCom's bot, which may not begin a private chat.

    With a self-built app everybody in its visible range is reached, and over DingTalk too: then there is no line.
    """
    wecom = session.config.wecom
    if wecom.bot is None or wecom.bot.mode != "websocket" or wecom.app is not None:
        return []
    spoken = await session.store.spoken.places("wecom")

    async def holders(work: Work) -> dict[str, str]:
        return {
            person: work.roster.person(person).account("wecom")
            for person in office_holders(work)
            if work.roster.person(person).account("wecom")
        }

    accounts = await session.read(holders)
    silent = [p for p, userid in accounts.items() if spoken_place(Target("wecom", userid=userid)) not in spoken]
    done = f"企业微信：{len(accounts) - len(silent)}/{len(accounts)}人已激活"
    if not silent:
        return [Sign(Mark.WELL, done)] if accounts else []
    roster = await session.store.rosters.load()
    names = few([roster.person(person).name for person in silent], SHOWN)
    mend = f"请他们搜索“{wecom.bot.names[0]}”发“你好”；未激活者暂收不到私聊提醒，改为在群内提醒。"
    return [Sign(Mark.WARN, f"{done}，未激活：{names}。{mend}")]


def office_holders(work: Work) -> list[str]:
    """Return everybody who holds a post or a duty today, once."""
    posts = [row.value for row in work.roster.posts if row.holds(work.day) and row.value.role is not Role.DEPARTMENT]
    duties = [row.value.person for row in work.roster.duties if row.holds(work.day)]
    return list(dict.fromkeys([*(post.person for post in posts), *duties]))


async def ages(session: Session) -> list[Sign]:
    """Return how old each list is; those of a city that never imported one are told elsewhere."""
    found = []
    at = await imported(session.store.database)
    for kind, (name, most) in LISTS.items():
        if kind in at:
            mend = f"：如有变动请 luzhang import {kind}"
            found.append(_age(session, f"{name}更新于", at[kind], most, mend))
    finding = await latest_finding(session.store.database)
    if finding is not None:
        mend = "：新的督查问题请 luzhang import findings，没有导入的不计分"
        found.append(_age(session, "最近一条督查问题", finding, FINDINGS_AGE, mend))
    return found


def _age(session: Session, what: str, at: datetime, most: timedelta, mend: str) -> Sign:
    days = max(0, (session.now - at).days)
    text = f"{what}{session.rules.local(at):%Y-%m-%d}（{f'{days}天前' if days else '今天'}）"
    return Sign(Mark.WARN, f"{text}{mend}。") if session.now - at > most else Sign(Mark.WELL, text)


async def _setting(session: Session, name: str) -> Any:
    return await session.read(lambda work: work.view.setting(name))


def _when(session: Session, at: datetime) -> str:
    return f"{session.rules.local(at):%m-%d %H:%M}"
