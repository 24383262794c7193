"""Doctor's look at whom the WeCom app may write to: office holders outside its visible range (可见范围), by name.

Whom the range names one by one is known at once; of the others the platform is asked singly. DingTalk tells of its
range only by not delivering, which the service notes (`health.unreached`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bot import tls
from bot.commands.access import wecom_app
from bot.commands.health import office_holders
from bot.commands.session import Session
from bot.commands.signs import Mark, Sign, few
from bot.platforms.http import Web
from bot.platforms.wecom.api import AGENT, USER, AppApi
from bot.platforms.wecom.errors import APP_PATH, OutOfRange
from domain.casework.work import Work
from domain.messages import PersonLost, PlatformError

MOST_ASKED: Final = 300
SHOWN: Final = 20  # names in one line


async def unseen(session: Session) -> list[Sign]:
    """Return the lines on who holds an office and a WeCom account, and is not reached through the app."""
    app = session.config.wecom.app
    if app is None:
        return []
    people = await session.read(_accounts)
    async with Web(tls=tls.context(session.config.server.ca_file)) as web:
        api = wecom_app(session.config, web)
        try:
            range_ = (await api.get(AGENT, {"agentid": str(app.agent_id)})).body
            left = {name: user for name, user in people.items() if user.casefold() not in _named(range_)}
            hidden, unknown = await _ask(api, left, is_list_whole=_is_list_whole(range_))
        except PlatformError:
            return []  # the app's own line says what is wrong
    return _signs(len(people), hidden, unknown)


async def _accounts(work: Work) -> dict[str, str]:
    found = [work.roster.person(person) for person in office_holders(work)]
    return {person.name: person.account("wecom") for person in found if person.account("wecom")}


def _named(range_: Mapping[str, object]) -> set[str]:
    """Return the user ids, folded, whom the visible range names one by one."""
    users = _inner(range_, "allow_userinfos", "user")
    return {str(user.get("userid", "")).casefold() for user in users if isinstance(user, dict)}


def _is_list_whole(range_: Mapping[str, object]) -> bool:
    """Tell whether the range has nobody but those it names: no department and no tag."""
    return not _inner(range_, "allow_partys", "partyid") and not _inner(range_, "allow_tags", "tagid")


def _inner(holder: Mapping[str, object], key: str, list_: str) -> Sequence[object]:
    value = holder.get(key)
    found = value.get(list_) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


async def _ask(api: AppApi, people: Mapping[str, str], *, is_list_whole: bool) -> tuple[list[str], list[str]]:
    """Return who is outside the range, and whose account nobody has."""
    hidden: list[str] = []
    unknown: list[str] = []
    for name, userid in list(people.items())[:MOST_ASKED]:
        if is_list_whole:
            hidden.append(name)
            continue
        try:
            await api.get(USER, {"userid": userid})
        except OutOfRange:
            hidden.append(name)
        except PersonLost:
            unknown.append(name)
    return hidden, unknown


def _signs(everybody: int, hidden: Sequence[str], unknown: Sequence[str]) -> list[Sign]:
    found = []
    if hidden:
        mend = f"收不到应用消息，请到{APP_PATH}→可见范围添加。"
        found.append(Sign(Mark.WARN, f"{few(hidden, SHOWN)}不在企业微信应用可见范围内：{mend}"))
    if unknown:
        mend = "请核对是否离职、账号是否抄对，重新 import people。"
        found.append(Sign(Mark.WARN, f"{few(unknown, SHOWN)}的企业微信账号不存在：{mend}"))
    if everybody and not found:
        found.append(Sign(Mark.WELL, f"企业微信应用可见范围：{everybody}名任职人员都在"))
    return found
