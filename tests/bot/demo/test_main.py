import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from bot.demo import main, opening
from domain.errors import ConfigError

PROJECT = Path(__file__).parents[3]


def test_a_busy_port_names_another(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main.run(port, no_browser=True) == 1
    assert capsys.readouterr().out.strip() == f"端口{port}被占用，请用 luzhang demo --port {port + 10}。"


def test_files_that_are_not_the_demos_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "demo-data" / "名册.xlsx"
    own.parent.mkdir()
    own.write_text("mine")
    assert main.run(0, no_browser=True) == 1
    assert own.read_text() == "mine"
    assert "里有其他文件，未作改动" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo-data").write_text("a file where the folder should be")
    assert main.run(0, no_browser=True) == 1
    assert "无法写入" in capsys.readouterr().out


def test_two_demos_never_share_a_folder(tmp_path: Path) -> None:
    with opening.owned(tmp_path), pytest.raises(ConfigError, match="正被另一个演示使用"), opening.owned(tmp_path):
        pass
    with opening.owned(tmp_path):
        pass


def test_what_an_earlier_demo_left_is_cleared(tmp_path: Path) -> None:
    with opening.owned(tmp_path):
        (tmp_path / "media").mkdir()
        (tmp_path / "media" / "a.jpg").touch()
        (tmp_path / "luzhang.db-wal").touch()
        opening.clear(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {opening.MARK, "luzhang.db.lock"}


def test_starts_says_where_and_stops(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot.demo", "--port", "0", "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        first = demo.stdout.readline()
        assert first.startswith("模拟环境已启动 http://127.0.0.1:")
        assert first.endswith(" 。未连接任何真实平台。\n")
        address = first.split(" ")[1]
        with urllib.request.urlopen(address, timeout=10) as page:
            assert "模拟环境" in page.read().decode()
        demo.send_signal(signal.SIGTERM)
        rest = demo.stdout.read()
    assert demo.returncode == 0
    assert [line.strip()[:2] for line in rest.splitlines()[1:6]] == ["1.", "2.", "3.", "4.", "5."]
    assert (tmp_path / "demo-data" / "luzhang.db").exists()
