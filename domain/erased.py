"""Persons whose data was erased, at their own wish (个人信息删除) or when its time was over: what stands in their place.

The alias is random and the same wherever the person stood, so that counts by person stay what they were. It leads
nowhere: nobody is told anything under it.
"""

import secrets

ERASED_NAME = "已删除人员"
ERASED_WORDS = "（已按本人申请删除）"
EXPIRED_WORDS = "（已过保存期限）"
_PREFIX = "erased-"


def new_alias() -> str:
    """Return an alias that nobody else has."""
    return f"{_PREFIX}{secrets.token_hex(8)}"


def is_erased(person: str) -> bool:
    """Tell whether this stands for somebody whose data was erased."""
    return person.startswith(_PREFIX)
