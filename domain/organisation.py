"""The leading group (领导小组, S18) and the bodies of the city office (S20), as the people list makes them up on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.frame import GroupRoles
from domain.roster import ROLE_NAMES, Post, Role, Roster

GROUP = "领导小组"
DEPUTY = "副"  # the scope of a deputy's post begins with it: 副组长, 副总路长
OFFICE_DEPUTY = "市路长办兼职副主任"
OUTSIDE = "非领导小组成员"


@dataclass(frozen=True, slots=True)
class LeadingGroup:
    """Person ids, each once, in the highest place it has."""

    heads: tuple[str, ...]  # one, where the people list is right
    deputies: tuple[str, ...]
    members: tuple[str, ...]

    def title(self, person: str) -> str:
        """Return a person's place in the group: 领导小组组长, 副组长 or 成员; "" outside it."""
        places = (("组长", self.heads), ("副组长", self.deputies), ("成员", self.members))
        return next((f"{GROUP}{name}" for name, people in places if person in people), "")

    @property
    def people(self) -> tuple[str, ...]:
        """Return everybody, the head first."""
        return self.heads + self.deputies + self.members


def leading_group(roster: Roster, day: date, roles: GroupRoles) -> LeadingGroup:
    """Return the group of a day: general chief, his deputies, heads of townships and departments, in file order."""
    leading = [post for role in (roles.head, roles.deputy) for post in roster.posts_held(role, day)]
    heads = dict.fromkeys(post.person for post in leading if post.role is roles.head and not _is_deputy(post))
    deputies = dict.fromkeys(post.person for post in leading if _is_deputy(post) and post.person not in heads)
    others = dict.fromkeys(post.person for role in roles.members for post in roster.posts_held(role, day))
    members = tuple(person for person in others if person not in {**heads, **deputies})
    return LeadingGroup(tuple(heads), tuple(deputies), members)


def _is_deputy(post: Post) -> bool:
    return post.scope.startswith(DEPUTY)


def post_title(post: Post) -> str:
    """Return what a post is called: 副总路长 where the people list says so, else the role's name."""
    return post.scope if post.role is Role.GENERAL and _is_deputy(post) else ROLE_NAMES[post.role]


def office_bodies(roster: Roster, day: date, bodies: Sequence[str], city: str) -> dict[str, list[str]]:
    """Return for each body its people in the city office, in file order; 市财政局 and 溪城市财政局 are 财政局."""
    found: dict[str, list[str]] = {body: [] for body in bodies}
    named = {_bare(body, city): body for body in bodies}
    for post in roster.posts_held(Role.OFFICE, day):
        body = named.get(_bare(post.unit or roster.person(post.person).unit, city))
        if body and post.person not in found[body]:
            found[body].append(post.person)
    return found


def _bare(unit: str, city: str) -> str:
    return unit.removeprefix(city).removeprefix("市")


def signing_titles(
    roster: Roster, day: date, group: LeadingGroup, names: Sequence[str], by: str = ""
) -> dict[str, str]:
    """Return in what place each of those who sign by name does so; nothing while the group has no head.

    by: who signs himself, known by his account; another name counts only where one person alone bears it.
    """
    if not group.heads:
        return {}
    return {name: _title(roster, day, group, _bearers(roster, name, by)) for name in names}


def _bearers(roster: Roster, name: str, by: str) -> list[str]:
    return [by] if by and roster.person(by).name == name else [person.id for person in roster.by_name(name)]


def _title(roster: Roster, day: date, group: LeadingGroup, people: Sequence[str]) -> str:
    if len(people) != 1:
        return OUTSIDE
    is_office = any(post.role is Role.OFFICE for post in roster.posts_of(people[0], day))
    return group.title(people[0]) or (ROLE_NAMES[Role.OFFICE] if is_office else OUTSIDE)
