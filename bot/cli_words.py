"""The command line in Chinese: the help's headings, and what is wrong with a call."""

import difflib
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import TyperException
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from bot.commands.session import Session

_HELP = (
    (re.compile(r"^Usage: ", re.MULTILINE), "用法："),
    (re.compile(r"\[OPTIONS\]"), "[选项]"),
    (re.compile(r"COMMAND \[ARGS\]\.\.\."), "命令 [参数]..."),
    (re.compile(r"^Options:$", re.MULTILINE), "选项："),
    (re.compile(r"^Commands:$", re.MULTILINE), "命令："),
    (re.compile(r"^Arguments:$", re.MULTILINE), "参数："),
    (re.compile(r"Show this message and exit\."), "显示本说明。"),
    (re.compile(r"\[default:\s+"), "[默认："),
    (re.compile(r"([\[;] ?)required\]"), r"\1必填]"),
)
_WORD = re.compile(r"'([^']+)'|: (--?[\w-]+)|\(([^()]+)\)$")
_MEANT = re.compile(r"\(Possible options: ([^)]+)\)")
_INVALID = (
    (re.compile("should be less than or equal to (-?[0-9]+)"), "至多{}"),
    (re.compile("should be greater than or equal to (-?[0-9]+)"), "至少{}"),
    (re.compile("should be a valid (?:integer|number)"), "须是数字"),
)
_ERRORS = (
    ("Missing command", "请写出命令"),
    ("Missing", "缺少 {what}"),
    ("No such option", "没有选项 {what}"),
    ("No such command", "没有命令 {what}"),
    ("Got unexpected extra argument", "多余的参数 {what}"),
    ("requires an argument", "选项 {what} 缺少值"),
    ("does not take a value", "选项 {what} 不带值"),
    ("Invalid value", "{what} 的值有误"),
)


def in_chinese(text: str) -> str:
    """Return a help text with Chinese headings."""
    for pattern, chinese in _HELP:
        text = pattern.sub(chinese, text)
    return text


def complaint(error: TyperException) -> str:
    """Return in Chinese what is wrong with a call, and where the right one is described."""
    text = error.format_message()
    if "\n" in text:  # called without any command: the help itself
        return text
    meant = _MEANT.search(text)
    found = _WORD.search(_MEANT.sub("", text).strip())
    what = next((part for part in found.groups() if part), "") if found else ""
    said = next((chinese for english, chinese in _ERRORS if english in text), text)
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "luzhang"
    nearest = meant[1] if meant else _nearest(what, context)
    hint = f"，是否应为 {nearest}？" if nearest else f"{_why_invalid(text)}。"
    return f"{said.format(what=what).strip()}{hint}用法见：{where} --help"


def _nearest(word: str, context: Any) -> str:
    """Return the command that a misspelt one was likely meant for, or ""."""
    commands = getattr(getattr(context, "command", None), "commands", {})
    return next(iter(difflib.get_close_matches(word, commands, n=1)), "")


def _why_invalid(text: str) -> str:
    """Return what a value must be, after a colon, or ""."""
    for pattern, words in _INVALID:
        if found := pattern.search(text):
            return f"：{words.format(*found.groups())}"
    return ""


class Command(TyperCommand):
    """A command whose help is Chinese throughout."""

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return in_chinese(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands whose help is Chinese throughout."""

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return in_chinese(super().get_help(ctx))


ConfigOption = Annotated[
    Path, typer.Option("--config", metavar="FILE", help="配置文件，可由 config.example.toml 复制。")
]
DEFAULT_CONFIG = Path("config.toml")
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="文件，.csv 或 .xlsx。")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="只检查并列出变化，不保存。")]
PeriodOption = Annotated[str, typer.Option("--period", metavar="P", help="考评月份，如2026-10。")]
JsonOption = Annotated[bool, typer.Option("--json", help="输出JSON。")]
AsOption = Annotated[
    str | None, typer.Option("--as", metavar="PERSON", help="经办人（人员编号或姓名），须有这项权限。")
]
ReasonOption = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="原因。")]


def in_session(config: Path, step: "Callable[[Session], Awaitable[int]]") -> int:
    """Run a step on the configured database and return its exit code; what that needs is imported only then."""
    from bot.commands.session import run

    return run(config, step)


def group(app: typer.Typer, name: str, about: str) -> typer.Typer:
    """Return a new group of commands, already placed in the application."""
    made = typer.Typer(cls=Group, help=about, rich_markup_mode=None, add_completion=False, no_args_is_help=True)
    app.add_typer(made, name=name)
    return made
