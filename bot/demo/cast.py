"""Who can be spoken as (角色): groups and people with what they are, those of the usual stories first."""

from datetime import date
from typing import Any

from bot.demo import city
from domain.authority import roles_of
from domain.messages import Photo
from domain.roster import ROLE_NAMES, Role, Roster
from media.photos import PhotoStore

PURPOSES = {"work": "路长工作群", "seat": "指挥席", "office": "市路长办", "leadership": "领导", "ops": "运维"}
# who is shown first: reporters, then duty, chief, second level, seat, inspectors, office, leaders
FIRST = ("liufang", "guoxiaomin", "laoma", "zhaoqiang", "sunli", "qianning", "shenlan", "sunlei", "wujing", "fengtao")
_ORDER = (
    Role.GENERAL,
    Role.LEADER,
    Role.OFFICE,
    Role.INSPECTOR,
    Role.FIRST_LEVEL,
    Role.TOWNSHIP_HEAD,
    Role.SECOND_LEVEL,
    Role.CHIEF,
    Role.SEAT,
    Role.COORDINATOR,
    Role.DUTY,
    Role.DEPARTMENT,
    Role.ADMIN,
)


def groups() -> list[dict[str, str]]:
    """Return the groups as the page reads them."""
    return [
        {"id": room.chat_id, "name": room.name, "about": PURPOSES[room.purpose], "township": room.scope}
        for room in city.ROOMS
    ]


def people(roster: Roster, day: date) -> list[dict[str, Any]]:
    """Return everybody as the page reads them, the usual cast first, then by office."""
    about = {resident.person: resident for resident in city.residents()}
    rows = []
    for person in roster.people.values():
        resident = about.get(person.id)
        roles = roles_of(person.id, roster, day)
        role = next((role for role in _ORDER if role in roles), None)
        rows.append(
            {
                "id": person.id,
                "name": person.name,
                "role": ROLE_NAMES[role] if role else "上报人",
                "about": resident.about if resident else _about(person.id, person.unit, role, roster, day),
                "townships": [resident.township] if resident else _townships(person.id, roster, day),
                "first": person.id in FIRST,
            }
        )
    return sorted(rows, key=_place)


def _place(row: dict[str, Any]) -> tuple[int, int, str]:
    first = FIRST.index(row["id"]) if row["first"] else len(FIRST)
    names = [ROLE_NAMES[role] for role in _ORDER]
    return first, names.index(row["role"]) if row["role"] in names else -1, row["id"]


def _about(person: str, unit: str, role: Role | None, roster: Roster, day: date) -> str:
    """Return what a person answers for, in a few words."""
    posts = [post for post in roster.posts_of(person, day) if post.role is role]
    if role is Role.CHIEF and posts:
        segment = roster.segment(posts[0].scope, day)
        more = f"等{len(posts)}段" if len(posts) > 1 else ""
        return f"{segment.title}{more}" if segment else unit
    scope = next((post.scope for post in posts if post.scope), "")
    return unit or scope


def _townships(person: str, roster: Roster, day: date) -> list[str]:
    """Return the townships in which a person has something to do."""
    found = {post.scope for post in roster.posts_of(person, day)}
    duties = {row.value.segment for row in roster.duties if row.value.person == person and row.holds(day)}
    segments = [s for s in roster.on(day) if s.id in found or s.id in duties]
    known = set(roster.townships(day))
    return sorted({segment.township for segment in segments} | (found & known))


async def kept_photo(photos: PhotoStore, name: str) -> bytes | None:
    """Return the bytes of a kept picture by its name, None when there is none of that name."""
    digest, _, ext = name.partition(".")
    try:
        return await photos.read(Photo(digest, ext, 0))
    except (ValueError, FileNotFoundError):
        return None
