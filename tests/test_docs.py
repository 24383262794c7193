"""The documents say what is there: commands, options, settings, words, messages and links, each against the code."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import app
from bot.config import Config
from bot.config_problems import field_at
from bot.metrics import Metrics
from handlers.table import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
HANDBOOK = ROOT / "docs" / "handbook"
DOCUMENTS = [
    *(ROOT / name for name in (*READMES, "CHANGELOG.md")),
    *(ROOT / "docs" / name for name in ("handbook.zh-CN.md", "architecture.md")),
    *sorted(HANDBOOK.glob("*.md")),
]
SOURCES = ("bot", "handlers", "schedules", "store", "media", "domain")

CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
CALLED = re.compile(r"\bluzhang ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
CHINESE = re.compile("[\u4e00-\u9fff]")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def outside_fences(text: str) -> str:
    return FENCE.sub("", text)


def commands() -> dict[str, set[str]]:
    """Every command of the command line with its options, without --config and --help."""
    return dict(_commands(typer.main.get_command(app), ""))


def _commands(command: Any, above: str) -> Iterator[tuple[str, set[str]]]:
    for name, inner in getattr(command, "commands", {}).items():
        words = f"{above} {name}".strip()
        if getattr(inner, "commands", None):
            yield from _commands(inner, words)
        else:
            options = {option for parameter in inner.params for option in parameter.opts if option.startswith("--")}
            yield words, options - {"--config", "--help"}


def rows(text: str) -> Iterator[list[str]]:
    """The rows of all tables, as cells."""
    for line in outside_fences(text).splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


@pytest.mark.parametrize("name", READMES)
def test_the_readme_lists_exactly_the_commands(name: str) -> None:
    listed = [match[1] for row in rows(read(ROOT / name)) if (match := re.fullmatch("`luzhang ([a-z -]+)`", row[0]))]
    assert sorted(listed) == sorted(commands())


def test_the_handbook_gives_every_command_with_all_its_options() -> None:
    shown = {}
    for row in rows(read(HANDBOOK / "commands.md")):
        if called := CALLED.search(row[0]):
            name = next(n for n in (" ".join(filter(None, called.groups())), called[1]) if n in commands())
            shown[name] = set(re.findall(r"--[a-z-]+", row[0])) - {"--config"}
    assert shown == commands()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_command_that_is_not_there(path: Path) -> None:
    known = {words for name in commands() for words in (name, name.split()[0])}
    spoken = {tuple(filter(None, match.groups())) for match in CALLED.finditer("\n".join(_code(read(path))))}
    # "luzhang chat bind --name" has two words of its own, "luzhang backup folder" one and an argument
    assert [words for words in sorted(spoken) if " ".join(words) not in known and words[0] not in commands()] == []


def _code(text: str) -> list[str]:
    return FENCE.findall(text) + CODE.findall(outside_fences(text))


@pytest.mark.parametrize("name", READMES)
def test_the_first_commands_are_make_demo_and_make_test(name: str) -> None:
    first = FENCE.findall(read(ROOT / name))[0]
    assert re.findall(r"^make (\w+)", first, re.MULTILINE) == ["demo", "test"]


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {
        target for path in DOCUMENTS for code in _code(read(path)) for target in re.findall(r"\bmake ([a-z]+)", code)
    }
    assert named <= targets


def test_both_readmes_have_the_same_parts() -> None:
    english, chinese = (read(ROOT / name) for name in READMES)
    assert [h[0] for h in HEADING.findall(english)] == [h[0] for h in HEADING.findall(chinese)]
    assert _spoken_commands(english) == _spoken_commands(chinese)
    assert set(LINK.findall(english)) - {"README.zh-CN.md"} == set(LINK.findall(chinese)) - {"README.md"}


def _spoken_commands(text: str) -> list[str]:
    return [code for code in CODE.findall(outside_fences(text)) if re.match("(luzhang|make|cp) ", code)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(path: Path) -> None:
    broken = []
    for link in LINK.findall(read(path)):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if "://" not in link and (not target.exists() or (anchor and anchor not in anchors(target))):
            broken.append(link)
    assert broken == []


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = [title for _, title in HEADING.findall(outside_fences(read(path)))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def example() -> str:
    """The example configuration with everything switched on."""
    return re.sub(r"^#(?=\[|[a-z_]+ = )", "", read(ROOT / "config.example.toml"), flags=re.MULTILINE)


def settings() -> Iterator[tuple[str, str, Any]]:
    """Every (section, key, value) of the example."""
    yield from _settings(tomllib.loads(example()), "")


def _settings(table: dict[str, Any], above: str) -> Iterator[tuple[str, str, Any]]:
    for key, value in table.items():
        place = f"{above}.{key}".strip(".")
        inner = [value] if isinstance(value, dict) else value
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            for one in inner:
                yield from _settings(one, place)
        else:
            yield above, key, value


def sections() -> dict[str, str]:
    """The parts of the handbook's chapter on settings, by section."""
    parts = re.split(r"^#+ \[+([a-z._]+)\]+.*$", read(HANDBOOK / "config.md"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_handbook_explains_every_setting() -> None:
    known = sections()
    missing = [(s, key) for s, key, _ in settings() if f"`{key}`" not in known.get(s, "")]
    assert missing == []


def test_the_handbook_explains_no_setting_that_is_not_there() -> None:
    given = {section for section, _, _ in settings()} | {"wecom"}
    strange = []
    for section, text in sections().items():
        for row in rows(text):
            keys = CODE.findall(row[0])
            strange += [(section, key) for key in keys if field_at((*section.split("."), key)) is None]
    assert set(sections()) <= given
    assert strange == []


def test_the_handbook_gives_the_defaults() -> None:
    values = {(section, key): value for section, key, value in settings()}
    wrong = []
    for section, text in sections().items():
        for row in rows(text):
            keys, default = CODE.findall(row[0]), re.fullmatch("`([^`]+)`|([0-9]+)", row[1])
            if len(keys) == 1 and default and (section, keys[0]) in values:
                said, value = default[1] or default[2], values[section, keys[0]]
                if said not in (str(value), str(value).lower(), str(value).replace("'", '"')):
                    wrong.append((section, keys[0], said))
    assert wrong == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_environment_variable_sets_a_key(path: Path) -> None:
    strange = []
    for name in re.findall(r"\bLUZHANG__[A-Z][\w]*", read(path)):
        key = name.removeprefix("LUZHANG__").lower().split("__")
        inner = (key[0], *key[2:]) if key[0] == "chat" else tuple(key)
        if CHINESE.search(key[0]) or key[-1] in ("键", ""):
            continue
        if inner[0] not in Config.model_fields or field_at(inner) is None:
            strange.append(name)
    assert strange == []


def test_the_handbook_gives_every_word_that_can_be_spoken() -> None:
    page = read(HANDBOOK / "roles.md")
    told, _, spellings = page.partition("## 同一口令的各种说法")
    listed = [tuple(CODE.findall(row[0])) for row in rows(spellings)]
    assert [words for words in listed if words] == [command.words.words for command in COMMANDS]
    explained = CODE.findall(told)
    assert [c.key for c in COMMANDS if not any(w in code for w in c.words.words for code in explained)] == []


def test_every_figure_that_is_named_is_measured() -> None:
    page = Metrics().render().decode()
    counted = set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE))
    named = set(re.findall(r"\bluzhang_[a-z_]+", read(HANDBOOK / "operations.md")))
    assert named <= counted


@cache
def templates() -> tuple[str, list[re.Pattern[str]]]:
    """Every text of the program, and a pattern for each that has places to fill."""
    texts, patterns = [read(ROOT / "Makefile"), *map(read, (ROOT / "scripts").glob("*.sh"))], []
    for path in (path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
                if len("".join(str(part or "") for part in parts).strip()) > 3:
                    patterns.append(re.compile("".join(".*" if p is None else re.escape(str(p)) for p in parts)))
    return "\n".join(texts), patterns


def is_said(message: str) -> bool:
    """Whether the program says a message: filled in as an example, in part, or with … for what changes."""
    texts, patterns = templates()
    message = re.sub("^[✔⚠✘] ", "", message)
    if any(pattern.fullmatch(message) for pattern in patterns):
        return True
    return all(part in texts for part in re.split("…|[0-9]+", message) if CHINESE.search(part))


MESSAGES = [
    (path.name, code)
    for path in sorted(HANDBOOK.glob("*.md"))
    if path.name != "roles.md"  # there people speak
    for code in CODE.findall(outside_fences(read(path)))
    if CHINESE.search(code) and re.search("[，。：；…？]", code)
]


@pytest.mark.parametrize(
    ("page", "message"), [pytest.param(page, text, id=f"{page}: {text}") for page, text in MESSAGES]
)
def test_a_quoted_message_is_one_the_program_says(page: str, message: str) -> None:
    assert is_said(message)
