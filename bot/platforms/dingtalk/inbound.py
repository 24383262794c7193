"""A robot message in neutral words (platform page, "The robot message payload")."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.platforms.dingtalk.handles import PictureCode, Session
from bot.platforms.dingtalk.payload import (
    JsonObject,
    clean,
    id_at,
    instant_at,
    load_object,
    message_id,
    object_at,
    objects_at,
    text_at,
)
from domain.messages import Incoming, Kind, PhotoRef, Quote, ReplyHandle

CHANNEL = "dingtalk.robot"
# Every official sample ends the session 90 minutes after the message; used only where the field is missing.
SESSION_LIFE = timedelta(minutes=90)
MAX_NAME_CHARACTERS = 64
# A picked mention ends in a blank, which tells it from an "@" that somebody typed into a sentence.
_MENTION = re.compile(r"@[^\s@]{1,20}(?=\s|$)")


@dataclass(frozen=True, slots=True)
class _Content:
    """What one message says and shows."""

    kind: Kind
    text: str = ""
    photos: tuple[PhotoRef, ...] = ()


def parse_message(payload: str, received_at: datetime, names: Sequence[str] = ()) -> Incoming:
    """Turn a robot message into an Incoming; an unknown type becomes Kind.OTHER.

    `names` are the robot's own names, removed where the client left them in the text. A sender without an
    organisation-wide id is known by `senderId`, stable for this robot only. Raises ValueError on garbage.
    """
    message = load_object(payload)
    sender = id_at(message, "senderStaffId") or id_at(message, "senderId")
    is_group = str(message.get("conversationType")) == "2"
    chat_id = id_at(message, "conversationId") if is_group else sender
    if not sender or not chat_id:
        raise ValueError("no sender or conversation")
    content = _content(message, names)
    quote = _quote(message)
    return Incoming(
        platform="dingtalk",
        channel=CHANNEL,
        message_id=message_id(message),
        chat_id=chat_id,
        is_group=is_group,
        sender=sender,
        received_at=received_at,
        kind=content.kind,
        text=content.text,
        photos=content.photos,
        quote=quote,
        sender_name=text_at(message, "senderNick").strip()[:MAX_NAME_CHARACTERS],
        sender_is_outsider=not id_at(message, "senderStaffId"),
        sent_at=instant_at(message, "createAt"),
        reply=_reply(message, Session("", chat_id if is_group else "", sender), received_at),
        # A picture sent by itself in a group never reaches the robot; in a private chat it does.
        photo_may_be_missing=is_group and content.kind is Kind.TEXT and not (quote and quote.photos),
    )


def _content(message: JsonObject, names: Sequence[str]) -> _Content:
    content = object_at(message, "content")
    match text_at(message, "msgtype"):
        case "text":
            return _Content(Kind.TEXT, _spoken(text_at(object_at(message, "text"), "content"), message, names))
        case "richText":
            return _rich_content(content, message, names)
        case "picture":
            photos = _photos((content,), message)
            return _Content(Kind.PHOTO if photos else Kind.OTHER, photos=photos)
        case "audio":
            return _Content(Kind.VOICE, text_at(content, "recognition").strip())
        case "video":
            return _Content(Kind.VIDEO)
        case "file":
            return _Content(Kind.FILE)
        case _:
            return _Content(Kind.OTHER)


def _rich_content(content: JsonObject, message: JsonObject, names: Sequence[str]) -> _Content:
    items = objects_at(content, "richText")
    texts = [_item_text(item) for item in items]
    text = _spoken("".join(_without_leading_mention(texts, message)), message, names)
    photos = _photos(items, message)
    if not photos:
        return _Content(Kind.TEXT, text)
    return _Content(Kind.MIXED if text else Kind.PHOTO, text, photos)


def _item_text(item: JsonObject) -> str:
    if not _is_picture(item):
        return text_at(item, "text") or text_at(item, "content")
    return ""


def _without_leading_mention(texts: Sequence[str], message: JsonObject) -> Sequence[str]:
    """Drop a first item that is nothing but the @ of the robot, which some clients leave in."""
    spoken = [index for index, text in enumerate(texts) if text.strip()]
    if not spoken or message.get("isInAtList") is not True:
        return texts
    first = texts[spoken[0]].strip()
    if first.startswith("@") and len(first) > 1 and not re.search(r"\s", first):
        return texts[spoken[0] + 1 :]
    return texts


def _spoken(text: str, message: JsonObject, names: Sequence[str]) -> str:
    """Return what the sender said, without the @ of the robot and of the other people called."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f"@{name}", " ")
    others = _other_people(message)
    for person in others:
        text = text.replace(f"@{person}", " ") if person else text
    return re.sub(r"[ \t]{2,}", " ", _MENTION.sub(" ", text, count=len(others)) if others else text).strip()


def _other_people(message: JsonObject) -> tuple[str, ...]:
    """Return the staff id ("" for outsiders) of each person in the @ list but the robot."""
    robot = id_at(message, "chatbotUserId")
    people = objects_at(message, "atUsers")
    return tuple(id_at(person, "staffId") for person in people if not robot or id_at(person, "dingtalkId") != robot)


def _is_picture(item: JsonObject) -> bool:
    kind = text_at(item, "type") or text_at(item, "msgType")
    return kind == "picture" or bool(_code_in(item))


def _code_in(item: JsonObject) -> str:
    # `pictureDownloadCode` makes the download call fail in practice, so it is only the last resort.
    return text_at(item, "downloadCode") or text_at(item, "pictureDownloadCode")


def _picture_code(item: JsonObject) -> str:
    """Return the download code of an item, which a quote may also keep under `content`."""
    return _code_in(item) or _code_in(object_at(item, "content")) or text_at(item, "content")


def _photos(items: Iterable[JsonObject], message: JsonObject) -> tuple[PhotoRef, ...]:
    robot = id_at(message, "robotCode")
    codes = dict.fromkeys(_picture_code(item) for item in items if _is_picture(item))
    return tuple(PictureCode(code, robot).reference() for code in codes if code)


def _quote(message: JsonObject) -> Quote | None:
    """Return what was quoted, as far as the sender's client tells; None when nothing was quoted."""
    holders = (object_at(message, "text"), object_at(message, "content"), message)
    found = [object_at(holder, key) for holder in holders for key in ("repliedMsg", "quoteMessage")]
    replied = next((item for item in found if item), {})
    # A quote of the robot's own post names the post by the key that sending it gave us.
    quoted_id = id_at(message, "originalProcessQueryKey") or id_at(replied, "msgId") or id_at(message, "originalMsgId")
    old_text = next((text for holder in holders if (text := text_at(holder, "quoteContent"))), "")
    if not replied and not quoted_id and not old_text and not any(h.get("isReplyMsg") is True for h in holders):
        return None
    items = _quoted_items(replied)
    text = "".join(_item_text(item) for item in items) or _plain_text(replied) or old_text
    return Quote(clean(text).strip(), quoted_id, _photos(items, message))


def _quoted_items(replied: JsonObject) -> tuple[JsonObject, ...]:
    """Return the parts of a quoted message, all with a type of their own."""
    content = object_at(replied, "content")
    kind = text_at(replied, "msgType") or text_at(replied, "msgtype")
    if kind == "richText":
        return objects_at(content, "richText")
    if kind == "picture" or (not kind and _code_in(content) and not text_at(content, "fileName")):
        return ({"type": "picture", **content},)
    return (content,) if text_at(content, "text") else ()


def _plain_text(replied: JsonObject) -> str:
    """Return a quote's text where the client gave it bare, not inside an object."""
    return text_at(replied, "content") if not object_at(replied, "content") else ""


def _reply(message: JsonObject, session: Session, received_at: datetime) -> ReplyHandle | None:
    webhook = text_at(message, "sessionWebhook")
    if not webhook:
        return None
    expires_at = instant_at(message, "sessionWebhookExpiredTime") or received_at + SESSION_LIFE
    return ReplyHandle(Session(webhook, session.chat_id, session.sender).data(), expires_at, uses=0)
