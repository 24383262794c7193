"""The people file: who holds which post, for what, since when, and under which account (S18–S35)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.imports.rows import Columns, RawRow, Row, nearest, open_rows, read_dates, refuse_if_any
from domain.roster import ROLE_NAMES, Dated, Person, Post, Role

COLUMNS = Columns(
    required=("person", "name", "role"),
    optional=("scope", "unit", "wecom_userid", "dingtalk_userid", "mobile", "from", "to"),
)
PLATFORMS = ("wecom", "dingtalk")
ROLES: dict[str, Role] = {role.value: role for role in Role} | {name: role for role, name in ROLE_NAMES.items()}
NEEDS_TOWNSHIP = frozenset({Role.TOWNSHIP_HEAD, Role.SEAT})


@dataclass(frozen=True, slots=True)
class People:
    """A people file: everybody once, in file order, and every post with its dates.

    mobiles: person id → mobile number, to look an account up with and then to be forgotten: never stored, printed or
    logged.
    """

    persons: list[Person]
    posts: list[Dated[Post]]
    mobiles: Mapping[str, str] = field(default_factory=dict, repr=False)


def parse_people(file: str, rows: Sequence[RawRow]) -> People:
    """Return the people and posts of a file; a person with several posts has several rows.

    Roles are given by their code or their Chinese name. Raises ImportRefused with every problem, by line.
    """
    read, problems = open_rows(file, rows, COLUMNS)
    posts = [_post(row) for row in read]
    persons = _persons(read)
    _refuse_shared_accounts(read)
    _refuse_repeats(read, posts)
    mobiles = _mobiles(read)
    refuse_if_any(file, problems)
    return People(persons, [post for post in posts if post], mobiles)


def _post(row: Row) -> Dated[Post] | None:
    person, role = row.needed("person"), _role(row)
    since, until = read_dates(row)
    if not role:
        return None
    scope, unit = row.text("scope"), row.text("unit")
    if role in NEEDS_TOWNSHIP and not scope:
        row.refuse("scope", f"{ROLE_NAMES[role]}须填写所在辖区")
    if role is Role.DEPARTMENT and not (scope := scope or unit):
        row.refuse("scope", "职能单位须填写单位名称")
    return Dated(Post(person, role, scope, unit), since, until)


def _role(row: Row) -> Role | None:
    text = row.needed("role")
    if text and text not in ROLES:
        row.refuse("role", f"未知的角色“{text}”{nearest(text, ROLES) or '，可用：' + '、'.join(Role)}")
    return ROLES.get(text)


def _persons(rows: Sequence[Row]) -> list[Person]:
    persons: dict[str, Person] = {}
    lines: dict[str, int] = {}
    for row in rows:
        person = _person(row)
        known = persons.get(person.id)
        if known is None:
            persons[person.id], lines[person.id] = person, row.line
        else:
            persons[person.id] = _merge(row, lines[person.id], known, person)
    return list(persons.values())


def _person(row: Row) -> Person:
    accounts = ((platform, row.text(f"{platform}_userid")) for platform in PLATFORMS)
    return Person(
        id=row.text("person"),
        name=row.needed("name"),
        unit=row.text("unit"),
        accounts=tuple((platform, userid) for platform, userid in accounts if userid),
    )


def _merge(row: Row, line: int, known: Person, again: Person) -> Person:
    """Return what two rows of one person say together; a blank adds nothing, a contradiction is a problem."""
    if again.name and again.name != known.name:
        row.refuse("name", f"人员{known.id}在第{line}行是{known.name}，此处是{again.name}，请核对")
    accounts = dict(known.accounts)
    for platform, userid in again.accounts:
        if accounts.setdefault(platform, userid) != userid:
            row.refuse(f"{platform}_userid", f"人员{known.id}在前面的账号是{accounts[platform]}，请只保留一个")
    return replace(known, unit=known.unit or again.unit, accounts=tuple(accounts.items()))


def _mobiles(rows: Sequence[Row]) -> dict[str, str]:
    """Return the mobile number of each person who has one; the numbers themselves stand in no problem."""
    found: dict[str, str] = {}
    lines: dict[str, int] = {}
    for row in rows:
        person, text = row.text("person"), row.text("mobile")
        if not text:
            continue
        number = mobile(text)
        if not number:
            row.refuse("mobile", "不是手机号，请写11位数字；若显示成1.38E+10，请先把该列设为文本")
        elif found.setdefault(person, number) != number:
            row.refuse("mobile", f"人员{person}的手机号与第{lines[person]}行不同，请只保留一个")
        lines.setdefault(person, row.line)
    return found


def mobile(text: str) -> str:
    """Return a mobile number as the platforms take it, "" when it is none: 11 digits, or `+` and a country's own."""
    bare = re.sub(r"[\s\-()（）]", "", text)
    home = re.fullmatch(r"(?:\+?86)?(1[3-9][0-9]{9})", bare, re.ASCII)
    if home:
        return home[1]
    return bare if re.fullmatch(r"\+(?!86)[1-9][0-9]{6,14}", bare, re.ASCII) else ""


def _refuse_shared_accounts(rows: Sequence[Row]) -> None:
    owner: dict[tuple[str, str], tuple[str, int]] = {}
    for row in rows:
        for platform in PLATFORMS:
            userid, person = row.text(f"{platform}_userid"), row.text("person")
            if not userid:
                continue
            # WeCom compares user ids without regard to case, so two that differ only in case are one account
            first, line = owner.setdefault((platform, userid.casefold()), (person, row.line))
            if first != person:
                row.refuse(f"{platform}_userid", f"账号{userid}在第{line}行属于{first}，一个账号只能属于一人")


def _refuse_repeats(rows: Sequence[Row], posts: Sequence[Dated[Post] | None]) -> None:
    first: dict[Dated[Post], int] = {}
    for row, post in zip(rows, posts, strict=True):
        if post and first.setdefault(post, row.line) != row.line:
            row.refuse("person", f"与第{first[post]}行完全相同，请删除一行")
