"""Reading a robot message's JSON without trusting it: every accessor gives a plain value, whatever stands there."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NoReturn, TypeAlias

JsonObject: TypeAlias = Mapping[str, object]

MAX_ID_CHARACTERS = 256
# 2100-01-01 in ms: a larger number is no instant of a message, and datetime would overflow on some of them.
_LAST_MS = 4_102_444_800_000
# Half surrogates and NUL can be neither encoded nor stored; the other controls only disturb what people see.
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Made once: json.loads with an argument builds a decoder at every call, several times the cost of reading a message.
_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def load_object(text: str) -> JsonObject:
    """Return the JSON object written in `text`. Raises ValueError for anything else, deep nesting included."""
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  callers catch one class for all garbage
    return value


def message_id(message: JsonObject) -> str:
    """Return `msgId` of a robot message, the key against repeats. Raises ValueError when there is none of use."""
    value = message.get("msgId")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID_CHARACTERS or not value.isprintable():
        raise ValueError("no usable msgId")
    return value


def clean(text: str) -> str:
    """Return the text with `\\n` line ends, without characters that cannot be stored or seen."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def text_at(value: JsonObject, key: str) -> str:
    """Return the cleaned text under `key`, "" when it is missing or not text."""
    found = value.get(key)
    return clean(found) if isinstance(found, str) else ""


def id_at(value: JsonObject, key: str) -> str:
    """Return the identifier under `key`, "" when it is missing, not text, unprintable or too long to be one."""
    found = value.get(key)
    is_id = isinstance(found, str) and len(found) <= MAX_ID_CHARACTERS and found.isprintable()
    return found.strip() if isinstance(found, str) and is_id else ""


def object_at(value: JsonObject, key: str) -> JsonObject:
    """Return the object under `key`, also when it stands there as JSON text; an empty one otherwise."""
    found = value.get(key)
    if isinstance(found, str):
        try:
            return load_object(found)
        except ValueError:
            return {}
    return found if isinstance(found, dict) else {}


def objects_at(value: JsonObject, key: str) -> tuple[JsonObject, ...]:
    """Return the objects of the list under `key`, skipping whatever is no object."""
    found = value.get(key)
    return tuple(item for item in found if isinstance(item, dict)) if isinstance(found, list) else ()


def instant_at(value: JsonObject, key: str) -> datetime | None:
    """Return the instant under `key`, given in ms as a number or as text (pages and wire differ), else None."""
    found = value.get(key)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) <= len(str(_LAST_MS)):
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found < _LAST_MS:
        return None
    return datetime.fromtimestamp(found / 1000, UTC)
