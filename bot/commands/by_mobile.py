"""Accounts by mobile number, at `luzhang import people`: who has a number but no account is looked up on each platform.

A number goes to the platform and is forgotten; who cannot be found is named with the reason, and the rest of the file
is taken over all the same.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Final

from bot import tls
from bot.commands.access import dingtalk_robot, now, wecom_app
from bot.commands.signs import few
from bot.config import Config
from bot.platforms.base import Contacts, NoMember
from bot.platforms.dingtalk.contacts import DingtalkContacts
from bot.platforms.http import Web
from bot.platforms.wecom.contacts import WecomContacts
from domain.imports.people import People
from domain.messages import PlatformError, PlatformUnreachable, RateLimited, Undeliverable
from domain.roster import Person, Roster

SHOWN: Final = 20  # names in one line
TRIES: Final = 3
LONGEST_WAIT: Final = 5.0  # seconds; a platform that asks for more is left alone
MEND: Final = "请核对手机号后重新导入；或用 luzhang person bind 取码，由本人私聊机器人说出。"

Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class Looked:
    """What looking up on one platform brought. `lost`: (name, why); `unasked`: names; `halt`: why it was broken off."""

    title: str
    found: dict[str, str] = field(default_factory=dict)  # person id → user id
    lost: list[tuple[str, str]] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    halt: str = ""

    def lines(self) -> list[str]:
        """Return what the operator reads."""
        told = [f"按手机号在{self.title}查到{len(self.found)}人的账号。"] if self.found or not self.lost else []
        if self.lost:
            names = few([f"{name}（{why}）" for name, why in self.lost], SHOWN)
            told.append(f"{len(self.lost)}人未匹配到{self.title}账号：{names}。{MEND}")
        if self.halt:
            told.append(
                f"{self.title}没有查完：{self.halt.rstrip('。')}。"
                f"还有{len(self.unasked)}人未查：{few(self.unasked, SHOWN)}。处理后重新导入本表，只查还没有账号的人。"
            )
        return told


async def fill(
    config: Config, people: People, roster: Roster, *, dry_run: bool, sleep: Sleep = asyncio.sleep
) -> tuple[People, list[str]]:
    """Return the people with the accounts that were found, and what to tell. A dry run asks nobody."""
    if not people.mobiles:
        return people, []
    platforms = _platforms(config)
    if not platforms:
        return people, ["表中有手机号，但没有可按手机号查账号的平台（[wecom.app] 或 [dingtalk]），未查。"]
    wanted = {platform: _wanted(platform, people, roster) for platform, _title in platforms}
    if dry_run:
        return people, [_announced(title, wanted[platform]) for platform, title in platforms if wanted[platform]]
    lines: list[str] = []
    async with AsyncExitStack() as stack:
        for contacts in await _contacts(config, stack):
            if asked := wanted[contacts.platform]:
                looked = await _look(contacts, asked, people, roster, sleep)
                people = _with_accounts(people, contacts.platform, looked)
                lines += looked.lines()
    return people, lines


def _announced(title: str, asked: Sequence[Person]) -> str:
    return f"将按手机号在{title}查{len(asked)}人的账号：{few([p.name for p in asked], SHOWN)}。"


async def _look(contacts: Contacts, asked: Sequence[Person], people: People, roster: Roster, sleep: Sleep) -> Looked:
    looked, times = Looked(contacts.title), Counter(people.mobiles.values())
    owners = _owners(contacts.platform, people)
    for place, person in enumerate(asked):
        number = people.mobiles[person.id]
        if times[number] > 1:
            looked.lost.append((person.name, "手机号重复"))
            continue
        try:
            userid = await _patiently(contacts, number, sleep)
        except NoMember:
            looked.lost.append((person.name, "通讯录中没有这个手机号"))
        except Undeliverable as error:
            looked.lost.append((person.name, error.text))
        except PlatformError as error:
            looked.halt, looked.unasked = error.text, [p.name for p in asked[place:]]
            break
        else:
            holder = roster.by_account(contacts.platform, userid)
            holder = holder or owners.setdefault(userid.casefold(), person.id)
            if holder == person.id:
                looked.found[person.id] = userid
            else:
                looked.lost.append((person.name, f"查到的账号已属于{_name(holder, people, roster)}"))
    return looked


def _owners(platform: str, people: People) -> dict[str, str]:
    """Return whose each account of the file is: folded user id → person id."""
    return {userid.casefold(): p.id for p in people.persons for where, userid in p.accounts if where == platform}


def _name(person: str, people: People, roster: Roster) -> str:
    return next((p.name for p in people.persons if p.id == person), "") or roster.person(person).name


async def _patiently(contacts: Contacts, number: str, sleep: Sleep) -> str:
    """Ask, and again after a moment where the platform is only busy. Raises PlatformError."""
    for left in range(TRIES, 0, -1):
        try:
            return await contacts.userid_of(number)
        except (PlatformUnreachable, RateLimited) as error:
            wait = error.retry_after.total_seconds() if error.retry_after else 1.0
            if left == 1 or wait > LONGEST_WAIT:
                raise
            await sleep(wait)
    raise AssertionError


def _wanted(platform: str, people: People, roster: Roster) -> list[Person]:
    """Return who has a number and no account, neither in the file nor in the roster."""
    numbered = [person for person in people.persons if person.id in people.mobiles]
    return [p for p in numbered if not (p.account(platform) or roster.person(p.id).account(platform))]


def _with_accounts(people: People, platform: str, looked: Looked) -> People:
    persons = [
        replace(p, accounts=(*p.accounts, (platform, looked.found[p.id]))) if p.id in looked.found else p
        for p in people.persons
    ]
    return replace(people, persons=persons)


def _platforms(config: Config) -> list[tuple[str, str]]:
    """Return code and name of each platform that can be asked."""
    wecom = [(WecomContacts.platform, WecomContacts.title)] if config.wecom.app else []
    return wecom + ([(DingtalkContacts.platform, DingtalkContacts.title)] if config.dingtalk else [])


async def _contacts(config: Config, stack: AsyncExitStack) -> list[Contacts]:
    web = await stack.enter_async_context(Web(tls=tls.context(config.server.ca_file)))
    wecom: list[Contacts] = [WecomContacts(wecom_app(config, web))] if config.wecom.app else []
    return [*wecom, *([DingtalkContacts(web, dingtalk_robot(config.dingtalk), now)] if config.dingtalk else [])]
