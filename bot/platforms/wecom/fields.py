"""Reading the fields of decoded documents without trusting them.

Of XML exactly what the platform sends is accepted: UTF-8, a root `<xml>`, children without attributes, each once. A
DOCTYPE can only stand before the root, so a document that begins with its root cannot declare anything; a message that
merely mentions `<!DOCTYPE` is a person's text and passes.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree

from bot.platforms.base import Refused

_BEGINS_WITH_ROOT = re.compile(rb"\s{0,8}(?:<\?xml[^<>]{0,80}\?>\s{0,8})?<xml>")
LATEST_STAMP = 32_503_680_000  # year 3000; beyond it `fromtimestamp` may overflow


def clean(value: object) -> str:
    """Return a text that every store takes: "" for another type, no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value.replace("\0", "")
    return value.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def inner(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return an object field, or an empty one when it is missing or of another type."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def instant(value: object) -> datetime | None:
    """Return Unix seconds, given as a number or as digits, as an aware UTC instant; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 11:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < LATEST_STAMP:
        return None
    return datetime.fromtimestamp(value, UTC)


def event_id(sender: str, at: str, event: str, *keys: str) -> str:
    """Return the id of an event that the platform gives none: sender, second, kind, and a hash of its keys."""
    digest = hashlib.sha256("\0".join(keys).encode("utf-8", "replace")).hexdigest()[:16]
    return f"{sender}:{at}:{event}:{digest}"


def xml_fields(document: bytes) -> Mapping[str, str]:
    """Return the text of each child of the root by name; a child that has children of its own stands as "".

    Raises Refused for anything else than the platform's form.
    """
    if not _BEGINS_WITH_ROOT.match(document):
        raise Refused(400, "xml_prolog")
    try:
        # the encoding is ours to say, not the document's: an UTF-16 or UTF-7 declaration changes nothing
        root = ElementTree.fromstring(document, ElementTree.XMLParser(encoding="utf-8"))
    except (ElementTree.ParseError, ValueError, LookupError):
        raise Refused(400, "xml") from None
    found: dict[str, str] = {}
    for child in root:
        if child.attrib or (child.tail and not child.tail.isspace()):
            raise Refused(400, "xml_form")
        found[child.tag] = child.text or ""
    if len(found) != len(root) or (root.text and not root.text.isspace()):
        raise Refused(400, "xml_form")
    return found
