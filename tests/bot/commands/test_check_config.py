"""check-config says what is wrong, what stands over the file, and ends with the agreed exit code."""

from pathlib import Path

import pytest

from bot.commands.check_config import run

CITY = '[city]\nname = "溪城市"\n'
LINE = '[wecom.bot]\nmode = "websocket"\nbot_id = "b"\nsecret = "s"\n'
DINGTALK = '[dingtalk]\nmode = "http"\nclient_id = "d"\nclient_secret = "secret-of-dingtalk"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_a_usable_configuration(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(CITY, encoding="utf-8")
    assert run(file) == 0
    shown = capsys.readouterr().out
    assert shown.endswith("config.toml：配置可用。\n")
    assert "⚠ 没有配置企业微信或钉钉" in shown


def test_a_wrong_configuration(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(CITY + "[server]\nprot = 1\n", encoding="utf-8")
    assert run(file) == 2
    assert f"{file}:4 不认识的键 prot：prot → port？" in capsys.readouterr().out


def test_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none.toml") == 2
    assert "无法读取" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            '[[chat]]\nname = "甲"\nplatform = "wecom"\n',
            "群“甲”在 wecom 上，但没有配置 [wecom]",
            id="platform not there",
        ),
        pytest.param(
            '[store]\nmedia = "config.toml/media"\n', "store.media：文件夹", id="a file where a folder must be"
        ),
        pytest.param(
            '[store]\nurl = "sqlite+aiosqlite:///config.toml/x/l.db"\n', "store.url：文件夹", id="database folder"
        ),
        pytest.param('[tables]\nframe = "config.toml"\n', "{folder}/config.toml：没有[[version]]", id="a wrong table"),
    ],
)
def test_problems_end_with_1(file: Path, capsys: pytest.CaptureFixture[str], lines: str, expected: str) -> None:
    file.write_text(CITY + lines, encoding="utf-8")
    assert run(file) == 1
    shown = capsys.readouterr().out
    assert f"✘ {expected.format(folder=file.parent)}" in shown
    assert "有1处须处理。" in shown


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            '[store]\nheads = "data/heads.txt"\n', "store.heads 在数据库文件夹里", id="heads beside the database"
        ),
        pytest.param('[wecom]\napi_base = "http://10.0.0.8"\n', "wecom.api_base 未加密", id="plain http"),
        pytest.param(DINGTALK, "没有用途为 office 的群", id="no office chat"),
        pytest.param(DINGTALK, "没有用途为 ops 的群", id="no ops chat"),
        pytest.param(
            '[wecom.bot]\nmode = "websocket"\nbot_id = "b"\nsecret = "s"\n[[chat]]\nname = "甲"\nplatform = "wecom"\n',
            "群“甲”没有 webhook",
            id="no way to push",
        ),
        pytest.param(
            LINE + 'token = "t"\n', "wecom.bot 用长连接（websocket），token 和 aes_key 用不到", id="callback keys"
        ),
        pytest.param(
            f'[wecom.bot]\nmode = "callback"\ntoken = "t"\naes_key = "{"a" * 43}"\nsecret = "s"\n',
            "wecom.bot 用URL回调（callback），secret 用不到",
            id="line secret",
        ),
        pytest.param(DINGTALK, "dingtalk 用HTTP模式，但没有 server.public_url", id="nowhere to call back"),
        pytest.param(
            LINE + '[server]\npublic_url = "https://a.cn"\n',
            "server.public_url：现在的接入方式不需要",
            id="no callback",
        ),
        pytest.param(
            DINGTALK + '[[chat]]\nname = "甲"\nplatform = "dingtalk"\nwebhook_secret = "SECx"\n',
            "群“甲”有 webhook_secret 而没有 webhook_token",
            id="half a webhook",
        ),
    ],
)
def test_hints_leave_the_exit_code(file: Path, capsys: pytest.CaptureFixture[str], lines: str, expected: str) -> None:
    file.write_text(CITY + lines, encoding="utf-8")
    assert run(file) == 0
    assert f"⚠ {expected}" in capsys.readouterr().out


def test_a_loopback_peer_needs_no_encryption(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(CITY + '[wecom]\napi_base = "http://127.0.0.1:9000"\n', encoding="utf-8")
    assert run(file) == 0
    assert "未加密" not in capsys.readouterr().out


def test_overrides_are_named_and_secrets_masked(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(CITY + DINGTALK, encoding="utf-8")
    monkeypatch.setenv("LUZHANG__SERVER__PORT", "9001")
    monkeypatch.setenv("LUZHANG__CITY__NAME", "新城")
    monkeypatch.setenv("LUZHANG__DINGTALK__CLIENT_SECRET", "other-secret")
    assert run(file) == 0
    shown = capsys.readouterr().out
    assert "环境变量 LUZHANG__SERVER__PORT 覆盖 server.port（9001）" in shown
    assert (
        "环境变量 LUZHANG__DINGTALK__CLIENT_SECRET 覆盖 dingtalk.client_secret（******），文件中的******不起作用"
        in shown
    )
    assert "覆盖 city.name（新城），文件中的溪城市不起作用" in shown
    assert "secret-of" not in shown
    assert "other-secret" not in shown
