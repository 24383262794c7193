"""Short forms of place names: what people write instead of a roster's landmark (新郑第一中学 → 一中, 建设银行 → 建行).

Each form carries a strength: 1.0 the name itself, 0.9 an official short form, 0.7 an ending left out (吾悦广场 → 吾悦),
0.6 the end of a long name, 0.4 a plain kind of place (加油站) that says where only together with a road or a township.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from domain.tables import load_toml

EXACT, OFFICIAL, TRIMMED, TAIL, GENERIC = 1.0, 0.9, 0.7, 0.6, 0.4

_NUMBER = "一二三四五六七八九十"
_SCHOOLS = (
    (re.compile(rf"第?([{_NUMBER}]{{1,4}})(?:初级|完全)?中学?$"), ("{}中", "第{}中学", "{}中学")),
    (re.compile(rf"第([{_NUMBER}]{{1,4}})初级中学$"), ("{}初中", "{}中", "{}初")),
    (re.compile(rf"第?([{_NUMBER}]{{1,4}})(?:高级中学|高中)$"), ("{}高", "{}高中", "{}中")),
    (re.compile(rf"第([{_NUMBER}]{{1,4}})小学$|([{_NUMBER}]{{1,4}})小$"), ("{}小", "第{}小学", "{}小学")),
    (re.compile(rf"第([{_NUMBER}]{{1,4}})(?:人民)?医院$"), ("{}院", "第{}人民医院", "{}医院", "市{}院")),
    (re.compile(rf"第([{_NUMBER}]{{1,4}})(?:实验)?幼儿园$|([{_NUMBER}]{{1,4}})幼$"), ("{}幼", "第{}幼儿园")),
    (re.compile(r"(?:客运|汽车|火车|高铁|长途|长途汽车)(东|南|西|北|总)站$"), ("{}站", "汽车{}站", "客运{}站")),
    (re.compile(r"^[\u4e00-\u9fff]{0,3}(市|县|区)人民医院$"), ("{}医院",)),
)
_BRANCH = re.compile(
    r"^(.*?)(建设银行|农业银行|工商银行|中国银行|交通银行|招商银行|邮政储蓄银行|邮储银行|农商银行|农村商业银行|信用社)(.+?)(支行|分行|分理处|营业部|营业厅|分社)$"
)
_BAD_START = "行路街道河湖镇乡村关区市县门口巷里"
_ADMINISTRATIVE = "市县区镇乡省"


@dataclass(frozen=True, slots=True)
class ShortForms:
    """The table of endings and common words by which short forms are made and judged."""

    endings: dict[str, tuple[str, ...]]
    dropped: tuple[str, ...]
    inner: tuple[str, ...]
    common: frozenset[str]
    generic: frozenset[str]
    never: frozenset[str]


@cache
def table() -> ShortForms:
    """Return the packaged table."""
    raw: dict[str, Any] = load_toml("short_forms.toml")
    dropped = raw["dropped"]
    return ShortForms(
        endings={key: tuple(forms) for key, forms in raw["endings"].items()},
        dropped=tuple(sorted(dropped["endings"], key=len, reverse=True)),
        inner=tuple(dropped["inner"]),
        common=frozenset(dropped["common"]),
        generic=frozenset(dropped["generic"]),
        never=frozenset(dropped["never"]),
    )


def landmark_forms(name: str, places: Collection[str], city: str) -> dict[str, float]:
    """Return every form of a landmark with its strength, the name itself included.

    places: cores of townships and roads (薛店, 人民): they are no short form. city: the city's name without 市, or "".
    """
    rules = table()
    found: dict[str, float] = {}

    def add(form: str, strength: float) -> None:
        if form != city and _is_usable(form, places, rules):
            strength = min(strength, GENERIC) if form in rules.generic else strength
            found[form] = max(found.get(form, 0.0), strength)

    for base, strength in _bases(name, places, city):
        for form, quality in _variants(base, rules):
            add(form, min(strength, quality))
    for form in _tails(name, rules):
        add(form, TAIL)
    for ending in rules.generic:
        if name.endswith(ending):
            add(ending, GENERIC)
    found[name] = EXACT
    return found


def _is_usable(form: str, places: Collection[str], rules: ShortForms) -> bool:
    return len(form) >= 2 and form not in rules.never and form not in rules.common and form not in places


def _bases(name: str, places: Collection[str], city: str) -> Iterator[tuple[str, float]]:
    """Yield the name and what is left of it without the city's or a township's name in front."""
    yield name, EXACT
    if city and name.startswith(city) and len(name) > len(city) + 1:
        rest = name[len(city) :].lstrip(_ADMINISTRATIVE)
        yield rest, OFFICIAL
    elif name[0] in _ADMINISTRATIVE and len(name) > 3:
        yield name[1:], OFFICIAL
    for size in (2, 3, 4):
        if name[:size] in places and len(name) > size + 1:
            yield name[size:].lstrip(_ADMINISTRATIVE), GENERIC


def _variants(name: str, rules: ShortForms) -> Iterator[tuple[str, float]]:
    yield name, EXACT
    yield from ((form, OFFICIAL) for form in (*_numbered(name), *_branches(name, rules), *_short_endings(name, rules)))
    yield from ((form, TRIMMED) for form in _trimmed(name, rules))


def _numbered(name: str) -> Iterator[str]:
    """Yield 三中, 第三中学 … of a school or hospital with a number."""
    for pattern, forms in _SCHOOLS:
        if match := pattern.search(name):
            number = next(group for group in match.groups() if group)
            yield from (name[: match.start()] + form.format(number) for form in forms)


def _branches(name: str, rules: ShortForms) -> Iterator[str]:
    """Yield 农行, 西关农行, 农行西关 … of a bank's branch."""
    if branch := _BRANCH.match(name.removeprefix("中国")):
        for bank in (branch[2], *rules.endings.get(branch[2], ())):
            named = bank + branch[3]
            yield from (branch[1] + bank, branch[3] + bank, named, named + branch[4], "中国" + bank)


def _short_endings(name: str, rules: ShortForms) -> Iterator[str]:
    for ending, shorts in rules.endings.items():
        if name.endswith(ending):
            yield from (name[: -len(ending)] + short for short in shorts)


def _trimmed(name: str, rules: ShortForms) -> Iterator[str]:
    ending = next((e for e in rules.dropped if name.endswith(e) and len(name) > len(e) + 1), "")
    if ending:
        yield name[: -len(ending)]
    for inner in rules.inner:
        at = name.find(inner)
        if at >= 2 and at + len(inner) < len(name):
            yield name[:at] + name[at + len(inner) :]


def _tails(name: str, rules: ShortForms) -> Iterator[str]:
    for cut in (2, 3):
        rest = name[cut:]
        kind = next((ending for ending in sorted(rules.generic, key=len, reverse=True) if rest.endswith(ending)), "")
        if len(rest) >= 3 and rest[0] not in _BAD_START and len(rest) - len(kind) >= (2 if kind else 0):
            yield rest
