"""The page on upgrades: its commands run one after the other, and what they bring back is what was there."""

import re
import shlex
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.commands.files import roster_lines, write

PAGE = Path(__file__).parents[1] / "docs" / "handbook" / "upgrade.md"


def commands() -> list[list[str]]:
    fences = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [shlex.split(line)[1:] for fence in fences for line in fence.splitlines()]


def test_the_commands_of_the_page_work_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "config.toml", '[city]\nname = "溪城市"\n[store]\n')
    roster = write(tmp_path, "roster.csv", *roster_lines())
    assert main(["import", "roster", str(roster)]) == 0
    found = commands()
    assert [words[0] for words in found].count("restore") == 1
    assert {words[0] for words in found} >= {"backup", "migrate", "restore", "doctor", "audit", "check-config"}
    for words in found:
        assert main(words) == 0, (words, capsys.readouterr())
    capsys.readouterr()
    assert main(["import", "roster", str(roster), "--dry-run"]) == 0
    assert "现有内容相同" in capsys.readouterr().out
