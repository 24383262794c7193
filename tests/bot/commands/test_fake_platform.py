"""`luzhang fake-platform` and `luzhang serve` side by side, as an operator rehearses."""

import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.commands.files import roster_lines, write

ROOT = Path(__file__).parents[3]
READY = "下面也逐条显示"


class Command:
    """A command that runs; what it prints goes into a file."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._printed = folder / f"{words[0]}.out"
        with self._printed.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", *words],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
            )

    @property
    def lines(self) -> list[str]:
        return self._printed.read_text(encoding="utf-8").splitlines()

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def until(self, wanted: str) -> list[str]:
        """Return what was printed, once it says this."""
        ends = time.monotonic() + 30
        while not any(wanted in line for line in self.lines):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < ends, self.lines
            time.sleep(0.05)
        return self.lines

    def end(self, number: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=20)
        return self.process.returncode, complaints


@contextmanager
def started(folder: Path, *words: str) -> Iterator[Command]:
    command = Command(folder, *words)
    try:
        yield command
    finally:
        if command.process.poll() is None:
            command.process.kill()
            command.process.communicate()


def posted(base: str, wanted: str) -> str:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        with urllib.request.urlopen(f"{base}/fake/posts", timeout=5) as answer:
            text = str(answer.read().decode())
        if wanted in text:
            return text
        time.sleep(0.05)
    raise AssertionError(f"no {wanted}")


def say(base: str, line: str) -> str:
    with urllib.request.urlopen(f"{base}/fake/say", data=line.encode(), timeout=10) as answer:
        return str(answer.read().decode())


def spoken(base: str, line: str) -> None:
    """Say a line as soon as the bot is there."""
    ends = time.monotonic() + 20
    while "已收到" not in say(base, line):
        assert time.monotonic() < ends
        time.sleep(0.1)


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
def test_a_report_goes_in_and_its_receipt_comes_out(platform: str, tmp_path: Path) -> None:
    with started(tmp_path, "fake-platform", platform, "--port", "0") as fake:
        printed = fake.until(READY)
        base = next(match[0] for line in printed if (match := re.search(r"http://127\.0\.0\.1:\d+", line)))
        config = write(tmp_path, "config.toml", *printed)  # as it was printed, explanations and all
        roster = write(tmp_path, "roster.csv", *roster_lines())
        assert main(["import", "roster", str(roster), "--config", str(config)]) == 0
        with started(tmp_path, "serve", "--port", "0", "--config", str(config)) as serve:
            serve.until("正在监听")
            spoken(base, "东关群 张三: 帮助")
            fake.type("东关群 张三: 人民路12号门口垃圾没人捡 [图]")
            receipt = next(line for line in fake.until("已交办") if "已交办" in line)
            assert receipt.startswith("→ 东关群｜")
            assert receipt[2:] in posted(base, "已交办")
            code, log = serve.end(signal.SIGTERM)
            assert (code, '"ERROR"' in log) == (0, False)
        assert fake.end(signal.SIGINT) == (0, "")
        assert fake.lines[-1] == "# 演练平台已停止。"


def test_a_wrong_script_and_a_wrong_platform_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = write(tmp_path, "faults.toml", '[[fault]]\nkind = "stautus"')
    assert main(["fake-platform", "wecom", "--script", str(script)]) == 2
    assert "faults.toml 第1个fault：kind 须为 status、" in capsys.readouterr().err
    assert main(["fake-platform", "feishu"]) == 2
    assert "没有平台 feishu" in capsys.readouterr().err
