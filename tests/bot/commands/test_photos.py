import json
from pathlib import Path

import pytest

from bot.commands.photos import run
from bot.demo.city import FILES
from tests.handlers.test_looking import drawn, gps


def test_what_the_pictures_of_a_folder_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jpg").write_bytes(drawn(1, taken="2026:06:01 14:02:33", gps=gps(113.705001, 34.4235)))
    (tmp_path / "b.png").write_bytes(b"no picture")
    (tmp_path / "c.txt").write_text("not looked at", "utf-8")
    assert run(FILES / "roster.csv", tmp_path) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["file"], first["taken"]) == ("a.jpg", "2026-06-01T14:02:33+08:00")
    assert first["segment"] == "XZ001"
    assert (second["file"], "problem" in second) == ("b.png", True)


def test_no_such_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(FILES / "roster.csv", tmp_path / "none") == 2
    assert "没有文件夹" in capsys.readouterr().err
