"""The configuration: `load_config` reads config.toml and the environment into one frozen Config.

Paths are relative to the file. A mistake is a ConfigRefused that names each place (file:line or the environment
variable), the key and the fix, without repeating what could be a secret.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config_file import DELIMITER, PREFIX, ConfigRefused, Key, Problem, environment, read_list, read_toml, slug
from bot.config_model import SQLITE, Assessment, Chat, City, Config, Dingtalk, Group, Privacy, Reminders, Store, Wecom
from bot.config_problems import Origin, dotted, may_be_shown, nearest, problems

__all__ = [
    "Assessment",
    "Chat",
    "City",
    "Config",
    "ConfigRefused",
    "Dingtalk",
    "Group",
    "Override",
    "Privacy",
    "Reminders",
    "Store",
    "Wecom",
    "load_config",
    "overrides",
]

MASK = "******"


class _Environment(EnvSettingsSource):
    """Variables and credential files; a list may be JSON or words between commas."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in environment().items()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        return read_list(field_name, value)


class _Settings(BaseSettings, Config):
    """Config as it comes from a file and the environment; chats are keyed by their slug until here."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=DELIMITER)

    @field_validator("chat", mode="before")
    @classmethod
    def _chats_in_order(cls, value: Any) -> Any:
        return tuple(value.values()) if isinstance(value, dict) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment beat the file, whose table comes as the constructor's arguments."""
        return (_Environment(settings_cls), init_settings)


@dataclass(frozen=True, slots=True)
class Override:
    """An environment variable (or credential file) that sets a key.

    `shown` is its value and `beaten` the file's, masked where secret; `beaten` is "" where the file has none.
    """

    variable: str
    key: str
    shown: str
    beaten: str = ""
    is_file: bool = False


def load_config(path: Path) -> Config:
    """Return the configuration of `path`, with every path in it absolute. Raises ConfigRefused with all mistakes."""
    data, lines = read_toml(path)
    origin = Origin(path, lines, environment())
    chats = data.get("chat")
    if isinstance(chats, dict):
        raise ConfigRefused((Problem(origin.place(("chat",)), "chat 应写作 [[chat]]，每个群一段。"),))
    if isinstance(chats, list) and all(isinstance(chat, dict) for chat in chats):
        data["chat"] = _by_slug(chats, origin)
        origin = Origin(path, lines, origin.variables, tuple(data["chat"]))
    _refuse_unknown_variables(origin)
    try:
        config = _Settings(**data)
    except ValidationError as error:
        raise ConfigRefused(problems(error, origin)) from None
    rooted = _rooted(config, path.absolute().parent)
    _refuse_wrong_files(rooted, origin)
    return rooted


def _by_slug(chats: list[dict[str, Any]], origin: Origin) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for index, chat in enumerate(chats):
        key = slug(str(chat.get("name", ""))) or f"#{index}"
        if key in found:
            place = origin.place(("chat", index, "name"))
            raise ConfigRefused((Problem(place, f"群名称 {chat.get('name')} 重复（只差标点或大小写也算重复）"),))
        found[key] = chat
    return found


def _refuse_unknown_variables(origin: Origin) -> None:
    """Refuse variables of sections and chats that don't exist; unknown keys inside a section come up later."""
    wrong = []
    for name in sorted(origin.variables):
        section, *rest = name.removeprefix(PREFIX).lower().split(DELIMITER)
        if section not in Config.model_fields:
            wrong.append(Problem(f"环境变量 {name}", f"没有 {section} 这一节{nearest(section, Config)}"))
        elif section == "chat" and rest and rest[0] not in origin.slugs:
            known = "、".join(origin.slugs) or "无"
            wrong.append(Problem(f"环境变量 {name}", f"配置文件里没有这个群；现有：{known}"))
    if wrong:
        raise ConfigRefused(tuple(wrong))


def _rooted(config: Config, base: Path) -> Config:
    """Return `config` with every path absolute, taken from `base`."""
    store, tables = config.store, config.tables
    file = store.sqlite_file
    query = store.url.partition("?")[1:] if file else ()
    url = f"{SQLITE}{base / file}{''.join(query)}" if file else store.url
    paths = {name: base / path for name, path in tables if path is not None}
    templates = {name: base / path for name, path in config.documents if isinstance(path, Path)}
    calendar = base / config.city.calendar if config.city.calendar else None
    ca_file = base / config.server.ca_file if config.server.ca_file else None
    return config.model_copy(
        update={
            "store": store.model_copy(update={"url": url, "media": base / store.media, "heads": base / store.heads}),
            "tables": tables.model_copy(update=paths),
            "server": config.server.model_copy(update={"ca_file": ca_file}),
            "documents": config.documents.model_copy(update=templates),
            "city": config.city.model_copy(update={"calendar": calendar}),
        }
    )


def _refuse_wrong_files(config: Config, origin: Origin) -> None:
    named = {("tables", name): path for name, path in config.tables}
    named |= {("city", "calendar"): config.city.calendar, ("server", "ca_file"): config.server.ca_file}
    named |= {("documents", name): path for name, path in config.documents if name.endswith("_template")}
    wrong = [
        Problem(origin.place(key), f"{dotted(key)} 指向的文件不存在：{path}")
        for key, path in named.items()
        if path is not None and not path.is_file()
    ]
    if wrong:
        raise ConfigRefused(tuple(wrong))


def overrides(path: Path | None = None) -> list[Override]:
    """Return the variables now set that beat the file, in order; values of secrets and unknown keys are masked."""
    data = read_toml(path)[0] if path is not None else {}
    if isinstance(chats := data.get("chat"), list):
        data["chat"] = {slug(str(chat.get("name", ""))): chat for chat in chats if isinstance(chat, dict)}
    return [_override(name, value, data) for name, value in sorted(environment().items())]


def _override(name: str, value: str, data: Mapping[str, Any]) -> Override:
    key: Key = tuple(name.removeprefix(PREFIX).lower().split(DELIMITER))
    inner = (key[0], *key[2:]) if key[0] == "chat" else key
    stands: Any = data
    for part in key:
        stands = stands.get(part) if isinstance(stands, Mapping) else None

    def shown(given: Any) -> str:
        return str(given) if may_be_shown(inner, given) else MASK

    beaten = "" if stands is None else shown(stands)
    return Override(name, dotted(key), shown(value), beaten, is_file=name not in map(str.upper, os.environ))
