"""A case's card: the same case all its life, its title says where it stands, its buttons what may be done now.

It is drawn from the case as it is, so a card that is changed and one that is new show the same.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from domain.case import ORIGIN_NAMES, Case, Event, State, may_happen
from domain.messages import Card, Choice
from domain.texts.handler import WORK_CHOICES
from domain.texts.reporter import origin_mark
from domain.texts.wording import Wording

TITLE, NOTE, VALUE = 26, 30, 26  # characters that every platform shows
STATUS, PASS, FAIL = "status", "pass", "fail"
VERDICT_CHOICES: Final = (Choice(PASS, "通过"), Choice(FAIL, "不通过"))
VERDICTS: Final = frozenset({PASS, FAIL})
GONE: Final = "该按钮对应的问题已有答复或已过期，请按最新消息操作，或回复“帮助”。"

_EVENTS: Mapping[str, Event] = {
    "ack": Event.ACKNOWLEDGE,
    "resolve": Event.RESOLVE,
    "return": Event.RETURN,
    "extend": Event.ASK_EXTENSION,
    PASS: Event.PASS,
    FAIL: Event.FAIL,
}
KEYS: Final = frozenset({*_EVENTS, STATUS})
KINDS: Mapping[str, tuple[Choice, ...]] = {"work": WORK_CHOICES, "verify": VERDICT_CHOICES}  # posts that have a card


def thread(number: str, kind: str, key: str) -> str:
    """Return the card's name in every tap: the case's number, the kind of card, and which post brought it."""
    return f"{number}_{kind}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def draw(case: Case, name: str, w: Wording, person: str) -> Card:
    """Return the card of a case. name: its thread; person: to whom it was sent, "" in a group."""
    kind = next((kind for kind in KINDS if f"_{kind}-" in name), "work")
    is_moved = kind == "work" and person not in ("", case.handler) and case.is_open
    valid = () if is_moved else tuple(c for c in KINDS[kind] if may_happen(case, _EVENTS[c.key]))
    head = f"已改派{w.name(case.handler)}" if is_moved and case.handler else _standing(case, w)
    return Card(
        thread=name,
        title=_cut(f"{head}【{case.short}】{w.category(case)}｜{w.spot(case)}", TITLE),
        note=_cut(f"{case.number}｜{'紧急｜' if case.is_hazard else ''}{origin_mark(case)}{w.segment(case)}", NOTE),
        rows=_rows(case, w),
        choices=tuple(Choice(c.key, c.label, f"{c.label} {case.number}") for c in valid)
        or (Choice(STATUS, "查进度", f"查 {case.number}"),),
        hint="处理后直接发照片即可。" if kind == "work" and valid else "",
        is_over=not valid,
    )


def digest(card: Card) -> str:
    """Return what tells two faces of a card apart."""
    return hashlib.sha256(repr(card).encode()).hexdigest()[:32]


def _standing(case: Case, w: Wording) -> str:
    if case.state is State.ACKNOWLEDGED and case.acknowledged_at is not None:
        return f"{w.state(case)}·{w.name(case.handler)}{w.clock(case.acknowledged_at)}"
    if case.state is State.CLOSED and case.closed_at is not None:
        return f"✔{w.state(case)} {w.clock(case.closed_at)}"
    return w.state(case)


def _rows(case: Case, w: Wording) -> tuple[tuple[str, str], ...]:
    due = case.handler_due or case.due
    after = len(case.photos_of("after"))
    photos = f"前{len(case.photos_of('before'))}{f' 后{after}' if after else ''}"
    found = (
        ("位置", w.spot(case)),
        ("责任", f"{w.unit(case)} {w.name(case.chief or case.chain.chief)}".strip()),
        ("轮值", w.name(case.handler) if case.handler else ""),
        ("时限", f"{w.when(due)}前办结" if due else ""),
        ("来源", f"{ORIGIN_NAMES[case.origin]} {w.when(case.reported_at)}"),
        ("照片", photos if case.photos else ""),
    )
    return tuple((key, _cut(value, VALUE)) for key, value in found if value)


def reason_needed(case: Case) -> str:
    """Return how to say why a case does not pass."""
    return f"{case.number}不通过请写明原因，如“{case.short} 不通过 物料仍在”，可附照片。"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
