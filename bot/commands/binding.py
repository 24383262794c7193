"""`luzhang chat list|bind`, `luzhang person bind`: who is who, by a code that is spoken where it is to hold."""

import secrets

from bot.commands.session import OK, Session, UsageError, person_of, say
from bot.config import Chat
from domain import binding
from domain.binding import Pending
from domain.casework.work import Work
from domain.effects import Effects
from domain.messages import ChatRoom
from domain.texts.binding import PURPOSE_NAMES

PLATFORM_NAMES = {"wecom": "企业微信", "dingtalk": "钉钉", "": "企业微信或钉钉"}


async def list_chats(session: Session) -> int:
    """Print the bound chats, and the configured ones that wait for their binding."""
    rooms = await session.store.rosters.rooms()
    given = [_room(chat) for chat in session.config.chat if chat.chat_id]
    made = {chat.name: chat.app_chat_id for chat in session.config.chat if chat.app_chat_id}
    bound = {room.name: room for room in (*rooms, *given)}
    for room in bound.values():
        by_app = f"，应用群{made[room.name]}" if room.name in made else ""
        say(f"✔ {_shown(room)}，群号{room.chat_id}{by_app}")
    waiting = [chat for chat in session.config.chat if chat.name not in bound and not chat.app_chat_id]
    for chat in session.config.chat:
        if chat.app_chat_id and chat.name not in bound:
            say(f"✔ {_shown(_room(chat))}，应用群{chat.app_chat_id}，服务启动后生效")
    for chat in waiting:
        say(f"⚠ {_shown(_room(chat))}，尚未绑定：luzhang chat bind --name {chat.name}")
    if not bound and not waiting:
        say("还没有群。请在配置里写 [[chat]]，或用 luzhang chat bind --name 群名 --purpose work 绑定。")
    return OK


def _room(chat: Chat) -> ChatRoom:
    return ChatRoom(chat.name, chat.platform, chat.chat_id, chat.purpose, chat.scope)


def _shown(room: ChatRoom) -> str:
    where = PLATFORM_NAMES.get(room.platform, room.platform)
    return f"{room.name}（{where}，{PURPOSE_NAMES.get(room.purpose, room.purpose)}，{room.scope or '全市'}）"


async def bind_chat(session: Session, name: str | None, purpose: str | None, scope: str | None) -> int:
    """Give out a code for a group: one of the configuration by its name, else a new one with purpose and scope."""
    chat = _chosen(session, name)
    if chat is None and (name is None or purpose is None):
        known = "、".join(chat.name for chat in session.config.chat)
        listed = f"配置里的群：{known}。" if known else "配置里还没有群。"
        raise UsageError(f"请用 --name 写群名；配置里没有这个群时还须写 --purpose（可加 --scope 辖区）。{listed}")
    if purpose is not None and purpose not in PURPOSE_NAMES:
        raise UsageError(f"--purpose 只能是 {'、'.join(PURPOSE_NAMES)}。")
    wanted = Pending(
        kind=binding.CHAT,
        subject=chat.name if chat else name or "",
        digest="",
        salt="",
        until=session.now,
        platform=chat.platform if chat else "",
        purpose=purpose or (chat.purpose if chat else ""),
        scope=scope if scope is not None else (chat.scope if chat else ""),
    )
    code = await _give_out(session, wanted)
    bot = session.rules.bot_name
    say(f"请把机器人加进群“{wanted.subject}”，在群里发：@{bot} 绑定 {code}")
    return _explain(session)


def _chosen(session: Session, name: str | None) -> Chat | None:
    """Return the configured chat of that name; without a name the only one that has no id yet."""
    chats = session.config.chat
    if name is not None:
        return next((chat for chat in chats if chat.name == name), None)
    open_ones = [chat for chat in chats if not chat.chat_id]
    return open_ones[0] if len(open_ones) == 1 else None


async def bind_person(session: Session, person: str) -> int:
    """Give out a code by which a person of the roster binds the account they speak from."""
    roster = await session.store.rosters.load()
    found = person_of(roster, person)
    code = await _give_out(session, Pending(binding.PERSON, found, "", "", session.now))
    say(f"请{roster.person(found).name}私聊机器人（或在群里@它）发：绑定 {code}")
    return _explain(session)


async def _give_out(session: Session, wanted: Pending) -> str:
    code = f"{secrets.randbelow(10**binding.DIGITS):0{binding.DIGITS}d}"
    salt = secrets.token_hex(16)
    until = session.now + binding.LIFE
    kept = Pending(
        wanted.kind,
        wanted.subject,
        binding.digest(salt, code),
        salt,
        until,
        wanted.platform,
        wanted.purpose,
        wanted.scope,
    )

    async def keep(work: Work) -> Effects:
        waiting = [p for p in binding.from_json(await work.view.setting(binding.SETTING)) if work.now < p.until]
        return Effects(settings={binding.SETTING: binding.to_json(binding.with_new(waiting, kept))})

    await session.decide(keep)
    return code


def _explain(session: Session) -> int:
    until = session.rules.local(session.now + binding.LIFE)
    say(f"绑定码只能用一次，{until:%H:%M}前有效，说错{binding.MOST_WRONG}次即作废。服务（luzhang serve）须在运行。")
    return OK
