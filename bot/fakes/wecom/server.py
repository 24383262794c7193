"""The endpoints of the fake. Each keeps the rule that the platform page states for it.

Besides them stand two of its own, for a rehearsal by hand: GET /fake/deliveries shows what people would see,
POST /fake/messages lets somebody write to the bot or the app (see `driver.order_message`).
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from aiohttp import web

from bot.fakes.rules import Clock, Fault, Limit, Rules, SlidingLimit, wall_clock
from bot.fakes.wecom import cards, media
from bot.fakes.wecom.answers import Body, Complaint, Handler, answering, json_of, text_of, words
from bot.fakes.wecom.appchats import AppChats
from bot.fakes.wecom.contacts import Contacts
from bot.fakes.wecom.driver import Driver, order_message
from bot.fakes.wecom.gateway import PATH, Gateway
from bot.fakes.wecom.live_driver import LiveDriver
from bot.fakes.wecom.persons import Persons
from bot.fakes.wecom.posting import Posting
from bot.fakes.wecom.state import Delivery, State
from bot.platforms.wecom.settings import WecomApp, WecomBot

WEBHOOK_LIMIT = Limit(20, timedelta(minutes=1), timedelta(minutes=1))
SAMPLE_APP = WecomApp(
    corp_id="ww1234567890abcdef",
    agent_id=1000002,
    secret="sample-app-secret-of-the-loopback-fake-0001",
    token="sampleAppToken01",
    aes_key="Qw3rTy8uIoPaSdFgHjKlZxCvBnM0987654321AbCdEf",
)
SAMPLE_BOT = WecomBot(
    token="sampleBotToken01",
    aes_key="Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8Nn7Mm6L",
    bot_id="AIB01",
    names=("路长助手",),
    secret="sample-bot-secret-of-the-loopback-fake-0001",
)


class FakeWecom:
    """One corporation with a self-built app, an AI bot and group webhooks.

    webhooks: key → chat id. members: the user ids that the app reaches; None = everybody. mobiles: number → user id.
    """

    def __init__(
        self,
        *,
        app: WecomApp = SAMPLE_APP,
        bot: WecomBot = SAMPLE_BOT,
        webhooks: Mapping[str, str] | None = None,
        members: frozenset[str] | None = None,
        mobiles: Mapping[str, str] | None = None,
        clock: Clock = wall_clock,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        self.settings = (app, bot)
        self.state = State(clock)
        self.rules = Rules(clock, faults)
        self.rules.kill_token = self.state.kill_token
        self._app = app
        self._webhooks = dict(webhooks or {})
        self._members = members
        self._clock = clock
        self.contacts = Contacts(clock, mobiles or {}, members)
        self.appchats = AppChats(clock, members)
        self._webhook_limit = SlidingLimit(WEBHOOK_LIMIT, clock)
        self.gateway = Gateway(self.state, bot, self.rules, clock)
        self.refuses_cards = 0  # code with which cards are refused
        self._posting = Posting(self.state, clock)
        agent, refuses = app.agent_id, lambda: self.refuses_cards
        self._persons = Persons(self.state, self._posting, clock, agent, members, refuses)

    @property
    def deliveries(self) -> list[Delivery]:
        """Return what people see, oldest first."""
        return self.state.deliveries

    def driver(self, base: str, *, bot_url: str = "", app_url: str = "") -> Driver:
        """Return a hand that writes to our callbacks. base: where this fake listens."""
        return Driver(self.state, *self.settings, base, bot_url=bot_url, app_url=app_url)

    def live_driver(self, base: str) -> LiveDriver:
        """Return a hand that writes to the bot over the long connection. base: where this fake listens."""
        return LiveDriver(self.state, *self.settings, base, gateway=self.gateway)

    def app(self) -> web.Application:
        """Return a new application that serves this fake."""
        app = web.Application(middlewares=[self.rules.middleware], client_max_size=24 << 20)
        app.router.add_routes(
            [
                web.get("/cgi-bin/gettoken", answering(self._gettoken)),
                web.get("/cgi-bin/agent/get", answering(self._agent)),
                web.get("/cgi-bin/user/get", answering(self._user)),
                web.post("/cgi-bin/user/getuserid", self._authorised(self.contacts.by_mobile)),
                web.post("/cgi-bin/appchat/create", self._authorised(self.appchats.create)),
                web.get("/cgi-bin/appchat/get", answering(self._app_chat)),
                web.post("/cgi-bin/appchat/send", self._authorised(self._send_to_app_chat)),
                web.get("/cgi-bin/media/get", self._media),
                web.get("/media/{name}", self._link),
                web.post("/cgi-bin/media/upload", answering(self._upload_for_app)),
                web.post("/cgi-bin/webhook/upload_media", answering(self._upload_for_webhook)),
                web.post("/cgi-bin/message/send", self._authorised(self._persons.send)),
                web.post("/cgi-bin/message/update_template_card", self._authorised(self._persons.update_card)),
                web.post("/cgi-bin/webhook/send", answering(self._send_by_webhook)),
                web.post("/cgi-bin/aibot/response", answering(self._reply)),
                web.get(PATH, self.gateway.handle),
                web.get("/fake/deliveries", self._show_deliveries),
                web.post("/fake/messages", self._order_message),
            ]
        )
        return app

    async def _gettoken(self, request: web.Request) -> Body:
        if request.query.get("corpid", "") != self._app.corp_id:
            raise Complaint(40013, "invalid corpid")
        if request.query.get("corpsecret", "") != self._app.secret:
            raise Complaint(40001, f"invalid credential {request.query.get('corpsecret')}")
        token, life = self.state.token()
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": life}

    async def _agent(self, request: web.Request) -> Body:
        if code := self.state.token_code(request.query.get("access_token", "")):
            raise Complaint(code)
        if request.query.get("agentid") != str(self._app.agent_id):
            raise Complaint(301002)
        users = [{"userid": userid} for userid in sorted(self._members or ())]
        return {
            "errcode": 0,
            "errmsg": "ok",
            "agentid": self._app.agent_id,
            "allow_userinfos": {"user": users},
            "allow_partys": {"partyid": [1] if self._members is None else []},
            "allow_tags": {"tagid": []},
            "close": 0,
        }

    def _authorised(self, act: Callable[[Body], Body]) -> Handler:
        """Return an endpoint that takes a body and asks for the app's token first."""

        async def endpoint(request: web.Request) -> Body:
            token = request.query.get("access_token", "")
            if code := self.state.token_code(token):
                raise Complaint(code, f"access_token {token}")
            return act(await json_of(request))

        return answering(endpoint)

    async def _user(self, request: web.Request) -> Body:
        if code := self.state.token_code(request.query.get("access_token", "")):
            raise Complaint(code)
        return self.contacts.member(request.query.get("userid", ""))

    async def _app_chat(self, request: web.Request) -> Body:
        if code := self.state.token_code(request.query.get("access_token", "")):
            raise Complaint(code)
        return self.appchats.get(request.query.get("chatid", ""))

    def _send_to_app_chat(self, body: Body) -> Body:
        chat_id = text_of(body, "chatid")
        readers = self.appchats.readers(chat_id)
        attached = self._posting.attached("app", body, is_webhook=False)
        msgtype, content = (str(body["msgtype"]), attached.text) if attached else words(body, "appchat")
        holder = body.get(msgtype)
        listed = holder.get("mentioned_list", ()) if isinstance(holder, dict) else ()
        called = listed if isinstance(listed, list) else ()
        self._posting.deliver("appchat", msgtype, content, chat_id, userids=readers, listed=called, attached=attached)
        return {"errcode": 0, "errmsg": "ok", "msgid": secrets.token_hex(16)}

    async def _media(self, request: web.Request) -> web.Response:
        code = self.state.token_code(request.query.get("access_token", ""))
        data = self.state.file(request.query.get("media_id", ""))
        if code or data is None:
            return web.json_response({"errcode": code or 40007, "errmsg": "invalid media_id"})
        headers = {"Content-Disposition": 'attachment; filename="photo.jpg"'}
        return web.Response(body=data, content_type="image/jpeg", headers=headers)

    async def _link(self, request: web.Request) -> web.Response:
        data = self.state.file(request.match_info["name"])
        if data is None:
            return web.Response(status=403, text="<Error><Code>AccessDenied</Code></Error>")
        return web.Response(body=data, content_type="application/octet-stream")

    async def _upload_for_app(self, request: web.Request) -> Body:
        if code := self.state.token_code(request.query.get("access_token", "")):
            raise Complaint(code)
        return await media.keep_upload(self.state, request, "app", ("image", "voice", "video", "file"))

    async def _upload_for_webhook(self, request: web.Request) -> Body:
        key = request.query.get("key", "")
        if key not in self._webhooks:
            raise Complaint(93000, f"invalid webhook url, key {key}")
        return await media.keep_upload(self.state, request, key, ("file", "voice"))

    async def _send_by_webhook(self, request: web.Request) -> Body:
        key = request.query.get("key", "")
        chat_id = self._webhooks.get(key)
        if chat_id is None:
            raise Complaint(93000, f"invalid webhook url, key {key}")
        body = await json_of(request)
        if not self._webhook_limit.take(key):
            raise Complaint(45009, "api freq out of limit")
        if attached := self._posting.attached(key, body, is_webhook=True):
            self._posting.deliver("webhook", str(body["msgtype"]), attached.text, chat_id, attached=attached)
            return {"errcode": 0, "errmsg": "ok"}
        msgtype, content = words(body, "webhook")
        holder = body.get(msgtype)
        listed = holder.get("mentioned_list", ()) if isinstance(holder, dict) else ()
        self._posting.deliver("webhook", msgtype, content, chat_id, listed=listed if isinstance(listed, list) else ())
        return {"errcode": 0, "errmsg": "ok"}

    async def _reply(self, request: web.Request) -> Body:
        address = self.state.replies.get(request.query.get("response_code", ""))
        if address is None or address.is_used or self._clock() >= address.until:
            raise Complaint(40029, "response_code used or expired")
        body = await json_of(request)
        people = () if address.chat_id else (address.userid,)
        if body.get("msgtype") == "template_card":
            card = body.get("template_card")
            if problem := self.refuses_cards or self.state.bot_cards.problem(card):
                raise Complaint(problem)
            address.is_used = True
            said = cards.shown(card)
            post = Delivery(self._clock(), "card", cards.text_of(card), address.chat_id, people, raw=said)
            self.deliveries.append(post)
            return {"errcode": 0, "errmsg": "ok"}
        msgtype, content = words(body, "reply")
        address.is_used = True
        self._posting.deliver("reply", msgtype, content, address.chat_id, userids=people)
        return {"errcode": 0, "errmsg": "ok"}

    async def _show_deliveries(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(post) for post in self.deliveries], dumps=_dumps)

    async def _order_message(self, request: web.Request) -> web.Response:
        base = str(request.url.origin())

        def hand(url: str) -> Driver:
            return self.driver(base, bot_url=url, app_url=url)

        return await order_message(await request.read(), hand, self.live_driver(base))


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_shown)


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
