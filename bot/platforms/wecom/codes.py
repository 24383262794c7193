"""The codes by which a card of the self-built app can be changed: one from its sending, one from each tap, each once.

A tap's code shows at once what the tap did. The sender's is kept for the moment when nothing is left to do, for then
nobody may tap any more. Platform page: updating template cards.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

LIFE: Final = timedelta(hours=71)  # an hour less than the platform's


@dataclass(frozen=True, slots=True)
class Codes:
    """What is left to change one person's card with."""

    userid: str
    sent: str = ""
    tap: str = ""

    def data(self) -> str:
        """Return the text that stands for it elsewhere."""
        return json.dumps({"userid": self.userid, "sent": self.sent, "tap": self.tap})

    def spent(self) -> tuple[str, "Codes | None"]:
        """Return the code to use now and what is left afterwards, None when that is nothing."""
        rest = replace(self, tap="") if self.tap else replace(self, sent="")
        return self.tap or self.sent, rest if rest.sent else None

    def joined(self, later: "Codes") -> "Codes":
        """Return these codes with those of a later tap."""
        return replace(self, tap=later.tap or self.tap)


def codes_of(handle: str) -> Codes | None:
    """Return the codes in a handle, None when it is none of ours."""
    try:
        held = json.loads(handle)
        return Codes(str(held["userid"]), str(held["sent"]), str(held["tap"]))
    except (ValueError, KeyError, TypeError):
        return None
