"""`luzhang chat create`: a group that the WeCom app makes (应用群), where it may speak of its own accord and call people.

Making the same group again makes no second one; members are changed in the group itself afterwards.
"""

from collections.abc import Sequence

from bot import tls
from bot.commands.access import wecom_app
from bot.commands.session import OK, Session, UsageError, person_of, say
from bot.commands.signs import few
from bot.config import Chat
from bot.platforms.http import Web
from bot.platforms.wecom.app_groups import AppGroups
from domain.casework.work import Work
from domain.errors import ConfigError
from domain.messages import PlatformError
from domain.roster import ROLE_NAMES, Role

_ROLES = {name: role for role, name in ROLE_NAMES.items()} | {role.value: role for role in Role}
SHOWN = 20
FIRST_WORDS = "本群由路长制机器人建立，案件、提醒和通报在此发布。要交办或答复，请私聊机器人，或在已绑定的工作群里@它。"


async def create(session: Session, name: str, members: Sequence[str], owner: str | None, *, dry_run: bool) -> int:
    """Make the group and say what to write into the configuration. Raises UsageError, NotFound, ConfigError."""
    if session.config.wecom.app is None:
        raise ConfigError("没有配置 [wecom.app]：群由企业微信自建应用来建。")
    chat = next((chat for chat in session.config.chat if chat.name == name), None)

    async def chosen(work: Work) -> list[tuple[str, str]]:
        return _accounts(work, chat, [*([owner] if owner else []), *members])

    found = await session.read(chosen)
    users = [account for _, account in found if account]
    if without := [person for person, account in found if not account]:
        say(f"⚠ {len(without)}人没有企业微信账号，未加入：{few(without, SHOWN)}。请补 import people 的账号或手机号。")
    if len(users) < 2:
        raise UsageError(f"群成员至少2人，现有{len(users)}人：请用 --with 多写几个人或一个角色（如 --with 路段长）。")
    if dry_run:
        say(f"将建群“{name}”，{len(users)}人，群主{found[0][0]}。试运行，未建群。")
        return OK
    return await _make(session, name, users, chat)


async def _make(session: Session, name: str, users: Sequence[str], chat: Chat | None) -> int:
    async with Web(tls=tls.context(session.config.server.ca_file)) as web:
        groups = AppGroups(wecom_app(session.config, web))
        try:
            made, is_new = await groups.make(name, users[0], users)
            if is_new:
                await groups.say(made.chat_id, FIRST_WORDS)
        except PlatformError as error:
            raise ConfigError(f"建群未成：{error.text}") from error
    say(f"群“{name}”{'已建立' if is_new else '此前已建立'}，{made.people}人。")
    if chat is not None and chat.app_chat_id == made.chat_id:
        say("配置里已写明，无需再改。")
        return OK
    head = "" if chat else f'新写一段 [[chat]]（name = "{name}"，platform = "wecom"），'
    where = f"请在配置里{head or f'“{name}”的 [[chat]] 一段'}加一行，再执行 luzhang reload："
    say(f'{where}\napp_chat_id = "{made.chat_id}"')
    return OK


def _accounts(work: Work, chat: Chat | None, wanted: Sequence[str]) -> list[tuple[str, str]]:
    """Return name and WeCom account of everybody meant, once each, in order; a role means its holders in the scope."""
    people: list[str] = []
    for text in wanted:
        role = _ROLES.get(text)
        if role is None:
            people.append(person_of(work.roster, text))
            continue
        scope = chat.scope if chat is not None and chat.scope else None
        people += _holders(work, role, scope)
    found = [work.roster.person(person) for person in dict.fromkeys(people)]
    return [(person.name, person.account("wecom")) for person in found]


def _holders(work: Work, role: Role, scope: str | None) -> list[str]:
    """Return who holds a role: in a township, those of its segments or with the township as their scope."""
    held = work.roster.holders(role, None, work.day)
    if scope is None:
        return held
    here = {post.value.person for post in work.roster.posts if post.holds(work.day) and post.value.scope == scope}
    for segment in work.roster.on(work.day):
        if segment.township == scope:
            here |= {segment.chief, segment.second_level, segment.township_head}
    duties = {d.value.person for d in work.roster.duties if d.holds(work.day) and d.value.segment in _ids(work, scope)}
    return [person for person in held if person in here | duties]


def _ids(work: Work, township: str) -> set[str]:
    return {segment.id for segment in work.roster.on(work.day) if segment.township == township}
