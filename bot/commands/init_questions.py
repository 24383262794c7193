"""What `luzhang init` asks, as data: where each value stands in the configuration, and where people find it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PLATFORMS: Final[Mapping[str, str]] = {"1": "企业微信", "2": "钉钉", "3": "两个都用"}
PURPOSES: Final[Mapping[str, str]] = {
    "1": "work", "2": "seat", "3": "office", "4": "leadership", "5": "ops",
}  # fmt: skip
PURPOSE_MENU: Final = "1 工作群 2 指挥席 3 市路长办 4 领导群 5 运维（告警）"


@dataclass(frozen=True, slots=True)
class Question:
    """One value. `hint` is printed above it; with `is_optional` an empty answer leaves the key alone."""

    key: tuple[str, ...]
    text: str
    hint: str = ""
    is_secret: bool = False
    is_optional: bool = False


CITY: Final = (Question(("city", "name"), "城市名称", "用于通报和页面标题。"),)

WECOM_MODES: Final[Mapping[str, str]] = {"1": "websocket", "2": "callback"}
WECOM_MODE_MENU: Final = (
    "管理后台→安全与管理→管理工具→智能机器人→创建→手动创建→API模式。未见“智能机器人”：请升级客户端，或请企业管理员开通。\n"
    "接入方式：1 长连接（不要公网地址） 2 URL回调（要公网HTTPS地址）"
)
WECOM_LINE: Final = (
    Question(("wecom", "bot", "bot_id"), "BotID", "在机器人的API模式页复制。"),
    Question(("wecom", "bot", "secret"), "长连接Secret", "与Token、EncodingAESKey不同。", is_secret=True),
)
WECOM_CALLBACK: Final = (
    Question(("wecom", "bot", "token"), "Token", "在机器人的“接收消息”页生成。", is_secret=True),
    Question(("wecom", "bot", "aes_key"), "EncodingAESKey", "43位。", is_secret=True),
)
WECOM_APP_MENU: Final = "自建应用能私聊没有对机器人说过话的人，机器人卡片也更多。现在填吗？1 填 2 以后再说"
WECOM_APP: Final = (
    Question(("wecom", "app", "corp_id"), "企业ID", "我的企业→企业信息。"),
    Question(("wecom", "app", "agent_id"), "AgentId", "应用管理→自建→该应用。"),
    Question(("wecom", "app", "secret"), "应用Secret", is_secret=True),
    Question(("wecom", "app", "token"), "接收消息的Token", "该应用→接收消息→API接收。", is_secret=True),
    Question(("wecom", "app", "aes_key"), "接收消息的EncodingAESKey", is_secret=True),
)

DINGTALK_MODES: Final[Mapping[str, str]] = {"1": "stream", "2": "http"}
DINGTALK_MODE_MENU: Final = (
    "开发者后台→创建应用→添加应用能力→机器人，消息接收模式要与这里一致。\n"
    "消息接收：1 Stream（不要公网地址） 2 HTTP（要公网HTTPS地址）"
)
DINGTALK: Final = (
    Question(("dingtalk", "client_id"), "Client ID（AppKey）", "应用→凭证与基础信息。"),
    Question(("dingtalk", "client_secret"), "Client Secret（AppSecret）", is_secret=True),
    Question(("dingtalk", "robot_code"), "RobotCode", "与Client ID相同就直接回车。", is_optional=True),
)

PUBLIC_URL: Final = Question(
    ("server", "public_url"), "公网地址", "平台回调用的外网地址，如 https://luzhang.example.gov.cn。"
)

CHAT_NAME: Final = Question(("chat", "name"), "群名（没有了就直接回车）", is_optional=True)
CHAT_SCOPE: Final = Question(("chat", "scope"), "管哪个辖区（全市就直接回车）", is_optional=True)
CHAT_KEYS: Final[Mapping[str, tuple[Question, ...]]] = {
    "wecom": (
        Question(
            ("chat", "webhook_key"),
            "群机器人Webhook的key（没有就直接回车）",
            "有Webhook才能真正@到人；只填“key=”后面的部分。",
            is_secret=True,
            is_optional=True,
        ),
    ),
    "dingtalk": (
        Question(
            ("chat", "webhook_token"),
            "自定义机器人的access_token（没有就直接回车）",
            "走Webhook不占每月接口次数；只填“access_token=”后面的部分。",
            is_secret=True,
            is_optional=True,
        ),
        Question(("chat", "webhook_secret"), "加签密钥（SEC开头，没有就直接回车）", is_secret=True, is_optional=True),
    ),
}
