"""A question with a few answers as a card: a button an answer, which works like its digit; in words it stays as it was.

The card is bound to its question, so that an old one never answers a newer question.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from domain.messages import Card, Choice
from domain.texts.wording import numbered

MOST: Final = 6  # answers; with more, words read better
TITLE, HINT, VALUE, BUTTON = 26, 112, 26, 10  # characters that every platform shows
OVER: Final = "over"
_MARK: Final = "ask-"


def thread(question: str, key: str) -> str:
    """Return the card's name in every tap. question: its id; key: which post brought it."""
    return f"{_MARK}{_hash(question)}-{_hash(key)}"


def is_asked(name: str) -> bool:
    """Tell whether a card is a question's."""
    return name.startswith(_MARK)


def belongs(name: str, question: str) -> bool:
    """Tell whether a card asks this very question."""
    return name.startswith(f"{_MARK}{_hash(question)}-")


def draw(text: str, choices: Sequence[Choice], name: str) -> Card | None:
    """Return the card of a question, None when its words would not all be there to read."""
    lead = text.replace(numbered(choices), "").strip().rstrip("：:")
    if not 1 <= len(choices) <= MOST or len(lead) > HINT or any(len(c.label) > VALUE for c in choices):
        return None
    is_short = all(len(choice.label) <= BUTTON for choice in choices)
    title, hint = (lead, "") if len(lead) <= TITLE and "\n" not in lead else ("请选择", lead)
    return Card(
        thread=name,
        title=title,
        rows=() if is_short else tuple((str(digit), choice.label) for digit, choice in enumerate(choices, 1)),
        choices=tuple(_button(digit, choice, is_short=is_short) for digit, choice in enumerate(choices, 1)),
        hint=hint or "点按钮，或回复数字。",
    )


def over(name: str) -> Card:
    """Return the face of a question that nobody need answer any more."""
    button = Choice(OVER, "已结束", "帮助")
    return Card(name, "此问题已结束", "已答复或已过期，请按最新消息操作", choices=(button,), is_over=True)


def _button(digit: int, choice: Choice, *, is_short: bool) -> Choice:
    label = choice.label if is_short else f"{digit} {choice.label}"
    return Choice(choice.key, label if len(label) <= BUTTON else label[: BUTTON - 1] + "…", str(digit))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
