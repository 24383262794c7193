"""What is answered to a spoken binding code (绑定)."""

from domain.messages import ChatRoom

PURPOSE_NAMES = {
    "work": "工作群",
    "seat": "指挥席",
    "office": "市路长办",
    "leadership": "领导群",
    "ops": "运维群",
}
NO_CODE = "请写六位绑定码，如“绑定 482913”。"
WRONG = "绑定码不对或已失效，请向管理员重新索取。"
OUTSIDER = "外部联系人不能绑定，请用本单位账号发言。"


def not_in_private(chat: str) -> str:
    """Return that a group's code was spoken in private."""
    return f"这是群“{chat}”的绑定码，请在那个群里@我说。"


def other_platform(name: str) -> str:
    """Return that a code was spoken on another platform than it was made for."""
    return f"“{name}”登记在另一个平台，请到那里说绑定码。"


def chat_bound(room: ChatRoom) -> str:
    """Return that a group is bound."""
    scope = f"，管{room.scope}" if room.scope else ""
    return f"{room.name}已绑定，用途：{PURPOSE_NAMES.get(room.purpose, room.purpose)}{scope}。"


def person_bound(name: str) -> str:
    """Return that an account is bound to a person."""
    return f"已绑定为{name}。"
