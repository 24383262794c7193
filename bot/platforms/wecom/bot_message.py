"""From the AI bot's decrypted JSON to an Incoming.

In a group only messages that name the bot arrive, as text, as pictures and text in one (图文混排), or quoting another
message; pictures, voice, files and videos by themselves come from private chats alone. Nobody is listed as mentioned:
the bot's own name stands in the text and is taken out by its configured names. Platform pages: receiving messages,
receiving events.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from bot.platforms.wecom.cards import chosen
from bot.platforms.wecom.fields import clean, event_id, inner, instant
from domain.messages import Incoming, Kind, PhotoRef, Quote, ReplyHandle

CHANNEL = "wecom.bot"
REPLY_LIFE = timedelta(hours=1)  # a response_url works once within an hour
LINE_REPLY_LIFE = timedelta(hours=24)  # a req_id of the long connection, while that connection lives
WELCOME_LIFE = timedelta(seconds=5)  # to greet whoever enters
LINE = "luzhang_line"  # key under which a payload from the long connection notes how it came
ITEMS_CAP = 50  # items of one mixed message that are read
SINGLE_KINDS: Mapping[str, Kind] = {"voice": Kind.VOICE, "file": Kind.FILE, "video": Kind.VIDEO}


def name_pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds the bot's own name in a text, with the blanks behind it (also U+2005); None without names."""
    longest_first = sorted((name for name in names if name), key=len, reverse=True)
    if not longest_first:
        return None
    return re.compile(f"[@＠](?:{'|'.join(map(re.escape, longest_first))})[^\\S\\n]*", re.IGNORECASE)


def message_id(message: Mapping[str, object]) -> str | None:
    """Return the id to store a message under, "" for one that needs no storing, None when there is none.

    A stream poll is a question of the platform, not a message. An event without an id gets one of its own.
    """
    if message.get("msgtype") == "stream":
        return ""
    if named := clean(message.get("msgid")):
        return named
    sender = _sender(message)
    if message.get("msgtype") != "event" or not sender:
        return None
    event = inner(message, "event")
    keys = (clean(message.get("chatid")), _card(event, "event_key"), _card(event, "task_id"))
    return event_id(sender, str(message.get("create_time", "")), clean(event.get("eventtype")), *keys)


def with_line(frame: str, connection: str) -> str:
    """Return the payload to store of a message that came over the long connection: its frame, with the connection's id.

    A frame stays as it came, since a line must be read fast; only escaped characters are written out, so that a search
    for a person finds them.
    """
    text = _written_out(frame) if "\\u" in frame else frame
    return f'{text[:-1]},"{LINE}":"{connection}"}}'


def _written_out(frame: str) -> str:
    written = json.dumps(json.loads(frame), ensure_ascii=False)
    return written.encode(errors="replace").decode()  # halves of surrogate pairs can't be stored


def is_entering(message: Mapping[str, object]) -> bool:
    """Tell whether somebody opens the private chat with the bot for the first time today."""
    return message.get("msgtype") == "event" and inner(message, "event").get("eventtype") == "enter_chat"


def parse(payload: str, received_at: datetime, names: re.Pattern[str] | None) -> Incoming:
    """Turn a decrypted payload into an Incoming. Raises ValueError when it is no message of a person."""
    message = _document(payload)
    sender, named = _sender(message), message_id(message)
    if not sender or named is None:
        raise ValueError("an AI-bot message without sender or id")
    is_group = message.get("chattype") == "group"
    chat_id = clean(message.get("chatid")) if is_group else sender
    if not chat_id:
        raise ValueError("a group message without its group")
    kind, text, photos = _content(message, names)
    quote = _quote(inner(message, "quote"))
    sent_at = instant(message.get("create_time"))
    return Incoming(
        platform="wecom",
        channel=CHANNEL,
        message_id=named,
        chat_id=chat_id,
        is_group=is_group,
        sender=sender,
        received_at=received_at,
        kind=kind,
        text=text,
        photos=photos,
        quote=quote,
        choice=_choice(inner(message, "event")) if kind is Kind.CHOICE else "",
        card=_card(inner(message, "event"), "task_id") if kind is Kind.CHOICE else "",
        sender_is_outsider=bool(clean(inner(message, "from").get("corpid"))),
        sent_at=sent_at,
        reply=_reply(message, chat_id, sent_at or received_at),
        photo_may_be_missing=is_group and kind is Kind.TEXT and not (quote and quote.photos),
    )


def _document(payload: str) -> Mapping[str, object]:
    try:
        parsed = json.loads(payload)
    except RecursionError:
        parsed = None
    if not isinstance(parsed, dict):
        raise ValueError("an AI-bot payload that is no JSON object")  # noqa: TRY004 - garbage is a ValueError here
    if isinstance(connection := parsed.get(LINE), str):
        came = {"connection": connection, "req_id": inner(parsed, "headers").get("req_id")}
        return {**inner(parsed, "body"), LINE: came}
    return parsed


def _sender(message: Mapping[str, object]) -> str:
    return clean(inner(message, "from").get("userid"))


def _content(message: Mapping[str, object], names: re.Pattern[str] | None) -> tuple[Kind, str, tuple[PhotoRef, ...]]:
    kind = clean(message.get("msgtype"))
    if kind == "event":
        return _event_kind(message), "", ()
    if kind in SINGLE_KINDS:
        return SINGLE_KINDS[kind], clean(inner(message, kind).get("content")).strip(), ()
    found = _texts_and_photos(message)
    if found is None:
        return Kind.OTHER, "", ()
    texts, photos = found
    text = without_names("\n".join(texts), names)
    if not photos:
        return Kind.TEXT, text, ()
    return (Kind.PHOTO if kind == "image" else Kind.MIXED), text, photos


def _event_kind(message: Mapping[str, object]) -> Kind:
    if is_entering(message):
        return Kind.ENTERED
    return Kind.CHOICE if inner(message, "event").get("eventtype") == "template_card_event" else Kind.OTHER


def _texts_and_photos(holder: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[PhotoRef, ...]] | None:
    """Return the texts and pictures of a message, a quote or one item of a mixed message; None for other types."""
    kind = holder.get("msgtype")
    if kind == "text":
        return (clean(inner(holder, "text").get("content")),), ()
    if kind == "image":
        photo = _photo(inner(holder, "image"))
        return (), (photo,) if photo else ()
    if kind == "mixed":
        parts = [found for item in _items(holder) if (found := _texts_and_photos(item))]
        return tuple(t for texts, _ in parts for t in texts), tuple(p for _, photos in parts for p in photos)
    return None


def _items(holder: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Yield the items of a mixed message; one that is itself mixed is left out, so nothing nests."""
    items = inner(holder, "mixed").get("msg_item")
    for item in items[:ITEMS_CAP] if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("msgtype") != "mixed":
            yield item


def _photo(image: Mapping[str, object]) -> PhotoRef | None:
    """Return a handle on a picture: its address, and the link's own key where the transport gives one."""
    url = clean(image.get("url"))
    if not url:
        return None
    aes_key = clean(image.get("aeskey"))
    handle = {"url": url} | ({"aes_key": aes_key} if aes_key else {})
    return PhotoRef(json.dumps(handle, ensure_ascii=False))


def _quote(quote: Mapping[str, object]) -> Quote | None:
    if not quote:
        return None
    texts, photos = _texts_and_photos(quote) or ((clean(inner(quote, "voice").get("content")),), ())
    return Quote(text="\n".join(texts).strip(), photos=photos)


def _reply(message: Mapping[str, object], chat_id: str, since: datetime) -> ReplyHandle | None:
    if LINE in message:
        return _line_reply(message, chat_id, since)
    url = clean(message.get("response_url"))
    if not url:
        return None
    handle = {"url": url, "chat_id": chat_id}
    return ReplyHandle(json.dumps(handle, ensure_ascii=False), expires_at=since + REPLY_LIFE, uses=1)


def _line_reply(message: Mapping[str, object], chat_id: str, since: datetime) -> ReplyHandle | None:
    """Return the handle on a message's req_id. Of events only an entering can be answered, once, with a welcome."""
    is_welcome = is_entering(message)
    if message.get("msgtype") == "event" and not is_welcome:
        return None
    came = inner(message, LINE)
    handle = {
        "connection": clean(came.get("connection")),
        "req_id": clean(came.get("req_id")),
        "welcome": "1" if is_welcome else "",
        "chat_id": chat_id,
    }
    life = WELCOME_LIFE if is_welcome else LINE_REPLY_LIFE
    return ReplyHandle(json.dumps(handle, ensure_ascii=False), expires_at=since + life, uses=int(is_welcome))


def without_names(text: str, names: re.Pattern[str] | None) -> str:
    """Return a text without the bot's own name, wherever it stands; words on both sides stay apart."""
    if names is None:
        return text.strip()

    def gap(found: re.Match[str]) -> str:
        return "" if found.start() == 0 or text[found.start() - 1].isspace() else " "

    return names.sub(gap, text).strip()


def _choice(event: Mapping[str, object]) -> str:
    """Return the key of the button that was tapped, or of the option that was chosen from a list."""
    items = inner(inner(event, "template_card_event"), "selected_items") or inner(event, "selected_items")
    return clean(chosen(_card(event, "event_key"), items))


def is_tap(message: Mapping[str, object]) -> bool:
    """Tell whether somebody tapped a card."""
    return message.get("msgtype") == "event" and inner(message, "event").get("eventtype") == "template_card_event"


def _card(event: Mapping[str, object], key: str) -> str:
    """Return a field of a card click: nested as the page says, flat as some type files have it."""
    return clean(inner(event, "template_card_event").get(key)) or clean(event.get(key))
