"""The sections of config.toml as frozen models: keys, defaults, and what a value may be.

A default that is a figure of the scheme or of the house stands here once. Secrets are SecretStr; the text of a failed
check never repeats a value that could be one.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

SQLITE = "sqlite+aiosqlite:///"
POSTGRESQL = "postgresql+asyncpg://"
NO_SECRET = SecretStr("")


def _span(value: Any) -> Any:
    """Read "08:00-12:00" as two clock times; anything else is left to the type's own check."""
    return tuple(part.strip() for part in value.split("-")) if isinstance(value, str) and "-" in value else value


def _trimmed(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text != text.strip() or "\n" in text:
        raise ValueError("首尾有空格或换行，请重新复制")
    return value


def _aes_key(value: SecretStr) -> SecretStr:
    if value != NO_SECRET and not re.fullmatch(r"[A-Za-z0-9]{43}", value.get_secret_value()):
        raise ValueError("不是EncodingAESKey：应为43位字母和数字，请从企业微信后台重新复制")
    return value


def _webhook(value: SecretStr) -> SecretStr:
    if re.search(r"://|=", value.get_secret_value()):
        raise ValueError("只填Webhook地址里“key=”或“access_token=”后面的部分，不填整个地址")
    return value


def _app_chat_id(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z]{0,32}", value):
        raise ValueError("应为32位以内的字母和数字，用 luzhang chat create 建群时给出")
    return value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname:
        raise ValueError("应为完整网址，如 https://qyapi.weixin.qq.com")
    return value.rstrip("/")


def _secret_address(value: SecretStr) -> SecretStr:
    if value != NO_SECRET:
        _address(value.get_secret_value())
    return value


def _case_address(value: str) -> str:
    if "{number}" not in value:
        raise ValueError("须含 {number}，如 https://lz.example.gov.cn/case/{number}")
    return _address(value)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("没有这个时区，一般填 Asia/Shanghai") from None
    return value


def _database(value: str) -> str:
    is_file = value.startswith(SQLITE) and ":memory:" not in value and bool(_sqlite_file(value))
    if not is_file and not value.startswith(POSTGRESQL):
        raise ValueError(f"应为 {SQLITE}文件路径 或 {POSTGRESQL}用户:密码@主机/库名")
    return value


def _sqlite_file(url: str) -> str:
    return url.removeprefix(SQLITE).partition("?")[0]


Text = Annotated[str, Field(min_length=1)]
Secret = Annotated[SecretStr, AfterValidator(_trimmed)]
RequiredSecret = Annotated[SecretStr, Field(min_length=1), AfterValidator(_trimmed)]
AesKey = Annotated[Secret, AfterValidator(_aes_key)]
WebhookSecret = Annotated[Secret, AfterValidator(_webhook)]
Address = Annotated[str, AfterValidator(_address)]
AppChatId = Annotated[str, AfterValidator(_app_chat_id)]
SecretAddress = Annotated[Secret, AfterValidator(_secret_address)]
CaseAddress = Annotated[str, AfterValidator(_case_address)]
Span = Annotated[tuple[time, time], BeforeValidator(_span)]
Platform = Literal["wecom", "dingtalk"]
Purpose = Literal["work", "seat", "office", "leadership", "ops"]
Sequence = Literal["township", "second_level", "unit", "department", "shop"]


class Section(BaseModel):
    """A table of the file: frozen, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class City(Section):
    """[city]: the city and its working time."""

    name: Text
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    calendar: Path | None = None  # the city's own table of working days, before the State Council's
    work_hours: Annotated[tuple[Span, ...], Field(min_length=1)] = ((time(8), time(12)), (time(14), time(18)))

    @model_validator(mode="after")
    def _hours_follow_each_other(self) -> Self:
        edges = [edge for span in self.work_hours for edge in span]
        if edges != sorted(set(edges)):
            raise ValueError("work_hours 各时段须先后排列、互不重叠，如 08:00-12:00、14:00-18:00")
        return self


class Server(Section):
    """[server]: where we listen, and the address under which the platforms reach us."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080  # 0 = any free port
    public_url: Address | None = None
    heartbeat_url: SecretAddress = NO_SECRET  # called each minute while all is well, for a watchdog elsewhere
    ca_file: Path | None = None  # certificates that are trusted beside the system's when we call out


class Store(Section):
    """[store]: database, photos, and the file outside the database's folder that keeps the ledger's daily heads."""

    url: Annotated[str, Field(repr=False), AfterValidator(_database)] = (
        f"{SQLITE}data/luzhang.db"  # may hold a password
    )
    media: Path = Path("data/media")
    heads: Path = Path("heads/ledger-heads.txt")

    @property
    def sqlite_file(self) -> Path | None:
        """Return the database file, or None on PostgreSQL."""
        return Path(_sqlite_file(self.url)) if self.url.startswith(SQLITE) else None

    @property
    def password(self) -> str:
        """Return the password inside `url`, "" without one."""
        return (urlsplit(self.url).password or "") if self.sqlite_file is None else ""


class WecomApp(Section):
    """[wecom.app]: a self-built app (自建应用)."""

    corp_id: Text
    agent_id: Annotated[int, Field(ge=1)]
    secret: RequiredSecret
    token: RequiredSecret
    aes_key: Annotated[AesKey, Field(min_length=1)]


class WecomBot(Section):
    """[wecom.bot]: an AI bot (智能机器人), over the long connection or by callback."""

    mode: Literal["websocket", "callback"]
    bot_id: str = ""
    secret: Secret = NO_SECRET
    ws_url: Address = "wss://openws.work.weixin.qq.com"
    token: Secret = NO_SECRET
    aes_key: AesKey = NO_SECRET
    names: tuple[Text, ...] = ("路长助手",)

    @model_validator(mode="after")
    def _mode_is_complete(self) -> Self:
        if self.mode == "callback" and NO_SECRET in (self.token, self.aes_key):
            raise ValueError("mode 为 callback 时须有 token 和 aes_key（智能机器人接收消息页）")
        if self.mode == "websocket" and (not self.bot_id or self.secret == NO_SECRET):
            raise ValueError("mode 为 websocket 时须有 bot_id 和 secret（与 token、aes_key 不同）")
        return self


class Wecom(Section):
    """[wecom]: 企业微信."""

    api_base: Address = "https://qyapi.weixin.qq.com"
    app: WecomApp | None = None
    bot: WecomBot | None = None


class Dingtalk(Section):
    """[dingtalk]: an in-house app with a robot (企业内部应用机器人)."""

    mode: Literal["stream", "http"]
    client_id: Text
    client_secret: RequiredSecret
    robot_code: str = ""  # "" = the same as client_id
    api_base: Address = "https://api.dingtalk.com"
    oapi_base: Address = "https://oapi.dingtalk.com"
    card_template_id: str = ""
    ding: Literal["off", "hazard", "office"] = "off"  # call people at the office's step, besides telling them
    link_buttons: bool = True  # without a template: buttons that send a word as whoever taps them
    monthly_calls: Annotated[int, Field(ge=100)] = 5_000  # metered calls of the organisation
    silence_minutes: Annotated[int, Field(ge=1, le=120)] = 10  # over Stream, without a frame: connect anew
    names: tuple[Text, ...] = ("路长助手",)

    @property
    def robot(self) -> str:
        """Return the robot code."""
        return self.robot_code or self.client_id


class Chat(Section):
    """[[chat]]: a group and what it is for. Without `chat_id` it is bound by a code spoken in the group."""

    name: Text
    platform: Platform
    chat_id: str = ""
    purpose: Purpose = "work"
    scope: str = ""  # a township's name, "" = the whole city
    webhook_key: WebhookSecret = NO_SECRET  # WeCom
    app_chat_id: AppChatId = ""  # WeCom: a group that the self-built app made
    webhook_token: WebhookSecret = NO_SECRET  # DingTalk
    webhook_secret: Secret = NO_SECRET

    @model_validator(mode="after")
    def _webhook_fits_the_platform(self) -> Self:
        if self.platform == "dingtalk" and self.app_chat_id:
            raise ValueError("app_chat_id 只用于企业微信自建应用建的群")
        if self.platform == "dingtalk" and self.webhook_key != NO_SECRET:
            raise ValueError("webhook_key 只用于企业微信群；钉钉群填 webhook_token 和 webhook_secret")
        if self.platform == "wecom" and (self.webhook_token != NO_SECRET or self.webhook_secret != NO_SECRET):
            raise ValueError("webhook_token、webhook_secret 只用于钉钉群；企业微信群填 webhook_key")
        return self


class Escalation(Section):
    """[reminders.escalation]: who is told when, in working time after the missed limit; hazards in running minutes."""

    notice_minutes: Annotated[int, Field(ge=0, le=240)] = 10  # told to the handler before the second level
    second_level_hours: Annotated[int, Field(ge=0)] = 4
    township_head_days: Annotated[int, Field(ge=0)] = 1
    first_level_days: Annotated[int, Field(ge=0)] = 2
    office_days: Annotated[int, Field(ge=0)] = 3
    hazard_second_level_minutes: Annotated[int, Field(ge=1)] = 15
    hazard_township_head_minutes: Annotated[int, Field(ge=1)] = 30

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        days = (self.township_head_days, self.first_level_days, self.office_days)
        if list(days) != sorted(days) or self.hazard_second_level_minutes > self.hazard_township_head_minutes:
            raise ValueError("各级升级时间须由近到远：上一级不能早于下一级")
        return self


class Reminders(Section):
    """[reminders]: slots, quiet hours and how many posts a group bears."""

    slots: Annotated[tuple[time, ...], Field(min_length=1)] = (time(8, 30), time(10), time(14, 30), time(16, 30))
    digest: time = time(8, 30)  # the chief's one message a day
    summary: time = time(17, 30)  # the daily summary in the office's chat
    quiet_hours: Span = (time(20), time(7, 30))
    quiet_on_holidays: bool = True
    group_posts_per_hour: Annotated[int, Field(ge=1)] = 6
    group_posts_per_day: Annotated[int, Field(ge=1)] = 30
    leadership_posts_per_day: Annotated[int, Field(ge=1)] = 1
    escalation: Escalation = Escalation()

    @model_validator(mode="after")
    def _slots_rise(self) -> Self:
        if list(self.slots) != sorted(set(self.slots)):
            raise ValueError("slots 须由早到晚排列，不重复")
        return self


class CutOffs(Section):
    """[assessment.cut_offs]: least scores of 良好 and 一般; below is 较差 (S44). Unset = 未设定."""

    good: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
    fair: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]

    @model_validator(mode="after")
    def _good_is_above_fair(self) -> Self:
        if self.good <= self.fair:
            raise ValueError("good 须大于 fair")
        return self


Percent = Annotated[Decimal, Field(gt=0, le=100)]


class Assessment(Section):
    """[assessment]: how the month is closed and published."""

    publication: Literal["automatic", "signed"] = "automatic"
    day: Annotated[int, Field(ge=1, le=28)] = 1  # of the draft
    hour: Annotated[int, Field(ge=0, le=23)] = 8  # of the draft
    publish_hour: Annotated[int, Field(ge=0, le=23)] = 9  # on the working day after the objections
    objection_days: Annotated[int, Field(ge=0, le=20)] = 3  # working days
    inspections: Annotated[int, Field(ge=1, le=10)] = 2  # of each segment in a month, by the draw
    rating_weight: Annotated[Decimal, Field(gt=0, lt=1)] | None = None  # share of the chiefs' ratings (S57)
    best_shops: Annotated[int, Field(ge=0, le=100)] | None = None  # shops praised and exposed a month (S61)
    worst_shops: Annotated[int, Field(ge=0, le=100)] | None = None
    lit_rate: Percent | None = None  # targets (S17): of street lamps that are lit,
    purifiers: Percent | None = None  # of caterers with a fume purifier
    cut_offs: CutOffs | None = None


class Group(Section):
    """[[group]]: an assessment group (考评组) of one sequence (S88, S84a)."""

    name: Text
    sequence: Sequence
    subjects: Annotated[tuple[Text, ...], Field(min_length=1)]
    fund: Literal["A", "B"] | None = None  # S93


Days = Annotated[int, Field(ge=1, le=36_500)]


class Retention(Section):
    """[privacy.retention]: for how many days each kind is kept."""

    photos: Days = 180  # after the case is done
    words: Days = 365  # after the case is done
    messages: Days = 14  # that could not be worked on, after they came
    posts: Days = 180  # after they were sent
    identities: Days = 365  # of reporters outside the roster, after their last case is done


class Privacy(Section):
    """[privacy]: how long what people sent is kept, and whether public copies are blurred."""

    retention: Retention = Retention()
    blur: bool = True
    review: bool = False  # no photo leaves the work group before a person has looked at its copy


class Documents(Section):
    """[documents]: what stands on 通报, 督办单 and 得分表 beside the figures, and the office's own templates."""

    number_prefix: str = ""  # 机关代字 of the 字号
    copies: str = ""  # 抄送
    case_url: CaseAddress | None = None  # where a case is shown, with {number}
    daily_sheet: bool = False  # the daily summary brings a sheet with every finding and case
    letter_template: Path | None = None  # .docx; None = the built-in one
    order_template: Path | None = None


class Tables(Section):
    """[tables]: the city's own rule tables; None = the built-in one."""

    categories: Path | None = None
    deadlines: Path | None = None
    rules: Path | None = None
    assessment: Path | None = None
    accountability: Path | None = None
    funding: Path | None = None
    frame: Path | None = None
    patrols: Path | None = None


class Understanding(Section):
    """[understanding]: an OpenAI-compatible service, asked only where the built-in understanding is unsure."""

    endpoint: Address | None = None
    model: str = ""
    api_key: Secret = NO_SECRET
    timeout_seconds: Annotated[int, Field(ge=1, le=60)] = 8

    @model_validator(mode="after")
    def _model_is_named(self) -> Self:
        if self.endpoint and not self.model:
            raise ValueError("填了 endpoint 就须填 model")
        return self


class Config(Section):
    """The whole configuration. Paths are absolute when it comes from `load_config`."""

    city: City
    server: Server = Server()
    store: Store = Store()
    wecom: Wecom = Wecom()
    dingtalk: Dingtalk | None = None
    chat: tuple[Chat, ...] = ()
    reminders: Reminders = Reminders()
    assessment: Assessment = Assessment()
    group: tuple[Group, ...] = ()
    privacy: Privacy = Privacy()
    documents: Documents = Documents()
    tables: Tables = Tables()
    understanding: Understanding = Understanding()

    @model_validator(mode="after")
    def _lists_have_no_repeats(self) -> Self:
        repeats = [
            ("chat 的 name", [chat.name for chat in self.chat]),
            ("chat 的 chat_id", [f"{chat.platform}:{chat.chat_id}" for chat in self.chat if chat.chat_id]),
            ("chat 的 app_chat_id", [chat.app_chat_id for chat in self.chat if chat.app_chat_id]),
            ("group 的 name", [group.name for group in self.group]),
            ("group 的 subjects", [f"{group.sequence}:{name}" for group in self.group for name in group.subjects]),
        ]
        for what, values in repeats:
            if again := [value for value, count in Counter(values).items() if count > 1]:
                raise ValueError(f"{what} 重复：{'、'.join(again)}")
        return self

    def secrets(self) -> tuple[str, ...]:
        """Return every secret of the configuration, for the log's filter."""
        return tuple(dict.fromkeys([*_secrets(self), *([self.store.password] if self.store.password else [])]))


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr) and value.get_secret_value():
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _secrets(item)
