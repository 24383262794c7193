"""`luzhang init`: questions answered, files written, changes shown first, secrets never."""

import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.cli import main
from bot.commands.init import run
from bot.commands.session import UsageError
from bot.config import load_config
from tests.bot.commands.files import write

ROOT = Path(__file__).parents[3]
WECOM = ["溪城市", "1", "1", "aib-01", "2", "东关群", "1", "东关街道", "运维群", "5", "", ""]
SECRETS = ["canary-line-secret", "canary-hook-1", ""]


@dataclass
class Typed:
    """A person whose answers are known beforehand; "" takes the default."""

    lines: list[str]
    secrets: list[str]
    asked: list[str] = field(default_factory=list)

    def text(self, question: str, default: str) -> str:
        self.asked.append(question)
        return self.lines.pop(0) or default

    def secret(self, question: str) -> str:
        self.asked.append(question)
        return self.secrets.pop(0)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    return capsys


def asked(config: Path, lines: list[str], secrets: list[str]) -> int:
    typed = Typed(list(lines), list(secrets))
    code = run(config, None, [], yes=False, asker=typed)
    assert (typed.lines, typed.secrets) == ([], [])
    return code


def test_from_nothing_to_a_configuration(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    assert asked(file, WECOM, SECRETS) == 0
    config = load_config(file)
    bot = config.wecom.bot
    assert bot is not None
    assert (config.city.name, bot.mode, bot.bot_id, bot.secret.get_secret_value()) == (
        "溪城市", "websocket", "aib-01", "canary-line-secret",
    )  # fmt: skip
    assert [(chat.name, chat.purpose, chat.scope) for chat in config.chat] == [
        ("东关群", "work", "东关街道"),
        ("运维群", "ops", ""),
    ]
    assert config.chat[0].webhook_key.get_secret_value() == "canary-hook-1"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "canary" not in said.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_a_new_city_is_not_offered_the_samples_name(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    assert asked(tmp_path / "config.toml", ["", *WECOM], SECRETS) == 0
    assert "✘ 不能为空。" in said.readouterr().out


def test_run_again_it_offers_what_stands_and_shows_the_change(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    asked(file, WECOM, SECRETS)
    before = file.read_text(encoding="utf-8")
    said.readouterr()
    again = ["", "", "", "", "", ""]  # every default
    assert asked(file, again, [""]) == 0
    assert "没有变化" in said.readouterr().out
    assert asked(file, ["新溪城市", "", "", "", "", "", "2"], ["canary-second"]) == 1  # refused at the end
    out = said.readouterr().out
    assert ('+name = "新溪城市"' in out, "没有写入" in out, "canary" in out) == (True, True, False)
    assert file.read_text(encoding="utf-8") == before
    assert asked(file, ["新溪城市", "", "", "", "", "", "1"], ["canary-second"]) == 0
    assert load_config(file).city.name == "新溪城市"
    assert (tmp_path / "config.toml.bak").read_text(encoding="utf-8") == before
    assert "canary" not in said.readouterr().out


def test_a_wrong_answer_is_asked_again(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    lines = ["溪城市", "4", "1", "2", "2", "内网", "https://luzhang.example.gov.cn", ""]
    assert asked(tmp_path / "config.toml", lines, ["canary-token", "too-short", "a" * 43]) == 0
    out = said.readouterr().out
    assert "✘ 请回 1、2、3。" in out
    assert "✘ 不是EncodingAESKey：应为43位字母和数字" in out
    assert "✘ 应为完整网址" in out
    assert "too-short" not in out


def test_a_callback_token_is_no_line_secret(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    lines = ["溪城市", "1", "1", "aib-01", "2", ""]
    asked(tmp_path / "config.toml", lines, ["Q" * 43, "canary-right"])
    assert "这不像长连接Secret（与Token/EncodingAESKey不同），请重新获取" in said.readouterr().out


def test_a_secret_copied_with_a_blank_is_asked_for_again(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    lines = ["溪城市", "1", "1", "aib-01", "2", ""]
    asked(tmp_path / "config.toml", lines, ["canary right", "canary-right"])
    assert "含有空格、中文或全角字符，请重新复制" in said.readouterr().out


def test_both_platforms(tmp_path: Path) -> None:
    lines = ["溪城市", "3", "1", "aib-01", "2", "1", "ding1", "", "西关群", "2", "3", "", ""]
    assert asked(tmp_path / "config.toml", lines, ["s1", "s2", "hook", "SECx"]) == 0
    config = load_config(tmp_path / "config.toml")
    assert config.dingtalk is not None
    assert (config.dingtalk.mode, config.dingtalk.robot) == ("stream", "ding1")
    assert (config.chat[0].platform, config.chat[0].purpose) == ("dingtalk", "office")
    assert config.chat[0].webhook_secret.get_secret_value() == "SECx"


def test_scripts_bring_their_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = write(
        tmp_path, "answers.toml", "[dingtalk]", 'mode = "stream"', 'client_id = "d"', 'client_secret = "canary-3"'
    )
    file = tmp_path / "new" / "config.toml"
    words = ["init", "--config", str(file), "--answers", str(answers), "--set", "city.name=溪城市"]
    assert main([*words, "--set", "server.port=9000", "--set", "dingtalk.names=路长,小路"]) == 0
    config = load_config(file)
    assert (config.city.name, config.server.port) == ("溪城市", 9000)
    assert config.dingtalk is not None
    assert config.dingtalk.names == ("路长", "小路")
    assert main([*words, "--set", "server.port=9001"]) == 2  # it stands: not without --yes
    out, err = capsys.readouterr()
    assert ("+port = 9001" in out, "请加 --yes" in err, "canary" in out + err) == (True, True, False)
    assert main([*words, "--set", "server.port=9001", "--yes"]) == 0
    assert load_config(file).server.port == 9001


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param("city.nmae=x", "没有这个键", id="typo"),
        pytest.param("server.port=x", "应为整数", id="type"),
        pytest.param("city", "没有这个键", id="no value"),
        pytest.param("wecom.bot.mode=websocket", "mode 为 websocket 时须有 bot_id", id="incomplete"),
    ],
)
def test_wrong_values_are_refused_and_nothing_is_written(tmp_path: Path, given: str, why: str) -> None:
    file = tmp_path / "config.toml"
    with pytest.raises(UsageError, match=why):
        run(file, None, ["city.name=溪城市", given], yes=False)
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_it_asks_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "init", "--config", str(tmp_path / "c.toml")],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "这里不能提问" in done.stderr, done.stdout) == (2, True, "")
