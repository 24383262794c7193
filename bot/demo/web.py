"""The demo's HTTP side, on loopback only: the page, a JSON interface, and one stream of changes.

Nothing is loaded from elsewhere (the content security policy forbids it), and a request that names another host or
comes from another site is refused, so that no foreign page can speak to the demo behind the user's back.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import web

from bot.demo import board, cast, pictures
from bot.demo.session import Session
from bot.demo.stage import WORN, Utterance
from bot.demo.tales import TALES
from bot.demo.trace import KEPT
from domain.errors import LuzhangError
from domain.messages import Capabilities, Photo
from media.header import PhotoRefused, read_header
from media.photos import MAX_BYTES

STATIC = Path(__file__).parent / "static"
TYPES: Mapping[str, str] = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
PUBLIC_PX = 1_280
SESSION = web.AppKey("session", Session)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(session: Session) -> web.Application:
    """Return the application; the session is opened and closed by the caller."""
    app = web.Application(middlewares=[_guard], client_max_size=MAX_BYTES + 1)
    app[SESSION] = session
    app.add_routes(
        [
            web.get("/", _page),
            web.get("/static/{name}", _asset),
            web.get("/api/state", _state),
            web.get("/api/events", _events),
            web.get("/api/case/{number}", _case),
            web.get("/api/gallery/{key}", _scene),
            web.get("/api/upload/{name}", _upload),
            web.get("/api/media/{name}", _media),
            web.get("/api/public/{name}", _public),
            web.get("/api/numbered/{name}", _numbered),
            web.get("/api/file/{name}", _document),
            web.get("/api/paste", _paste),
            web.post("/api/photo", _take_photo),
            web.post("/api/say", _say),
            web.post("/api/tap", _tap),
            web.post("/api/clock", _clock),
            web.post("/api/platform", _platform),
            web.post("/api/story", _story),
            web.post("/api/reset", _reset),
        ]
    )
    app.on_shutdown.append(_end_streams)
    return app


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what does not come from our own page; turn refusals into Chinese."""
    origin = request.headers.get("Origin")
    host = urlsplit(f"//{request.host}").hostname
    is_foreign = host not in LOCAL or (origin is not None and urlsplit(origin).netloc != request.host)
    if is_foreign:
        return _refused(403, "只能从本机打开模拟环境。")
    try:
        response = await handler(request)
    except LuzhangError as error:
        return _refused(400, error.text)
    except web.HTTPException as error:
        error.headers.update(HEADERS)
        raise
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


def _refused(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status, headers=HEADERS)


async def _end_streams(app: web.Application) -> None:
    app[SESSION].feed.close()


async def _page(request: web.Request) -> web.StreamResponse:
    return _file("index.html")


async def _asset(request: web.Request) -> web.StreamResponse:
    return _file(request.match_info["name"])


def _file(name: str) -> web.StreamResponse:
    path = STATIC / name
    if path.parent != STATIC or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Content-Type": f"{TYPES[path.suffix]}; charset=utf-8"})


async def _state(request: web.Request) -> web.StreamResponse:
    """Return everything the page needs to draw itself."""
    session = request.app[SESSION]
    stage = session.stage
    return web.json_response(
        {
            "bot": stage.rules.bot_name,
            "clock": stage.clock_json(),
            "busy": session.is_busy,
            "platform": stage.platform.worn.platform,
            "platforms": [_capabilities(worn) for worn in WORN.values()],
            "chats": cast.groups(),
            "people": cast.people(stage.roster, stage.rules.day(stage.now)),
            "gallery": [{"key": s.key, "title": s.title, "place": s.pair} for s in pictures.SCENES],
            "entries": stage.entries_json(),
            "cases": await board.cases(stage.store, stage.rules, stage.now),
            "trace": stage.trace.lines[-KEPT:],
            "story": session.story.as_json(),
            "tales": [
                {"key": tale.key, "title": tale.title, "start": tale.start_text, "ending": tale.ending}
                for tale in TALES.values()
            ],
        }
    )


def _capabilities(worn: Capabilities) -> dict[str, Any]:
    """Return a platform's capabilities, the very ones the sender uses."""
    return {
        "platform": worn.platform,
        "title": worn.title,
        "group_inbound": sorted(worn.group_inbound),
        "private_inbound": sorted(worn.private_inbound),
        "mention_needed": worn.mention_needed,
        "quote_brings_photo": worn.quote_brings_photo,
        "buttons": worn.buttons,
        "edits": worn.edits,
        "unseen": dict(worn.unseen),
    }


async def _events(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    session = request.app[SESSION]
    changes = session.feed.read()
    # what came between the page's first look and this stream shows in the number of bubbles
    hello = json.dumps({"kind": "hello", "data": {"entries": session.bubbles}})
    try:
        await response.write(f"data: {hello}\n\n".encode())
        async for line in changes:
            await response.write(f"data: {line}\n\n".encode())
    except ConnectionResetError:
        pass  # the page was closed
    return response


async def _case(request: web.Request) -> web.StreamResponse:
    stage = request.app[SESSION].stage
    return web.json_response({"events": await board.timeline(stage.store, stage.rules, request.match_info["number"])})


async def _scene(request: web.Request) -> web.StreamResponse:
    image = request.app[SESSION].gallery.get(request.match_info["key"])
    if image is None:
        raise web.HTTPNotFound
    return web.Response(body=pictures.jpeg(image), content_type="image/jpeg")


async def _upload(request: web.Request) -> web.StreamResponse:
    data = request.app[SESSION].stage.platform.uploads.get(request.match_info["name"])
    if data is None:
        raise web.HTTPNotFound
    return web.Response(body=data, content_type=_type_of(data))


async def _media(request: web.Request) -> web.StreamResponse:
    media = request.app[SESSION].stage.photos
    data = await cast.kept_photo(media, request.match_info["name"])
    if data is None:
        raise web.HTTPNotFound
    return web.Response(body=data, content_type=_type_of(data))


async def _numbered(request: web.Request) -> web.StreamResponse:
    """Return a picture as it would leave, its parts numbered: what a post of that look shows."""
    return await _copy(request, request.app[SESSION].stage.copies.numbered)


async def _public(request: web.Request) -> web.StreamResponse:
    """Return the copy of a case's picture that would leave the work group, or why none leaves."""
    return await _copy(request, request.app[SESSION].stage.copies.thumbnail)


async def _copy(request: web.Request, draw: Callable[[Photo, int], Awaitable[bytes]]) -> web.StreamResponse:
    sha256, _, ext = request.match_info["name"].partition(".")
    try:
        data = await draw(Photo(sha256, ext, 0), PUBLIC_PX)
    except (ValueError, KeyError):
        raise web.HTTPNotFound from None
    return web.Response(body=data, content_type="image/jpeg")


async def _document(request: web.Request) -> web.StreamResponse:
    """Return a file of a post under the name that people see."""
    stage = request.app[SESSION].stage
    document = stage.chats.document(request.match_info["name"])
    if document is None:
        raise web.HTTPNotFound
    try:
        data = await stage.photos.read(document)
    except FileNotFoundError:
        raise web.HTTPNotFound from None
    named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.title)}"}
    return web.Response(body=data, content_type="application/octet-stream", headers=named)


async def _paste(request: web.Request) -> web.StreamResponse:
    """Return the open cases as a text to paste elsewhere."""
    stage = request.app[SESSION].stage
    return web.json_response({"text": await board.paste(stage.store, stage.rules, stage.now)})


def _type_of(data: bytes) -> str:
    try:
        ext = read_header(data).ext
    except PhotoRefused:
        return "application/octet-stream"
    return "image/jpeg" if ext == "jpg" else f"image/{ext}"


async def _take_photo(request: web.Request) -> web.StreamResponse:
    """Take one picture as the request's body; the bot, not the edge, says what is wrong with it."""
    data = await request.read()
    name = request.app[SESSION].stage.upload(data)
    return web.json_response({"name": name, "url": f"/api/upload/{name}"})


async def _body(request: web.Request) -> Mapping[str, Any]:
    if request.content_type != "application/json":
        raise LuzhangError("请求格式有误。")
    try:
        body = await request.json()
    except ValueError as error:
        raise LuzhangError("请求格式有误。") from error
    if not isinstance(body, dict):
        raise LuzhangError("请求格式有误。")
    return body


async def _say(request: web.Request) -> web.StreamResponse:
    body = await _body(request)
    photos, quote = body.get("photos", []), body.get("quote", 0)
    if not isinstance(photos, list) or not isinstance(quote, int):
        raise LuzhangError("请求格式有误。")
    utterance = Utterance(
        chat=str(body.get("chat", "")),
        sender=str(body.get("sender", "")),
        text=str(body.get("text", "")),
        photos=tuple(str(name) for name in photos),
        quote=quote,
        mentions_bot=bool(body.get("mentions", True)),
    )
    entry = await request.app[SESSION].stage.say(utterance)
    return web.json_response({"number": entry.number, "withheld": entry.withheld})


async def _tap(request: web.Request) -> web.StreamResponse:
    body = await _body(request)
    number = body.get("number")
    if not isinstance(number, int):
        raise LuzhangError("请求格式有误。")
    await request.app[SESSION].stage.tap(number, str(body.get("sender", "")), str(body.get("key", "")))
    return web.json_response({})


async def _clock(request: web.Request) -> web.StreamResponse:
    body = await _body(request)
    session = request.app[SESSION]
    if body.get("to") == "stop":
        await session.stop()
    else:
        session.move(str(body.get("to", "")))
    return web.json_response({})


async def _platform(request: web.Request) -> web.StreamResponse:
    body = await _body(request)
    await request.app[SESSION].stage.wear(str(body.get("platform", "")))
    return web.json_response({})


async def _story(request: web.Request) -> web.StreamResponse:
    body = await _body(request)
    session, action = request.app[SESSION], body.get("action")
    pace = body.get("pace", session.story.pace)
    if action == "start" and isinstance(pace, int | float):
        await session.tell(float(pace), str(body.get("tale", session.story.tale.key)))
    elif action == "pause":
        session.pause()
    elif action == "resume":
        session.resume()
    elif action == "stop":
        await session.stop()
    else:
        raise LuzhangError("请求格式有误。")
    return web.json_response({})


async def _reset(request: web.Request) -> web.StreamResponse:
    await request.app[SESSION].reset()
    return web.json_response({})
