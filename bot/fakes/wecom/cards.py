"""The rules for template cards: what each kind must have, how long its parts may be, and the codes that change one."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.fakes.rules import Clock

CODE_LIFE = timedelta(hours=72)
BAD, WRONG_TYPE, BAD_CODE = 40058, 40008, 40096
_TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "text_notice": ("main_title", "card_action"),
    "news_notice": ("main_title", "card_action"),
    "button_interaction": ("main_title", "button_list", "task_id"),
    "vote_interaction": ("main_title", "checkbox", "submit_button", "task_id"),
    "multiple_interaction": ("main_title", "select_list", "submit_button", "task_id"),
}
_LONGEST: Mapping[str, int] = {"title": 36, "desc": 44, "keyname": 5, "value": 30, "text": 11}  # characters
_MOST: Mapping[str, int] = {"horizontal_content_list": 6, "button_list": 6, "jump_list": 3, "option_list": 20}

Body = Mapping[str, object]


@dataclass(slots=True)
class Cards:
    """The cards of one app or bot: ids that were used, and codes that change a card once."""

    clock: Clock
    task_ids: set[str] = field(default_factory=set)
    codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # code → task id and end of life

    def problem(self, card: object, *, is_update: bool = False) -> int:
        """Return 0 for a card that is taken, else the code; a task id counts as used from then on."""
        if not isinstance(card, dict) or str(card.get("card_type")) not in _NEEDS:
            return WRONG_TYPE
        if any(not card.get(name) for name in _NEEDS[str(card["card_type"])]) or not _is_short(card):
            return BAD
        task_id = str(card.get("task_id", ""))
        if task_id and not _TASK_ID.fullmatch(task_id):
            return BAD
        keys = [str(button.get("key")) for button in _dicts(card.get("button_list"))]
        if len(set(keys)) != len(keys):
            return BAD
        if is_update or not task_id:
            return 0
        if task_id in self.task_ids:
            return BAD  # unique for ever
        self.task_ids.add(task_id)
        return 0

    def new_code(self, task_id: str) -> str:
        """Return a code that changes this card once."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = (task_id, self.clock() + CODE_LIFE)
        return code

    def spend(self, code: str) -> bool:
        """Use a code up; False when it was used or has expired."""
        _, until = self.codes.pop(code, ("", self.clock()))
        return self.clock() < until


def text_of(card: object) -> str:
    """Return what people read on a card, a line each."""
    if not isinstance(card, dict):
        return ""
    title = card.get("main_title")
    lines = [str(title.get("title", "")), str(title.get("desc", ""))] if isinstance(title, dict) else []
    lines += [f"{row.get('keyname')}：{row.get('value')}" for row in _dicts(card.get("horizontal_content_list"))]
    lines += [f"[{button.get('text')}]" for button in _dicts(card.get("button_list"))]
    return "\n".join(line for line in lines if line)


def shown(card: object) -> str:
    """Return a card as it was sent."""
    return json.dumps(card, ensure_ascii=False)


def _is_short(value: object) -> bool:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(inner, str) and len(inner) > _LONGEST.get(str(name), 1_024):
                return False
            if isinstance(inner, Sequence) and len(inner) > _MOST.get(str(name), 1_024):
                return False
        return all(_is_short(inner) for inner in value.values())
    return all(map(_is_short, value)) if isinstance(value, list) else True


def _dicts(value: object) -> list[Body]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
