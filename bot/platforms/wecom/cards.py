"""A neutral card as WeCom's template card (模板卡片), and the taps that come back from one.

Buttons stand on `button_interaction` cards of the AI bot and of the self-built app; a group webhook shows none. With
more choices than buttons fit, or longer ones, they stand as a list to choose from (`vote_interaction`). Platform pages:
template cards, template card events, updating template cards.
"""

from collections.abc import Mapping
from typing import Final

from bot.platforms.wecom.plain import harmless
from domain.messages import Card

TITLE, NOTE, HINT, KEY, VALUE = 26, 30, 112, 5, 26  # characters; what is longer would be cut on screen
MOST_ROWS, MOST_BUTTONS, BUTTON_TEXT, OPTION_TEXT = 6, 6, 10, 11
MOST_OPTIONS: Final = 20
QUESTION, SUBMIT = "choice", "submit"
FIRST, OTHER = 1, 2  # button styles: filled, outlined

Content = dict[str, object]


def template_card(card: Card) -> Content:
    """Return the card as the platform takes it."""
    drawn: Content = {
        "card_type": "button_interaction",
        "main_title": _filled({"title": _words(card.title, TITLE) or "案件", "desc": _words(card.note, NOTE)}),
        "task_id": card.thread,
    }
    if card.hint:
        drawn["sub_title_text"] = _words(card.hint, HINT)
    if card.rows:
        drawn["horizontal_content_list"] = [
            {"keyname": _words(key, KEY) or "·", "value": _words(value, VALUE) or "·"}
            for key, value in card.rows[:MOST_ROWS]
        ]
    return drawn | (_buttons(card) if _fits_buttons(card) else _list(card))


def message(card: Card) -> Content:
    """Return the message that shows the card."""
    return {"msgtype": "template_card", "template_card": template_card(card)}


def chosen(key: str, items: Mapping[str, object] | None) -> str:
    """Return the key of what was chosen: the option where a list was sent off, else the button's own key.

    items: the platform's `selected_items`, whatever stands there.
    """
    if key != SUBMIT:
        return key
    held = (items or {}).get("selected_item")
    found = (_option(item) for item in (held if isinstance(held, list) else [held]))
    return next((option for option in found if option), key)


def _option(item: object) -> str:
    if not isinstance(item, dict):
        return ""
    ids = item.get("option_ids")
    held = ids.get("option_id") if isinstance(ids, dict) else None
    first = held[0] if isinstance(held, list) and held else held
    return first.strip() if isinstance(first, str) else ""


def _fits_buttons(card: Card) -> bool:
    return len(card.choices) <= MOST_BUTTONS and all(len(choice.label) <= BUTTON_TEXT for choice in card.choices)


def _buttons(card: Card) -> Content:
    buttons = [
        {
            "text": harmless(choice.label).strip() or choice.key[:BUTTON_TEXT],
            "style": OTHER if place or card.is_over else FIRST,
            "key": choice.key,
        }
        for place, choice in enumerate(card.choices)
    ]
    return {"button_list": buttons}


def _list(card: Card) -> Content:
    options = [
        {"id": choice.key, "text": _words(choice.label, OPTION_TEXT) or choice.key[:OPTION_TEXT]}
        for choice in card.choices[:MOST_OPTIONS]
    ]
    return {
        "card_type": "vote_interaction",
        "checkbox": {"question_key": QUESTION, "mode": 0, "option_list": options},
        "submit_button": {"text": "确定", "key": SUBMIT},
    }


def _words(text: str, longest: int) -> str:
    plain = harmless(text).replace("\n", " ").strip()
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _filled(parts: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in parts.items() if value}
