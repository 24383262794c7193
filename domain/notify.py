"""Telling: the one place that turns Notices into rows of the outbox.

It alone knows slots, quiet hours, stand-ins and which group speaks for whom. Which robot carries a post, and in what
form, is the platform folder's affair.
"""

import json
from collections.abc import Hashable, Iterable
from dataclasses import replace
from datetime import datetime

from domain import authority, parts
from domain.effects import Notice, Recipient, ToChat, ToPerson, ToPurpose, Urgency
from domain.erased import is_erased
from domain.escalation import RING
from domain.messages import ChatRoom, ReplyHandle, Target
from domain.ports import Post, View
from domain.roster import Role
from domain.rules import Rules

_STANDS_FOR = {"leadership": "office"}  # what a city has not bound is still told to somebody


def plan(notice: Notice, view: View, rules: Rules) -> list[Post]:
    """Return the posts of a notice: none when nobody can hear it, else one for each group or person, with its parts."""
    return [part for post in _posts(notice, view, rules) for part in parts.of(post)]


def shared(posts: Iterable[Post]) -> list[Post]:
    """Return the posts with those of the same words, meant for several people in one group, made one that calls all."""
    found: dict[Hashable, Post] = {}
    gone: set[str] = set()  # those that another says as well, with their pictures
    for post in posts:
        if post.head in gone:
            continue
        same = _sameness(post)
        first = found.setdefault(same, post)
        if first.key != post.key:
            gone.add(post.key)
            found[same] = replace(first, mentions=tuple(dict.fromkeys((*first.mentions, *post.mentions))))
    return list(found.values())


def _sameness(post: Post) -> Hashable:
    if post.person and post.target.is_group and post.text and not post.head:
        return (post.target, post.text, post.about, post.kind, post.due_at, post.choices)
    return post.key


def _posts(notice: Notice, view: View, rules: Rules) -> list[Post]:
    to: Recipient = notice.to
    if isinstance(to, ToChat):
        return [_to_chat(notice, to, view)]
    if isinstance(to, ToPurpose):
        return _to_purpose(notice, to, view, rules)
    return _to_person(notice, to, view, rules)


def _to_chat(notice: Notice, to: ToChat, view: View) -> Post:
    target = Target(to.platform, chat_id=to.chat_id) if to.is_group else Target(to.platform, userid=to.chat_id)
    return _post(notice, notice.key, target, view.now, reply=to.reply)


def _to_purpose(notice: Notice, to: ToPurpose, view: View, rules: Rules) -> list[Post]:
    here = [room for room in view.rooms if to.platform in ("", room.platform)]
    rooms = rooms_for(here, to.purpose, to.scope)
    if not rooms and to.purpose in _STANDS_FOR:
        return _to_purpose(notice, ToPurpose(_STANDS_FOR[to.purpose]), view, rules)
    if rooms:
        return [
            _post(
                notice,
                f"{notice.key}:{room.name}",
                Target(room.platform, chat_id=room.chat_id),
                _due(notice, room.name, view, rules),
            )
            for room in rooms
        ]
    people = _who_stands_for(to, view, rules)
    return [post for person in people for post in _to_person(notice, ToPerson(person, to.scope), view, rules)]


def rooms_for(rooms: Iterable[ChatRoom], purpose: str, scope: str) -> list[ChatRoom]:
    """Return the groups of a purpose that cover a scope: its own, else the city-wide ones."""
    listed = [room for room in rooms if room.purpose == purpose]
    own = [room for room in listed if scope and room.scope == scope]
    return own or [room for room in listed if not room.scope]


def _who_stands_for(to: ToPurpose, view: View, rules: Rules) -> list[str]:
    """Return the persons who hear what a missing group would have heard."""
    day = rules.day(view.now)
    if to.purpose == "office":
        return view.roster.holders(Role.OFFICE, None, day)
    if to.purpose == "ops":
        return view.roster.holders(Role.ADMIN, None, day)
    return []


def _to_person(notice: Notice, to: ToPerson, view: View, rules: Rules) -> list[Post]:
    if is_erased(to.person):
        return []
    day = rules.day(view.now)
    present = to.person if notice.is_private else authority.present(to.person, view.roster, day)
    person = present or to.person
    if notice.kind == RING:
        return _ring(notice, person, view, rules)
    group = next(iter(rooms_for(view.rooms, "work", to.scope)), None)
    fallback = Target(group.platform, chat_id=group.chat_id) if group and not notice.is_private else None
    target = _account(person, view, group) or fallback
    if target is None:
        return []
    # who hears it twice, for himself and as a stand-in, hears it once
    key = f"{notice.key.removesuffix(f':{to.person}')}:{person}"
    due = _due(notice, person, view, rules)
    post = _post(notice, key, target, due, person=person, fallback=None if target.is_group else fallback)
    return [post]


def _ring(notice: Notice, person: str, view: View, rules: Rules) -> list[Post]:
    """Call a person where that can be done, else not at all: the words go another way anyway."""
    accounts = [(p, userid) for p, userid in view.roster.person(person).accounts if p in rules.ringing]
    due = _due(notice, person, view, rules)
    key = f"{notice.key}:{person}"
    return [_post(notice, key, Target(p, userid=userid), due, person=person) for p, userid in accounts[:1]]


def _account(person: str, view: View, group: ChatRoom | None) -> Target | None:
    """Return where a person is reached in private: on the platform of the group concerned, else on any."""
    accounts = list(view.roster.person(person).accounts)
    if not accounts and ":" in person:
        platform, userid = person.split(":", 1)
        accounts = [(platform, userid)]
    accounts.sort(key=lambda account: group is not None and account[0] != group.platform)
    return Target(accounts[0][0], userid=accounts[0][1]) if accounts else None


def _due(notice: Notice, recipient: str, view: View, rules: Rules) -> datetime:
    due = rules.slots.deliver_at(view.now, notice.urgency, recipient, rules.calendar)
    return max(due, notice.not_before) if notice.not_before else due


def _post(
    notice: Notice,
    key: str,
    target: Target,
    due_at: datetime,
    *,
    person: str = "",
    fallback: Target | None = None,
    reply: ReplyHandle | None = None,
) -> Post:
    mentions = notice.mentions or ((person,) if person and target.is_group else ())
    return Post(
        key=key,
        target=target,
        text=notice.text or None,
        kind=notice.kind,
        due_at=due_at,
        about=notice.about,
        person=person,
        choices=notice.choices,
        mentions=mentions,
        photos=notice.photos,
        files=notice.files,
        reply=handle_json(reply) if reply else "",
        fallback=fallback,
        urgent=notice.urgency in (Urgency.HAZARD, Urgency.REPLY),
    )


def handle_json(handle: ReplyHandle) -> str:
    """Return a reply handle as JSON text for the outbox."""
    return json.dumps({"data": handle.data, "expires_at": handle.expires_at.isoformat(), "uses": handle.uses})


def handle_of(text: str) -> ReplyHandle | None:
    """Return the reply handle that `handle_json` wrote."""
    if not text:
        return None
    raw = json.loads(text)
    return ReplyHandle(raw["data"], datetime.fromisoformat(raw["expires_at"]), raw["uses"])
