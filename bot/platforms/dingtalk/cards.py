"""A neutral card as DingTalk's interactive card, or as an action card whose buttons speak for the person.

An interactive card needs the deployer's own template (docs/handbook/dingtalk-case-card.json): its variables carry the
whole life of a case, and each button has a variable of its own that shows or hides it. Without a template the words go
out with buttons that send a word (`dtmd` links). Platform pages: card instances, robot message types.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from bot.platforms.dingtalk.text import disarmed
from domain.messages import Card, Outgoing

ACTIONS: Final = ("ack", "resolve", "return", "extend", "pass", "fail", "status")  # the template's buttons
VALUE_BYTES: Final = 1_000  # of one variable
ROUTE: Final = "luzhang-card"  # name under which our HTTP callback is registered
MOST_LINKS: Final = 5  # buttons of an action card
_MARKDOWN: Final = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "*#[]>`_~|\\<"})
_SIGN_AT_START = re.compile(r"^([-+]|\d+\.)(?=\s)", re.MULTILINE)

Content = dict[str, object]


def variables(card: Card) -> dict[str, str]:
    """Return the template's variables; every value is text, as the platform wants it."""
    offered = {choice.key for choice in card.choices}
    rows = (f"**{_plain(key)}**　{_plain(value)}" for key, value in card.rows)
    lines = [_plain(card.note), *rows, _plain(card.hint)]
    shown = {f"show_{action}": str(action in offered).lower() for action in ACTIONS}
    title = _cut(_plain(card.title))
    return {"title": title, "content": _cut("  \n".join(line for line in lines if line)), "lastMessage": title, **shown}


def fits_template(card: Card) -> bool:
    """Tell whether the case template has a button for each of the card's choices."""
    return all(choice.key in ACTIONS for choice in card.choices)


def instance(
    card: Card, outgoing: Outgoing, template: str, robot: str, called: Mapping[str, str], *, over_http: bool
) -> Content:
    """Return the body that creates a card and delivers it. called: userid → name of whom it calls in a group."""
    data: Content = {
        "cardTemplateId": template,
        "outTrackId": card.thread,
        "cardData": {"cardParamMap": variables(card)},
        "callbackType": "HTTP" if over_http else "STREAM",
        "userIdType": 1,
        **({"callbackRouteKey": ROUTE} if over_http else {}),
    }
    space = {"supportForward": False, "notification": {"alertContent": _plain(card.title)}}
    space |= {"lastMessageI18n": {"ZH_CN": _plain(card.title)}}
    if outgoing.target.is_group:
        where = f"dtv1.card//IM_GROUP.{outgoing.target.chat_id}"
        deliver: Content = {"robotCode": robot, **({"atUserIds": dict(called)} if called else {})}
        return data | {"openSpaceId": where, "imGroupOpenSpaceModel": space, "imGroupOpenDeliverModel": deliver}
    where = f"dtv1.card//IM_ROBOT.{outgoing.target.userid}"
    deliver = {"spaceType": "IM_ROBOT", "robotCode": robot}
    return data | {"openSpaceId": where, "imRobotOpenSpaceModel": space, "imRobotOpenDeliverModel": deliver}


def update(card: Card) -> Content:
    """Return the body that changes a card that stands."""
    options = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    return {"outTrackId": card.thread, "cardData": {"cardParamMap": variables(card)}, "cardUpdateOptions": options}


def answer(card: Card) -> str:
    """Return what answers a tap: the card's new face for everybody who sees it."""
    options = {"updateCardDataByKey": True}
    response = {"cardUpdateOptions": options, "cardData": {"cardParamMap": variables(card)}, "userPrivateData": {}}
    return json.dumps({"response": response}, ensure_ascii=False)


def undelivered(body: Mapping[str, object]) -> str:
    """Return what the platform says about the first place that did not get the card, "" when all did.

    HTTP 200 alone says nothing: each place has a result of its own.
    """
    result = body.get("result")
    listed = result.get("deliverResults") if isinstance(result, dict) else None
    results = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    failed = [one for one in results if one.get("success") is not True]
    if failed or not results:
        return str(failed[0].get("errorMsg") or "未说明原因")[:160] if failed else "没有投递结果"
    return ""


def secret_of(client_secret: str) -> str:
    """Return the key with which the platform signs card callbacks over HTTP: made from the app's, never stored."""
    return hmac.digest(client_secret.encode(), b"luzhang card callback", hashlib.sha256).hex()


def links(card: Card) -> list[tuple[str, str]]:
    """Return label and address of buttons that send a word as whoever taps them."""
    spoken = [choice for choice in card.choices if choice.says][:MOST_LINKS]
    return [(_plain(c.label), f"dtmd://dingtalkclient/sendMessage?content={quote(c.says, safe='')}") for c in spoken]


def as_markdown(text: str) -> str:
    """Return a plain text of ours as markdown that shows it as it stands, line by line."""
    quiet = _SIGN_AT_START.sub(
        lambda found: found.group().replace("-", "－").replace("+", "＋").replace(".", "．"), text
    )
    return quiet.translate(_MARKDOWN).replace("\n", "  \n")


def _plain(text: str) -> str:
    return disarmed(text).replace("\n", " ").translate(_MARKDOWN)


def _cut(text: str) -> str:
    raw = text.encode()
    return text if len(raw) <= VALUE_BYTES else raw[: VALUE_BYTES - 3].decode("utf-8", "ignore") + "…"
