"""What WeCom (企业微信) lets the bot see and say.

In a group the AI bot is handed text, pictures with text (图文混排) and quotes, and only when it is named; everything by
itself reaches it in a private chat alone. A group is spoken to unasked through its webhook, which really calls people.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.messages import Capabilities, Kind

TEXT_BYTES: Final = 2048  # text of the webhook and of the app, in UTF-8
REPLY_BYTES: Final = 20_480  # markdown posted to a reply address
TABLE_BYTES: Final = 4096  # markdown_v2 of the webhook
POSTS_PER_MINUTE: Final = 20  # per group webhook
PRIVATE_PER_MINUTE: Final = 30  # per app and member; the platform drops the rest silently
APP_GROUP_PER_MINUTE: Final = (
    100  # of all the app's groups; a member gets 200 from one app, the rest is dropped silently
)
REPLIES_PER_MINUTE: Final = 30  # per conversation with the AI bot
REPLIES_PER_HOUR: Final = 1000

_UNSEEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unmentioned": "企业微信群内只有@机器人的消息才会送达，请@路长助手后再发。",
        "group:photo": "企业微信群内单独发的图片机器人收不到。补图：长按照片→引用→@路长助手，或直接私聊发给我。",
        "group:voice": "企业微信群内的语音机器人收不到，请@路长助手发文字，或私聊发语音。",
        "group:location": "企业微信群内的位置卡片机器人收不到，请@路长助手写明路口或门牌号。",
        "group:file": "企业微信群内的文件机器人收不到，请私聊发送。",
        "group:video": "企业微信群内的视频机器人收不到，请私聊发送，或改发照片。",
        "group:entered": "企业微信不通知机器人谁打开了群聊。",
        "group:recalled": "企业微信不告诉机器人消息被撤回，请发“撤回 编号”。",
        "group:other": "企业微信不向机器人转送这类消息，请改发文字或照片。",
        "private:recalled": "企业微信不告诉机器人消息被撤回，请发“撤回 编号”。",
        "private:other": "企业微信不向机器人转送这类消息，请改发文字或照片。",
    }
)

CAPABILITIES: Final = Capabilities(
    platform="wecom",
    title="企业微信",
    group_inbound=frozenset({Kind.TEXT, Kind.MIXED, Kind.CHOICE}),
    private_inbound=frozenset(
        {
            Kind.TEXT,
            Kind.PHOTO,
            Kind.MIXED,
            Kind.VOICE,
            Kind.LOCATION,  # through the self-built app
            Kind.CHOICE,
            Kind.FILE,
            Kind.VIDEO,
            Kind.ENTERED,
        }
    ),
    mention_needed=True,
    quote_brings_photo=True,
    group_push="webhook",
    real_mention=True,
    buttons=True,  # of the AI bot's and the app's cards; answers by digit work in every chat and on every client
    edits=False,  # a card is changed only in answer to its tap
    text_bytes=TEXT_BYTES,
    posts_per_minute=POSTS_PER_MINUTE,
    file_types=frozenset({"png", "jpg", "pdf", "docx", "xlsx"}),
    unseen=_UNSEEN,
)
