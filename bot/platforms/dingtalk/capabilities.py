"""What DingTalk lets an app robot see and say (platform page, the facts that decide the design)."""

from domain.messages import Capabilities, Kind

POSTS_PER_MINUTE = 20
TEXT_BYTES = 12_000  # the OpenAPI takes 15,000 bytes of JSON, and escaping makes a text longer

_NO_LOCATION = "钉钉不会把位置消息转给机器人，请直接发“位置+问题+照片”"

CAPABILITIES = Capabilities(
    platform="dingtalk",
    title="钉钉",
    group_inbound=frozenset({Kind.TEXT, Kind.MIXED, Kind.PHOTO, Kind.CHOICE, Kind.OTHER}),
    private_inbound=frozenset(
        {Kind.TEXT, Kind.MIXED, Kind.PHOTO, Kind.VOICE, Kind.FILE, Kind.VIDEO, Kind.CHOICE, Kind.OTHER},
    ),
    mention_needed=True,
    # Some clients send the picture's code with the quote and some do not: nobody should be told to rely on it.
    quote_brings_photo=False,
    group_push="webhook",
    real_mention=True,
    buttons=True,
    edits=True,
    text_bytes=TEXT_BYTES,
    posts_per_minute=POSTS_PER_MINUTE,
    file_types=frozenset({"xlsx", "pdf", "zip", "rar", "doc", "docx"}),
    unseen={
        "unmentioned": "钉钉群里只有@机器人的消息才能收到；图片请与文字一起@机器人发送，或私聊发给机器人",
        "group:voice": "钉钉群里的语音机器人收不到，请@机器人发文字，或私聊发语音",
        "group:video": "钉钉群里的视频机器人收不到，请@机器人发图文，或私聊发送",
        "group:file": "钉钉群里的文件机器人收不到，请私聊发给机器人",
        "group:location": _NO_LOCATION,
        "group:entered": "钉钉不通知机器人谁进入了会话",
        "group:recalled": "钉钉不告诉机器人消息被撤回，请发“撤回 编号”",
        "private:location": _NO_LOCATION,
        "private:entered": "钉钉不通知机器人谁打开了私聊，请先发一句话",
        "private:recalled": "钉钉不告诉机器人消息被撤回，请发“撤回 编号”",
    },
)
