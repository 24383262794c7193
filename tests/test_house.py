"""The house keeps its own rules: example and models agree, documents name the commands, nothing stray is shipped."""

import ast
import importlib
import importlib.util
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from bot.config import Config, load_config
from bot.config_file import Key, key_lines
from bot.config_problems import section_in

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "handlers", "schedules", "store", "media", "domain")
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
SWITCHED_OFF = re.compile(r"^#(?=\[|[a-z_]+ = )", re.MULTILINE)
ALL_ON = SWITCHED_OFF.sub("", EXAMPLE)

# spelled apart, so that this file does not find itself
MACHINE_PATHS = tuple(f"/{folder}/" for folder in ("wor" + "k", "roo" + "t", "far" + "m"))
REGISTRIES = ("pypi." + "org", "pythonhosted." + "org", "npmjs." + "org", "index-" + "url", "/sim" + "ple/")


def keys(section: type[BaseModel], above: Key = ()) -> Iterator[Key]:
    for name, field in section.model_fields.items():
        inner = section_in(field.annotation)
        yield from keys(inner, (*above, name)) if inner else [(*above, name)]


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def tracked() -> list[Path]:
    """The files of the project: those git knows, or all of a source archive."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_example_loads_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    assert load_config(file).city.name == "溪城市"


def test_the_example_loads_with_everything_switched_on(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(ALL_ON, encoding="utf-8")
    for name in (
        "ca.pem",
        "calendar.toml",
        "tables/categories.toml",
        "tables/deadlines.toml",
        "tables/rules.toml",
        "tables/letter.docx",
        "tables/order.docx",
        "tables/assessment.toml",
        "tables/accountability.toml",
        "tables/funding.toml",
        "tables/frame.toml",
        "tables/patrols.toml",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    config = load_config(file)
    assert [chat.platform for chat in config.chat] == ["wecom", "dingtalk"]


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    file, smallest = tmp_path / "config.toml", tmp_path / "smallest.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    smallest.write_text('[city]\nname = "溪城市"\n', encoding="utf-8")
    assert load_config(file).model_dump() == load_config(smallest).model_dump()


@pytest.mark.parametrize("key", [pytest.param(key, id=".".join(map(str, key))) for key in keys(Config)])
def test_the_example_explains_every_key(key: Key) -> None:
    lines = ALL_ON.splitlines()
    first = next((line for place, line in key_lines(ALL_ON).items() if _names(place) == key), 0)
    assert first, "not in config.example.toml"
    assert re.match(r"# .*[\u4e00-\u9fff]", lines[first - 2]), f"no explanation above line {first}"


def _names(place: Key) -> Key:
    return tuple(part for part in place if isinstance(part, str))


def test_every_module_says_what_it_is_for() -> None:
    found = sources(*PACKAGES, "scripts", "bench")
    silent = [path for path in found if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert [relative(path) for path in silent] == []


def test_every_folder_of_tests_is_a_package() -> None:
    missing = {relative(path.parent) for path in sources("tests") if not (path.parent / "__init__.py").is_file()}
    assert missing == set()


def commands() -> list[str]:
    """The commands of the command line, as people type them: "import roster"."""
    if importlib.util.find_spec("bot.cli") is None:
        return []
    return list(_spelled(typer.main.get_command(importlib.import_module("bot.cli").app)))


def _spelled(command: Any, above: str = "") -> Iterator[str]:
    for name, inner in getattr(command, "commands", {}).items():
        words = f"{above} {name}".strip()
        yield from _spelled(inner, words) if getattr(inner, "commands", {}) else [words]


def test_the_documents_name_every_command() -> None:
    documents = [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents)
    assert [command for command in commands() if f"luzhang {command}" not in text] == []


def test_every_data_file_is_listed_for_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    setuptools = project["tool"]["setuptools"]
    listed = {
        path
        for package, globs in setuptools["package-data"].items()
        for glob in globs
        for path in (ROOT / package.replace(".", "/")).glob(glob)
    }
    ours = [path for path in tracked() if relative(path).split("/")[0] in PACKAGES and path.suffix != ".py"]
    assert [relative(path) for path in ours if path not in listed] == []
    assert set(setuptools["packages"]["find"]["include"]) == {p for name in PACKAGES for p in (name, f"{name}.*")}


def test_every_folder_of_code_is_a_package() -> None:
    missing = {relative(path.parent) for path in sources(*PACKAGES) if not (path.parent / "__init__.py").is_file()}
    assert missing == set()


def test_no_machine_and_no_registry_is_named() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a sheet
        found += [f"{relative(path)}: {word}" for word in (*MACHINE_PATHS, *REGISTRIES) if word in text]
    assert found == []


@pytest.mark.parametrize("name", ["core.txt", "dev.txt"])
def test_a_lock_pins_every_package_by_hash(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) > 30
    for block in blocks:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==\S+", block)
        assert "--hash=sha256:" in block


def test_what_runs_is_locked_the_same_in_both_files() -> None:
    core, dev = (pins(name) for name in ("core.txt", "dev.txt"))
    assert core.items() <= dev.items()


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;]+)", text, re.MULTILINE))
