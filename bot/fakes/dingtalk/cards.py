"""The card interfaces of the fake: create and deliver, change in place, where taps go over HTTP."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.fakes.dingtalk.state import Delivery, State

KEY_BYTES, VALUE_BYTES = 100, 1_024

Body = Mapping[str, object]


class CardRefused(Exception):
    """An answer other than success: the status, the code, and the scope that lacks."""

    def __init__(self, status: int, code: str, scope: str = "") -> None:
        super().__init__(code)
        detail = {"accessdenieddetail": {"requiredScopes": [scope]}} if scope else {}
        self.status = status
        self.body: Body = {"code": code, "message": "refused", "requestid": secrets.token_hex(8), **detail}


@dataclass(slots=True)
class Shown:
    """One card: where it stands and its variables."""

    chat_id: str
    userid: str
    variables: dict[str, str]
    over_http: bool


@dataclass(slots=True)
class Cards:
    """The cards of one app. template: the one that was published; is_permitted: the app has Card.Instance.Write."""

    state: State
    template: str = "case.schema"
    is_permitted: bool = True
    undelivered: str = ""  # what every delivery fails with, behind HTTP 200
    route: tuple[str, str] | None = None  # address and key of taps over HTTP
    shown: dict[str, Shown] = field(default_factory=dict)

    def create(self, body: Body, knows_group: Callable[[str], bool]) -> Body:
        """Create a card and deliver it to one place. Raises CardRefused."""
        self._check()
        if body.get("cardTemplateId") != self.template:
            raise CardRefused(400, "param.templateNotExist")
        name, space = str(body.get("outTrackId", "")), str(body.get("openSpaceId", ""))
        if not name:
            raise CardRefused(400, "param.outTrackIdEmpty")
        if name in self.shown:
            raise CardRefused(400, "param.cardAlreadyExist")
        over_http = body.get("callbackType") == "HTTP"
        if over_http and self.route is None:
            raise CardRefused(400, "param.callbackRouteKeyNotExist")
        group, person = space.removeprefix("dtv1.card//IM_GROUP."), space.removeprefix("dtv1.card//IM_ROBOT.")
        is_group = group != space
        if (is_group and not knows_group(group)) or (not is_group and person == space):
            raise CardRefused(400, "param.openSpaceIdInvalid")
        variables = _variables(body)
        result: dict[str, object] = {
            "spaceType": "IM_GROUP" if is_group else "IM_ROBOT",
            "spaceId": group if is_group else person,
        }
        result |= {"success": not self.undelivered, "errorMsg": self.undelivered, "carrierId": secrets.token_hex(8)}
        if not self.undelivered:
            self.shown[name] = Shown(group if is_group else "", "" if is_group else person, variables, over_http)
            self._note("card", name)
        return {"success": True, "result": {"outTrackId": name, "deliverResults": [result]}}

    def change(self, body: Body) -> Body:
        """Change a card where it stands. Raises CardRefused."""
        self._check()
        name = str(body.get("outTrackId", ""))
        if name not in self.shown:
            raise CardRefused(400, "param.cardNotExist")
        options = body.get("cardUpdateOptions")
        self.redraw(
            name, _variables(body), merge=isinstance(options, dict) and options.get("updateCardDataByKey") is True
        )
        return {"success": True, "result": True}

    def redraw(self, name: str, variables: dict[str, str], *, merge: bool) -> None:
        """Show other variables; without `merge` the earlier ones are gone."""
        card = self.shown[name]
        card.variables = card.variables | variables if merge else variables
        self._note("update", name)

    def register(self, body: Body) -> Body:
        """Note where taps go over HTTP."""
        self.route = (str(body.get("callbackUrl", "")), str(body.get("apiSecret", "")))
        return {"success": True, "result": True}

    def _check(self) -> None:
        if not self.is_permitted:
            raise CardRefused(403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", "Card.Instance.Write")

    def _note(self, way: str, name: str) -> None:
        card = self.shown[name]
        people = (card.userid,) if card.userid else ()
        text = f"{card.variables.get('title', '')}\n{card.variables.get('content', '')}"
        post = Delivery(self.state.clock(), way, text, card.chat_id, people, message_id=name)
        self.state.deliveries.append(post)


def _variables(body: Body) -> dict[str, str]:
    data = body.get("cardData")
    held = data.get("cardParamMap") if isinstance(data, dict) else None
    if not isinstance(held, dict) or not all(isinstance(v, str) for v in held.values()):
        raise CardRefused(400, "param.cardParamMapInvalid")
    if any(len(str(k).encode()) > KEY_BYTES or len(v.encode()) > VALUE_BYTES for k, v in held.items()):
        raise CardRefused(400, "param.cardParamMapTooLong")
    return {str(k): v for k, v in held.items()}
