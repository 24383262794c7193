"""`luzhang init`: a configuration written step by step, from the sample or over the one that stands.

Nothing is written before the whole is valid and the change was shown and agreed to. What is secret is typed unseen and
never printed. Exit codes: 0 written or unchanged, 1 not agreed to, 2 wrong answers.
"""

import contextlib
import os
import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import typer
from pydantic import SecretStr, TypeAdapter, ValidationError

from bot.commands import init_questions as ask
from bot.commands.init_questions import Question
from bot.commands.session import OK, PROBLEM, UsageError, say
from bot.config import load_config
from bot.config_file import ConfigRefused
from bot.config_problems import field_at
from bot.config_problems import text_of as problem_text
from bot.config_writing import diff, fill, leaves

SAMPLE: Final = Path(__file__).parents[1] / "config.example.toml"
KEPT: Final = ".bak"  # what stood before is kept under this ending

Tree = dict[str, Any]


class Asker(Protocol):
    """Whoever answers: a person at a terminal, or a test."""

    def text(self, question: str, default: str) -> str:
        """Return a line."""

    def secret(self, question: str) -> str:
        """Return a line that is not shown while it is typed."""


class Terminal:
    """A person at the terminal."""

    def text(self, question: str, default: str) -> str:
        """Return what is typed; the default on an empty line."""
        return str(typer.prompt(question, default=default, show_default=bool(default)))

    def secret(self, question: str) -> str:
        """Return what is typed unseen."""
        return str(typer.prompt(question, default="", hide_input=True, show_default=False))


def run(config: Path, answers: Path | None, given: Sequence[str], *, yes: bool, asker: Asker | None = None) -> int:
    """Write a configuration. Raises UsageError, ConfigRefused.

    answers: a TOML file in the form of config.toml. given: `section.key=value`. Without either, questions are asked.
    """
    base = _read(config) if config.exists() else _read(SAMPLE)
    is_scripted = answers is not None or bool(given)
    if not is_scripted and asker is None and not sys.stdin.isatty():
        raise UsageError("这里不能提问：请在终端里运行，或用 --answers 文件、--set 节.键=值。")
    who = asker or Terminal()
    offered = tomllib.loads(base) if config.exists() else {}  # the sample's own values are nobody's
    values = _scripted(answers, given) if is_scripted else Wizard(who, offered).ask()
    written = fill(base, values)
    _refuse_wrong(config, written)
    standing = base if config.exists() else ""
    changes = diff(standing, written) if standing else []
    if standing and not changes:
        say(f"{config} 没有变化。")
        return OK
    for line in changes:
        say(line)
    if standing and not (yes or _agreed(who, is_scripted=is_scripted)):
        say("没有写入。")
        return PROBLEM
    _write(config, written)
    _explain(config, is_new=not standing)
    return OK


def _read(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            f"{path} 不是正确的TOML（UTF-8），请先用 luzhang check-config 改好，或换一个文件名。"
        ) from error
    return text


def _agreed(who: Asker, *, is_scripted: bool) -> bool:
    if is_scripted:
        raise UsageError("文件已存在，以上是将要做的改动：确认无误请加 --yes。")
    return who.text("写入以上改动？1 写入 2 取消", "1").strip() == "1"


def _scripted(answers: Path | None, given: Sequence[str]) -> Tree:
    values: Tree = {}
    if answers is not None:
        values = tomllib.loads(_read(answers)) if answers.is_file() else _no_file(answers)
    for pair in given:
        name, is_pair, value = pair.partition("=")
        key = tuple(name.strip().split("."))
        if not is_pair or field_at(key) is None or len(key) < 2:
            raise UsageError(f"--set {name}：没有这个键，应写成 节.键=值，如 city.name=溪城市。")
        if problem := wrong(key, value):
            raise UsageError(f"--set {name}：{problem}。")
        _put(values, key, _typed(key, value))
    return values


def _no_file(path: Path) -> Tree:
    raise UsageError(f"没有文件 {path}，请核对路径。")


def _refuse_wrong(config: Path, text: str) -> None:
    """Raise ConfigRefused for a text that `serve` would not take. It is checked beside its place, for its paths."""
    config.absolute().parent.mkdir(parents=True, exist_ok=True)
    trial = config.absolute().with_name(f".{config.name}.new")
    try:
        _write_private(trial, text)
        load_config(trial)
    except ConfigRefused as refused:
        raise UsageError(str(refused.text).replace(str(trial), str(config))) from None
    finally:
        trial.unlink(missing_ok=True)


def _write(config: Path, text: str) -> None:
    if config.exists():
        _write_private(config.with_name(config.name + KEPT), _read(config))
    part = config.absolute().with_name(f".{config.name}.part")
    _write_private(part, text)
    if config.exists():  # whoever may read it keeps that right
        os.chmod(part, config.stat().st_mode & 0o777)
        with contextlib.suppress(PermissionError):
            os.chown(part, config.stat().st_uid, config.stat().st_gid)
    part.replace(config)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _explain(config: Path, *, is_new: bool) -> None:
    say(f"已写入 {config}（只有当前用户可读）。" if is_new else f"已写入 {config}，原来的留在 {config}{KEPT}。")
    steps = (
        (f"luzhang check-config --config {config}", "检查配置"),
        ("luzhang template roster", "取一份空的花名册，填好后 luzhang import roster；人员、轮值同样"),
        (f"luzhang serve --config {config}", "启动服务"),
        (f"luzhang chat bind --config {config}", "给每个群一个六位绑定码"),
        (f"luzhang doctor --config {config}", "还缺什么"),
    )
    width = max(len(step) for step, _ in steps)
    for step, about in steps:
        say(f"  {step:<{width}}  {about}")


def wrong(key: Sequence[str], text: str) -> str:
    """Return in Chinese what is wrong with a value of this key, "" when it may stand."""
    found = field_at(tuple(key))
    if found is None:
        return "没有这个键"
    kind: Any = Annotated[found.annotation, *found.metadata] if found.metadata else found.annotation
    try:
        TypeAdapter(kind).validate_python(_typed(key, text))
    except ValidationError as error:
        return problem_text(error.errors()[0])
    if found.annotation is SecretStr and not re.fullmatch(r"[!-~]*", text):
        return "含有空格、中文或全角字符，请重新复制"
    if tuple(key) == ("wecom", "bot", "secret") and len(text) == 43 and text.isalnum():
        return "这不像长连接Secret（与Token/EncodingAESKey不同），请重新获取"
    return ""


def _typed(key: Sequence[str], text: str) -> Any:
    """Return a written value as TOML has it: a list is written between commas, a number or a truth as such."""
    found = field_at(tuple(key))
    kind = str(found.annotation) if found else ""
    if "tuple" in kind and "datetime.time" not in kind.removeprefix("tuple"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if "bool" in kind and text in ("true", "false"):
        return text == "true"
    if "int" in kind and text.strip().lstrip("-").isdecimal():
        return int(text)
    return text


def _put(tree: Tree, key: Sequence[str], value: Any) -> None:
    reduce(lambda inner, part: inner.setdefault(part, {}), key[:-1], tree)[key[-1]] = value


@dataclass
class Wizard:
    """Asks step by step. `standing`: the values of the file as it stands, offered again."""

    who: Asker
    standing: Mapping[str, Any]
    values: Tree = field(default_factory=dict)

    def ask(self) -> Tree:
        """Return the answers, nested like the file."""
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("第1步 城市", lambda: self._all(ask.CITY)),
            ("第2步 平台", self._platforms),
            ("第3步 群", self._chats),
        )
        for title, step in steps:
            say(f"── {title} ──")
            step()
        return self.values

    def _platforms(self) -> None:
        known = {"wecom": "bot" in self.standing.get("wecom", {}), "dingtalk": "dingtalk" in self.standing}
        default = {(True, True): "3", (False, True): "2"}.get((known["wecom"], known["dingtalk"]), "1")
        menu = " ".join(f"{number} {name}" for number, name in ask.PLATFORMS.items())
        chosen = self._choice(f"用哪个平台？{menu}", ask.PLATFORMS, default)
        self.platforms = {"1": ("wecom",), "2": ("dingtalk",), "3": ("wecom", "dingtalk")}[chosen]
        needs_address = [{"wecom": self._wecom, "dingtalk": self._dingtalk}[platform]() for platform in self.platforms]
        if any(needs_address):
            self._one(ask.PUBLIC_URL)

    def _wecom(self) -> bool:
        """Ask for the bot and the app; return whether the platform must reach us."""
        is_callback = self._mode(("wecom", "bot", "mode"), ask.WECOM_MODE_MENU, ask.WECOM_MODES) == "callback"
        self._all(ask.WECOM_CALLBACK if is_callback else ask.WECOM_LINE)
        default = "1" if "app" in self.standing.get("wecom", {}) else "2"
        has_app = self._choice(ask.WECOM_APP_MENU, ("1", "2"), default) == "1"
        if has_app:
            self._all(ask.WECOM_APP)
        return is_callback or has_app

    def _dingtalk(self) -> bool:
        mode = self._mode(("dingtalk", "mode"), ask.DINGTALK_MODE_MENU, ask.DINGTALK_MODES)
        self._all(ask.DINGTALK)
        return mode == "http"

    def _mode(self, key: tuple[str, ...], menu: str, modes: Mapping[str, str]) -> str:
        stands = self._standing(key)
        default = next((number for number, mode in modes.items() if mode == stands), "1")
        mode = modes[self._choice(menu, modes, default)]
        _put(self.values, key, mode)
        return mode

    def _chats(self) -> None:
        say("每个群一条；群号不用填，服务起来后在群里说一次绑定码即可。已有的群不必再写。")
        for chat in self.standing.get("chat", []):
            say(f"  已有：{chat.get('name')}（{chat.get('purpose', 'work')}）")
        chats: list[Tree] = []
        while name := self._answer(ask.CHAT_NAME, ""):
            chats.append(self._chat(name))
        if chats:
            self.values["chat"] = chats

    def _chat(self, name: str) -> Tree:
        platform = self.platforms[0]
        if len(self.platforms) > 1:
            platform = {"1": "wecom", "2": "dingtalk"}[self._choice("在哪个平台？1 企业微信 2 钉钉", ("1", "2"), "1")]
        chat: Tree = {"name": name, "platform": platform}
        chat["purpose"] = ask.PURPOSES[self._choice(f"用途？{ask.PURPOSE_MENU}", ask.PURPOSES, "1")]
        for question in (ask.CHAT_SCOPE, *ask.CHAT_KEYS[platform]):
            if value := self._answer(question, ""):
                chat[question.key[-1]] = value
        return chat

    def _all(self, questions: Sequence[Question]) -> None:
        for question in questions:
            self._one(question)

    def _one(self, question: Question) -> None:
        stands = self._standing(question.key)
        value = self._answer(question, stands)
        if value != "" and value != stands:
            _put(self.values, question.key, _typed(question.key, value))

    def _standing(self, key: Sequence[str]) -> str:
        return next((str(value) for place, value in leaves(self.standing) if place == tuple(key)), "")

    def _answer(self, question: Question, stands: str) -> str:
        """Ask until the answer may stand; an empty one keeps what stands, or leaves out what may be missing."""
        if question.hint:
            say(f"  {question.hint}")
        while True:
            if question.is_secret:
                kept = "（已填，直接回车保留）" if stands else ""
                value = self.who.secret(f"{question.text}{kept}（输入不显示）").strip() or stands
            else:
                value = self.who.text(question.text, stands).strip()
            if not value and question.is_optional:
                return ""
            problem = wrong(question.key, value)
            if not problem:
                return value
            say(f"  ✘ {problem}。")

    def _choice(self, question: str, allowed: Sequence[str] | Mapping[str, str], default: str) -> str:
        while True:
            answer = self.who.text(question, default).strip()
            if answer in allowed:
                return answer
            say(f"  ✘ 请回 {'、'.join(allowed)}。")
