"""The endpoints of the fake. Each keeps the rule that the platform page states for it.

Besides them stand two of its own, for a rehearsal by hand: GET /fake/deliveries shows what people would see,
POST /fake/messages lets somebody write to the bot (see `driver.order_message`).
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from aiohttp import web

from bot.fakes.dingtalk.answers import (
    OK,
    Body,
    Complaint,
    answering,
    api_complaint,
    errcode,
    json_of,
    text_of,
)
from bot.fakes.dingtalk.cards import CardRefused, Cards
from bot.fakes.dingtalk.driver import order_message
from bot.fakes.dingtalk.gateway import Gateway, Timing
from bot.fakes.dingtalk.state import Delivery, FakeGroupRobot, FakeRobot, State
from bot.fakes.dingtalk.webhooks import Webhooks
from bot.fakes.forms import file_in
from bot.fakes.rules import Clock, Fault, Limit, Rules, SlidingLimit, wall_clock

PER_SECOND = Limit(20, timedelta(seconds=1))
MSG_PARAM_BYTES = 15_000
MSG_KEYS = frozenset(
    {"sampleText", "sampleMarkdown", "sampleImageMsg", "sampleLink", "sampleActionCard", "sampleFile"}
    | {f"sampleActionCard{count}" for count in range(2, 7)}
)
MAX_RECEIVERS = 20
UPLOADS: Mapping[str, int] = {"image": 20 << 20, "voice": 2 << 20, "video": 20 << 20, "file": 20 << 20}
FILE_TYPES = frozenset({"xlsx", "pdf", "zip", "rar", "doc", "docx"})


class FakeDingtalk:
    """One app robot, its groups' webhook robots (token → robot) and the people who read."""

    def __init__(
        self,
        robot: FakeRobot | None = None,
        group_robots: Mapping[str, FakeGroupRobot] | None = None,
        *,
        clock: Clock = wall_clock,
        faults: tuple[Fault, ...] = (),
        timing: Timing = Timing(),  # noqa: B008 - frozen
    ) -> None:
        self.robot = robot or FakeRobot()
        self.state = State(clock)
        self.rules = Rules(clock, faults)
        self.rules.kill_token = self.state.kill_tokens
        self.gateway = Gateway(self.robot, clock, self.rules, timing)
        self.cards = Cards(self.state)
        self._clock = clock
        self._webhooks = Webhooks(self.state, group_robots or {}, clock, self._deliver)
        self._api_limit = SlidingLimit(PER_SECOND, clock)

    @property
    def deliveries(self) -> list[Delivery]:
        """Return what people see, oldest first."""
        return self.state.deliveries

    def app(self) -> web.Application:
        """Return a new application that serves this fake."""
        app = web.Application(middlewares=[self.rules.middleware], client_max_size=24 << 20)
        app.router.add_routes(
            [
                web.post("/v1.0/oauth2/accessToken", answering(self._access_token)),
                web.get("/gettoken", answering(self._legacy_token)),
                web.post("/v1.0/robot/messageFiles/download", answering(self._download)),
                web.get("/file/{name}", self._file),
                web.post("/v1.0/card/instances/createAndDeliver", answering(self._create_card)),
                web.put("/v1.0/card/instances", answering(self._change_card)),
                web.post("/v1.0/card/callbacks/register", answering(self._register_cards)),
                web.post("/media/upload", answering(self._upload)),
                web.post("/topapi/v2/user/getbymobile", answering(self._by_mobile)),
                web.post("/robot/sendBySession", answering(self._webhooks.by_session)),
                web.post("/robot/send", answering(self._webhooks.by_group)),
                web.post("/v1.0/robot/groupMessages/send", answering(self._send_to_group)),
                web.post("/v1.0/robot/oToMessages/batchSend", answering(self._send_to_people)),
                web.post("/v1.0/robot/ding/send", answering(self._ding)),
                web.get("/fake/deliveries", self._show_deliveries),
                web.post("/fake/messages", self._order_message),
                *self.gateway.routes(),
            ]
        )
        app.on_shutdown.append(self.gateway.close)
        return app

    async def _access_token(self, request: web.Request) -> Body:
        body = await json_of(request)
        if not self._is_app(text_of(body, "appKey"), text_of(body, "appSecret")):
            raise api_complaint(400, "invalidClientIdOrSecret", f"appSecret {text_of(body, 'appSecret')}")
        token, life = self.state.token()
        return {"accessToken": token, "expireIn": life}

    async def _legacy_token(self, request: web.Request) -> Body:
        if not self._is_app(request.query.get("appkey", ""), request.query.get("appsecret", "")):
            raise errcode(40089, "invalid appkey or appsecret")
        token, life = self.state.token()
        return {**OK, "access_token": token, "expires_in": life}

    def _is_app(self, client_id: str, client_secret: str) -> bool:
        return client_id == self.robot.client_id and client_secret == self.robot.client_secret

    async def _download(self, request: web.Request) -> Body:
        body = await self._metered(request)
        link = self.state.link(text_of(body, "downloadCode"))
        if link is None:
            raise api_complaint(400, "invalidParameter.robotCode.downloadCode")
        name, end = link
        here = f"{request.url.origin()}/file/{name}?Expires={int(end.timestamp())}"
        return {"downloadUrl": here if self.state.storage is None else self.state.storage}

    async def _upload(self, request: web.Request) -> Body:
        if not self.state.knows_token(request.query.get("access_token", "")):
            raise errcode(40014, "不合法的access_token")
        kind = request.query.get("type", "")
        name, data = await file_in(request)
        if kind not in UPLOADS or not name or not data:
            raise errcode(40035, "invalid parameter")
        if len(data) > UPLOADS[kind]:
            raise errcode(45001, "media too large")
        media_id = f"@l{secrets.token_hex(12)}"
        self.state.uploads[media_id] = (kind, data)
        stamp = int(self._clock().timestamp() * 1000)
        return {**OK, "type": kind, "media_id": media_id, "created_at": stamp}

    async def _by_mobile(self, request: web.Request) -> Body:
        if not self.state.knows_token(request.query.get("access_token", "")):
            raise errcode(40014, "不合法的access_token")
        if (scope := "qyapi_get_member_by_mobile") in self.robot.lacks:
            raise Complaint(200, {"errcode": 88, "errmsg": "ding talk error", "sub_code": "60011", "sub_msg": scope})
        number = text_of(await json_of(request), "mobile")
        if not number:
            raise errcode(400002, "参数错误")
        if not number.removeprefix("+").isdecimal():
            raise errcode(40104, "无效的手机号码")
        if (userid := self.robot.mobiles.get(number)) is None:
            raise errcode(60121, f"找不到该用户 {number}")
        return {**OK, "result": {"userid": userid}, "request_id": secrets.token_hex(6)}

    async def _file(self, request: web.Request) -> web.Response:
        data = self.state.file(request.match_info["name"])
        if data is None:
            return web.Response(status=403, text="<Error><Code>AccessDenied</Code></Error>")
        return web.Response(body=data, content_type="application/octet-stream")

    async def _send_to_group(self, request: web.Request) -> Body:
        body = await self._metered(request)
        chat_id, (text, attached) = text_of(body, "openConversationId"), self._message(body)
        if not chat_id or (self.robot.groups is not None and chat_id not in self.robot.groups):
            raise api_complaint(400, "invalid.openConversationId")
        return {"processQueryKey": self._deliver("openapi", text, chat_id, attached=attached)}

    async def _send_to_people(self, request: web.Request) -> Body:
        body = await self._metered(request)
        (text, attached), asked = self._message(body), body.get("userIds")
        if not isinstance(asked, list) or not 1 <= len(asked) <= MAX_RECEIVERS:
            raise api_complaint(400, "miss.userIds")
        staff, robot = self.robot.staff, self.robot
        lists = {
            "invalidStaffIdList": [user for user in asked if staff is not None and user not in staff],
            "flowControlledStaffIdList": [user for user in asked if user in robot.flow_controlled],
            "filteredStaffIdList": [user for user in asked if user in robot.filtered],
        }
        lost = {user for users in lists.values() for user in users}
        reached = tuple(str(user) for user in asked if user not in lost)
        key = self._deliver("private", text, "", reached, attached=attached) if reached else secrets.token_hex(8)
        return {"processQueryKey": key, **lists}

    async def _ding(self, request: web.Request) -> Body:
        body = await self._metered(request)
        asked, text = body.get("receiverUserIdList"), text_of(body, "content")
        if body.get("remindType") not in (1, 2, 3) or not text:
            raise api_complaint(400, "invalidParameter.remindType")
        if not isinstance(asked, list) or not 1 <= len(asked) <= (200 if body["remindType"] == 1 else 20):
            raise api_complaint(400, "ding.receivercount.limit")
        unknown = [user for user in asked if self.robot.staff is not None and user not in self.robot.staff]
        reached = tuple(str(user) for user in asked if user not in unknown)
        key = self._deliver("ding", text, "", reached) if reached else secrets.token_hex(8)
        return {"openDingId": key, "failedList": {"staffId.notExisted": unknown} if unknown else {}}

    async def _create_card(self, request: web.Request) -> Body:
        body = await self._called(request)
        groups = self.robot.groups
        return self._card(lambda: self.cards.create(body, lambda chat: groups is None or chat in groups))

    async def _change_card(self, request: web.Request) -> Body:
        body = await self._called(request)
        return self._card(lambda: self.cards.change(body))

    async def _register_cards(self, request: web.Request) -> Body:
        return self.cards.register(await self._called(request))

    @staticmethod
    def _card(act: Callable[[], Body]) -> Body:
        try:
            return act()
        except CardRefused as refused:
            raise Complaint(refused.status, refused.body) from refused

    async def _metered(self, request: web.Request) -> Body:
        """Check token, speed, month and robot of an OpenAPI call; return its body."""
        body = await self._called(request)
        if text_of(body, "robotCode") != self.robot.robot_code:
            raise api_complaint(400, "invalidParameter.robotCode.auth")
        return body

    async def _called(self, request: web.Request) -> Body:
        """Check token, speed and month of an OpenAPI call; return its body."""
        token = request.headers.get("x-acs-dingtalk-access-token", "")
        if not self.state.knows_token(token):
            raise api_complaint(400, "InvalidAuthentication", f"不合法的access_token {token}")
        if not self._api_limit.take(request.path):
            raise api_complaint(403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")
        if self.state.count_call() > self.robot.monthly_calls:
            raise api_complaint(403, "Forbidden.AccessDenied.ApiCountLimitForOrg")
        return await json_of(request)

    def _message(self, body: Body) -> tuple[str, str]:
        """Return the words of an OpenAPI message, and the fingerprint of what it shows."""
        param = _param(body)
        key = text_of(body, "msgKey")
        if key not in ("sampleImageMsg", "sampleFile"):
            text = text_of(param, "content") or text_of(param, "text")
            if not text:
                raise api_complaint(400, "msgParam.invalid")
            return text, ""
        kind, data = self.state.uploads.get(text_of(param, "photoURL") or text_of(param, "mediaId"), ("", b""))
        is_file = key == "sampleFile"
        if kind != ("file" if is_file else "image") or (is_file and text_of(param, "fileType") not in FILE_TYPES):
            raise api_complaint(400, "msgParam.invalid")
        return f"[文件]{text_of(param, 'fileName')}" if is_file else "[图片]", hashlib.sha256(data).hexdigest()

    def _deliver(
        self,
        way: str,
        text: str,
        chat_id: str = "",
        userids: tuple[str, ...] = (),
        mentions: tuple[str, ...] = (),
        attached: str = "",
    ) -> str:
        message_id = secrets.token_hex(8)
        self.deliveries.append(Delivery(self._clock(), way, text, chat_id, userids, mentions, message_id, attached))
        return message_id

    async def _show_deliveries(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(post) for post in self.deliveries], dumps=_dumps)

    async def _order_message(self, request: web.Request) -> web.Response:
        return await order_message(
            self.state, self.robot, str(request.url.origin()), await request.read(), self.gateway
        )


def _param(body: Body) -> Body:
    """Return the parameters of an OpenAPI message."""
    if text_of(body, "msgKey") not in MSG_KEYS:
        raise api_complaint(400, "invalidParameter.msgKey.notExist")
    raw = text_of(body, "msgParam")
    if len(raw.encode()) > MSG_PARAM_BYTES:
        raise api_complaint(400, "msgParam.tooLong")
    try:
        param = json.loads(raw)
    except ValueError:
        param = None
    if not isinstance(param, dict):
        raise api_complaint(400, "msgParam.invalid")
    return param


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_shown)


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
