"""Authority: whether this person, in this role, on this case, may do this. Every way in asks here.

A person is known only from the platform's own sender id. Who handles a case never verifies it (S3).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from domain.case import Case, Event, Origin
from domain.errors import NotAllowed
from domain.roster import ROLE_NAMES, Role, Roster, same_unit


class Standing(StrEnum):
    """How a person stands to one case."""

    HANDLER = "handler"
    CHIEF = "chief"
    SECOND_LEVEL = "second_level"
    TOWNSHIP_HEAD = "township_head"
    FIRST_LEVEL = "first_level"
    SEAT = "seat"
    OFFICE = "office"
    INSPECTOR = "inspector"
    LEADER = "leader"
    REPORTER = "reporter"


STANDING_NAMES: Mapping[Standing, str] = {
    Standing.HANDLER: "承办人",
    Standing.CHIEF: "路段长",
    Standing.SECOND_LEVEL: "二级路长",
    Standing.TOWNSHIP_HEAD: "辖区总路长",
    Standing.FIRST_LEVEL: "一级路长",
    Standing.SEAT: "指挥席",
    Standing.OFFICE: "市路长办",
    Standing.INSPECTOR: "督查员",
    Standing.LEADER: "领导",
    Standing.REPORTER: "上报人",
}

_ROLE_STANDING: Mapping[Role, Standing] = {
    Role.OFFICE: Standing.OFFICE,
    Role.ADMIN: Standing.OFFICE,
    Role.INSPECTOR: Standing.INSPECTOR,
    Role.LEADER: Standing.LEADER,
    Role.GENERAL: Standing.LEADER,
}

_DOER = frozenset({Standing.HANDLER, Standing.CHIEF})
_COMMAND = frozenset({Standing.SECOND_LEVEL, Standing.TOWNSHIP_HEAD, Standing.SEAT, Standing.OFFICE})
_DESK = frozenset({Standing.SEAT, Standing.OFFICE})

MAY: Mapping[Event, frozenset[Standing]] = {
    Event.LOCATE: _DESK | {Standing.REPORTER},
    Event.ACKNOWLEDGE: _DOER,
    Event.RESOLVE: _DOER,
    Event.DISSUADE: _DOER,
    Event.RETURN: _DOER,
    Event.ASK_EXTENSION: _DOER,
    Event.GRANT_EXTENSION: _COMMAND,
    Event.REFUSE_EXTENSION: _COMMAND,
    Event.ASK_NO_PHOTO: _DOER,
    Event.ASK_SHELVE: _DOER | _COMMAND,
    Event.APPROVE_SHELVE: frozenset({Standing.SECOND_LEVEL, Standing.TOWNSHIP_HEAD, Standing.OFFICE}),
    Event.RESUME: _COMMAND,
    Event.REASSIGN: _COMMAND,
    Event.MERGE: _DESK | {Standing.REPORTER},
    Event.DECLINE: _DESK,
    Event.VOID: frozenset({Standing.OFFICE}),
    Event.REOPEN: _DESK | {Standing.REPORTER, Standing.INSPECTOR},
    Event.RAISE: _DOER | _COMMAND | {Standing.INSPECTOR},
    Event.RECLASSIFY: _DESK | {Standing.INSPECTOR, Standing.SECOND_LEVEL},
    Event.FINDING: frozenset({Standing.INSPECTOR, Standing.OFFICE}),
    Event.URGE: _COMMAND | {Standing.FIRST_LEVEL, Standing.LEADER},
}


def standings(person: str, case: Case, roster: Roster, day: date) -> frozenset[Standing]:
    """Return how a person stands to a case today; a stand-in (代行) stands as the one he stands in for."""
    covered = acting_for(person, roster, day)
    holders = (
        (Standing.HANDLER, case.handler),
        (Standing.CHIEF, case.chain.chief),
        (Standing.CHIEF, case.chief),
        (Standing.SECOND_LEVEL, case.chain.second_level),
        (Standing.TOWNSHIP_HEAD, case.chain.township_head),
        (Standing.FIRST_LEVEL, case.chain.first_level),
    )
    found = {standing for standing, holder in holders if holder and holder in covered}
    if person == case.reporter or person in case.followers:
        found.add(Standing.REPORTER)
    posts = (post for one in covered for post in roster.posts_of(one, day))
    found |= {_ROLE_STANDING[post.role] for post in posts if post.role in _ROLE_STANDING}
    if covered & set(desk(case.township, roster, day)):
        found.add(Standing.SEAT)
    return frozenset(found)


def acting_for(person: str, roster: Roster, day: date) -> frozenset[str]:
    """Return for whom a person acts today: himself, and whoever is away and named him."""
    named = {leave.person for leave in roster.leaves if leave.stand_in == person}
    return frozenset({person} | {absent for absent in named if covers(roster, absent, person, day)})


def covers(roster: Roster, absent: str, stand_in: str, day: date) -> bool:
    """Tell whether `stand_in` acts for `absent` on this day."""
    leave = roster.leave_of(absent, day)
    return leave is not None and leave.stand_in == stand_in


def present(person: str, roster: Roster, day: date) -> str:
    """Return who acts for a person today: himself, his stand-in, or "" when he is away without one."""
    leave = roster.leave_of(person, day)
    return person if leave is None else leave.stand_in


def desk(township: str, roster: Roster, day: date) -> list[str]:
    """Return who sits at a township's command seat: its seat, else its coordinators (S37), else the city office."""
    for role in (Role.SEAT, Role.COORDINATOR):
        people = roster.holders(role, township, day)
        if people and township:
            return people
    return roster.holders(Role.OFFICE, None, day)


def require(person: str, case: Case, event: Event, roster: Roster, day: date) -> frozenset[Standing]:
    """Return the person's standings when one of them allows `event`. Raises NotAllowed, naming who may."""
    mine = standings(person, case, roster, day)
    allowed = MAY[event]
    if not mine & allowed:
        raise NotAllowed(refusal(case, allowed, roster))
    return mine


def refusal(case: Case, allowed: frozenset[Standing], roster: Roster) -> str:
    """Return the polite words for somebody whose turn it is not."""
    if Standing.HANDLER in allowed and case.handler:
        return f"{case.number}由{roster.person(case.handler).name}负责，您无需操作。"
    names = "、".join(STANDING_NAMES[s] for s in Standing if s in allowed)
    return f"{case.number}的这项操作由{names}办理，您无需操作。"


def confirmers_without_photo(case: Case) -> list[str]:
    """Return who may confirm closing without a photo: the second-level chief, on an S33 segment the township head."""
    return [case.chain.second_level if case.chain.has_unit else case.chain.township_head]


def is_barred_from_verifying(person: str, case: Case, roster: Roster, day: date) -> bool:
    """Tell whether a person had a hand in the case: handled it, approved its extension, or is of the handler's unit."""
    hands = {case.handler, case.resolved_by, case.extension_approver, case.chief, case.chain.chief} - {""}
    if person in hands:
        return True
    return any(same_unit(roster, person, other, day) for other in (case.handler, case.resolved_by) if other)


def verifiers(case: Case, roster: Roster, day: date) -> list[str]:
    """Return who is to verify (复核): for a finding its inspector, else any inspector; else the township's seat.

    Those with a hand in the case are left out; when nobody is left, the city office.
    """
    inspectors = roster.holders(Role.INSPECTOR, None, day)
    if _is_finding(case):
        first = [case.inspector] if case.inspector in inspectors else inspectors
    else:
        first = desk(case.township, roster, day)
    office = roster.holders(Role.OFFICE, None, day)
    for group in (first, office):
        people = [p for p in group if not is_barred_from_verifying(p, case, roster, day)]
        if people:
            return people
    return []


def _is_finding(case: Case) -> bool:
    """Tell whether a case was found by an inspector, or taken as a finding since (S42)."""
    return case.origin is Origin.PATROL or bool(case.finding)


def require_verifier(person: str, case: Case, roster: Roster, day: date) -> None:
    """Raise NotAllowed unless this person may verify this case."""
    if is_barred_from_verifying(person, case, roster, day):
        raise NotAllowed(f"{case.number}的复核须由未经手该案件且不在承办单位的人员办理。")
    office = set(roster.holders(Role.OFFICE, None, day))
    inspectors = set(roster.holders(Role.INSPECTOR, None, day)) if _is_finding(case) else set()
    if not acting_for(person, roster, day) & {*verifiers(case, roster, day), *office, *inspectors}:
        who = "督查员" if _is_finding(case) else "指挥席"
        raise NotAllowed(f"{case.number}由{who}复核，您无需操作。")


def office(roster: Roster, day: date) -> list[str]:
    """Return the people of the city office."""
    return roster.holders(Role.OFFICE, None, day)


def is_office(person: str, roster: Roster, day: date) -> bool:
    """Tell whether a person is of the city office."""
    return any(post.role is Role.OFFICE for post in roster.posts_of(person, day))


def is_inspector(person: str, roster: Roster, day: date) -> bool:
    """Tell whether a person inspects for the city office (S42): its inspectors, and itself."""
    return any(post.role in (Role.INSPECTOR, Role.OFFICE) for post in roster.posts_of(person, day))


_OVERSEERS = frozenset({Role.OFFICE, Role.LEADER, Role.GENERAL, Role.FIRST_LEVEL})


def oversees(person: str, roster: Roster, day: date) -> bool:
    """Tell whether a person may read everybody's figures: city leaders, first-level chiefs, the office."""
    covered = acting_for(person, roster, day)
    return any(post.role in _OVERSEERS for one in covered for post in roster.posts_of(one, day))


def may_read_figures(person: str, subject: str, roster: Roster, day: date) -> bool:
    """Tell whether a person may read somebody's own figures: his own, of those above or below him on a segment, or all."""
    covered = acting_for(person, roster, day)
    if subject in covered or oversees(person, roster, day):
        return True
    chains = ({s.chief, s.second_level, s.township_head, s.first_level} for s in roster.on(day))
    return any(subject in chain and covered & chain for chain in chains)


def roles_of(person: str, roster: Roster, day: date) -> frozenset[Role]:
    """Return the roles a person holds today; duty rows make a duty person."""
    roles = {post.role for post in roster.posts_of(person, day)}
    if any(row.value.person == person and row.holds(day) for row in roster.duties):
        roles.add(Role.DUTY)
    return frozenset(roles)


def role_title(person: str, roster: Roster, day: date) -> str:
    """Return a name with its highest office for addressing: 陈涛二级路长."""
    roles = roles_of(person, roster, day)
    order = (Role.TOWNSHIP_HEAD, Role.FIRST_LEVEL, Role.SECOND_LEVEL, Role.CHIEF)
    title = next((ROLE_NAMES[role] for role in order if role in roles), "")
    return roster.person(person).name + title
