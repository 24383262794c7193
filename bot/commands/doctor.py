"""`luzhang doctor`: whether everything the service stands on is well, each line with its mend.

Exit codes: 0 nothing is broken (warnings may stand), 1 something is, 2 the configuration is wrong.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bot.assembly import bind_rooms
from bot.commands.check_config import hints, problems
from bot.commands.extras import extras
from bot.commands.health import activation, ages, connections, office_holders, troubles, unreached
from bot.commands.organised import organised
from bot.commands.reach import reach
from bot.commands.session import OK, PROBLEM, Session, run, say
from bot.commands.signs import Mark, Sign
from bot.commands.visible import unseen
from bot.config import Config, load_config
from domain.casework import proof
from domain.casework.work import Work
from domain.errors import LuzhangError
from domain.understand import lint
from media import fonts
from store.depths import depths
from store.health import damage_of

BACKED_UP = "last_backup"  # setting: when `luzhang backup` last succeeded (ISO 8601)
BACKUP_AGE = timedelta(days=2)
LEAST_FREE, LITTLE_FREE = 500 << 20, 5 << 30  # bytes
ALIVE = timedelta(minutes=1)
SHOWN = 8  # lines of one kind


def examine(config: Path) -> int:
    """Print every line and return the exit code. Raises ConfigError for a wrong configuration."""
    loaded = load_config(config)
    signs = [*system(), *settings(loaded), *disk(loaded)]
    for sign in signs:
        say(str(sign))

    async def inside(session: Session) -> int:
        await bind_rooms(session.store, session.config, session.now)
        is_served = serves(session, await session.store.last_beat())
        found = [*await database(session), *await reach(session.config)]
        found += [*await connections(session, is_served=is_served), *await troubles(session)]
        found += [*await activation(session), *await unreached(session), *await unseen(session)]
        found += [*await ages(session), *await city(session)]
        found += await session.read(organised)
        found += await extras(session.config, session.rules.categories)
        for sign in found:
            say(str(sign))
        signs.extend(found)
        return OK

    try:
        run(config, inside)
    except LuzhangError as error:
        if not any(error.text == sign.text for sign in signs):  # a wrong table is told with the settings
            signs.append(Sign(Mark.BROKEN, f"数据库：{error.text}"))
            say(str(signs[-1]))
    broken = sum(sign.mark is Mark.BROKEN for sign in signs)
    warned = sum(sign.mark is Mark.WARN for sign in signs)
    say(f"共{len(signs)}项：{broken}项须处理，{warned}项须留意。")
    return PROBLEM if broken else OK


def system() -> Iterator[Sign]:
    """Yield what concerns the machine: Python, time zone data, fonts."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Sign(Mark.WELL, f"Python {version}")
    yield from fonts_here()


def fonts_here(folders: Sequence[str] = fonts.FOLDERS) -> Iterator[Sign]:
    """Yield which font pictures are drawn with, and which fonts of letters are replaced on this machine."""
    face = fonts.chinese(tuple(folders))
    if face is None:
        yield Sign(Mark.WARN, f"没有找到中文字体：通报图片做不成。请安装，如 {fonts.INSTALL}。")
    else:
        stands_in = "" if face.is_wished else "（代替思源黑体）"
        yield Sign(Mark.WELL, f"中文字体：{face.path.name}{stands_in}")
    missing = fonts.missing_official(tuple(folders))
    if missing:
        names = "、".join(f"{name}（以{other}代替）" for name, other in missing)
        yield Sign(Mark.WARN, f"公文字体本机没有：{names}。打开通报.docx的电脑装有即可。")


def settings(config: Config) -> Iterator[Sign]:
    """Yield what check-config finds."""
    found = list(problems(config))
    yield from (Sign(Mark.BROKEN, text) for text in found)
    yield from (Sign(Mark.WARN, text) for text in hints(config))
    if not found:
        yield Sign(Mark.WELL, "配置可用")


def disk(config: Config) -> Iterator[Sign]:
    """Yield how much room there is for database and photos."""
    folders = {config.store.media, *([config.store.sqlite_file.parent] if config.store.sqlite_file else [])}
    roots = {next(p for p in (folder, *folder.parents) if p.exists()) for folder in folders}
    for root in sorted(roots):
        free = shutil.disk_usage(root).free
        size = f"{free / (1 << 30):.1f}GB"
        if free < LEAST_FREE:
            yield Sign(Mark.BROKEN, f"磁盘 {root} 只剩{size}：消息将无法保存，请立即清理或扩容。")
        elif free < LITTLE_FREE:
            yield Sign(Mark.WARN, f"磁盘 {root} 剩{size}，请尽快清理或扩容。")
        else:
            yield Sign(Mark.WELL, f"磁盘 {root} 剩{size}")


async def database(session: Session) -> list[Sign]:
    """Return what concerns the database: soundness, service, queues, backup."""
    found = []
    damage = await damage_of(session.store.database)
    if damage:
        found.append(Sign(Mark.BROKEN, f"数据库损坏（{damage}）：请停止服务，用 luzhang restore 恢复最近的备份。"))
    else:
        found.append(Sign(Mark.WELL, "数据库完好，结构为最新"))
    found.append(_service(session, await session.store.last_beat()))
    waiting = await depths(session.store.database, session.now)
    if waiting.inbox_parked:
        found.append(Sign(Mark.WARN, f"有{waiting.inbox_parked}条消息处理失败已搁置：请按消息编号查看日志。"))
    if waiting.outbox_failed:
        found.append(Sign(Mark.WARN, f"一天内有{waiting.outbox_failed}条消息未能送达：请查看日志和人员账号。"))
    found.append(_backup(session, await session.read(lambda work: work.view.setting(BACKED_UP))))
    return found


def serves(session: Session, last: datetime | None) -> bool:
    """Tell whether the service runs, by its last heartbeat."""
    return last is not None and session.now - last < ALIVE


def _service(session: Session, last: datetime | None) -> Sign:
    if serves(session, last):
        return Sign(Mark.WELL, "服务正在运行")
    since = f"{session.rules.local(last):%m-%d %H:%M}起" if last else ""
    return Sign(Mark.WARN, f"服务{since}没有运行：请启动 luzhang serve（或 systemctl start luzhang）。")


def _backup(session: Session, stored: str | None) -> Sign:
    if stored is None:
        return Sign(Mark.WARN, "还没有备份：请每天运行 luzhang backup 文件夹，并存放到另一台机器。")
    age = session.now - datetime.fromisoformat(stored)
    text = f"最近备份：{session.rules.local(datetime.fromisoformat(stored)):%m-%d %H:%M}"
    if age > BACKUP_AGE:
        return Sign(Mark.WARN, f"{text}，已{age.days}天：请每天运行 luzhang backup。")
    return Sign(Mark.WELL, text)


async def city(session: Session) -> list[Sign]:
    """Return what concerns groups, roster and routing."""
    rooms = {room.name for room in await session.store.rosters.rooms()}
    found = [
        Sign(Mark.WARN, f"群“{chat.name}”尚未绑定：luzhang chat bind --name {chat.name}")
        for chat in session.config.chat
        if chat.name not in rooms
    ]
    if rooms and not found:
        found.append(Sign(Mark.WELL, f"{len(rooms)}个群已绑定"))
    has_platform = bool(session.config.wecom.app or session.config.wecom.bot or session.config.dingtalk)
    return found + await session.read(partial(_routing, Mark.BROKEN if has_platform else Mark.WARN))


async def _routing(mark: Mark, work: Work) -> list[Sign]:
    hard = proof.problems(work, ())
    calendar = [f"{year}年节假日安排" for year in work.rules.calendar.missing_years(work.day)]
    gaps = [text for text in hard if not any(text.startswith(name) for name in calendar)]
    soft = [text for text in hard if text not in gaps]
    soft += lint.lines(lint.problems(work.roster.on(work.day)))
    signs = _listed(mark, gaps) + _listed(Mark.WARN, soft) + _listed(Mark.WARN, _unreached(work))
    if not gaps:
        segments, categories = len(work.roster.on(work.day)), len(work.rules.categories.rows)
        signs.append(Sign(Mark.WELL, f"{segments}个路段×{categories}个类别×一周每小时，都有可通知到的承办人"))
    if work.roster.people:
        signs.append(_reminder(work))
    return signs


def _reminder(work: Work) -> Sign:
    """Return when the next digest leaves, and to how many people."""
    slots, calendar = work.rules.slots, work.rules.calendar
    at = work.rules.local(slots.next_slot(work.now, calendar, slots.digest))
    reached = [person for person in office_holders(work) if work.roster.person(person).accounts]
    days = (at.date() - work.day).days
    when = {0: "今日", 1: "明日"}.get(days, f"{at.month}月{at.day}日")
    text = f"{when}{at:%H:%M}，覆盖{len(reached)}人"
    return Sign(Mark.WELL, f"明日为休息日，下次提醒改为{text}" if days > 1 else f"下次提醒：{text}")


def _unreached(work: Work) -> list[str]:
    people = [p for p in office_holders(work) if not work.roster.person(p).accounts]
    names = "、".join(work.roster.person(p).name for p in people[:SHOWN])
    more = f"等{len(people)}人" if len(people) > SHOWN else ""
    mend = "私聊收不到提醒，请补 import people 的账号，或运行 luzhang person bind。"
    return [f"{names}{more}没有平台账号：{mend}"] if people else []


def _listed(mark: Mark, texts: Sequence[str]) -> list[Sign]:
    shown = [Sign(mark, text) for text in texts[:SHOWN]]
    return shown + ([Sign(mark, f"……同类共{len(texts)}项")] if len(texts) > SHOWN else [])
