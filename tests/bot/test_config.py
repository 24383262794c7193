"""config.toml and the environment become one Config; every mistake names its place and mend, no secret is repeated."""

from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from bot.config import ConfigRefused, load_config, overrides
from bot.config_file import key_lines, slug

SMALLEST = '[city]\nname = "溪城市"\ntimezone = "Asia/Shanghai"\n[store]\nurl = "sqlite+aiosqlite:///x/l.db"\n'
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CANARY = "C4nary-Secret-Value"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def refusal(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigRefused) as refused:
        load_config(file)
    return refused.value.text


def test_the_smallest_configuration_loads_with_paths_beside_the_file(file: Path) -> None:
    file.write_text(SMALLEST, encoding="utf-8")
    config = load_config(file)
    assert config.city.name == "溪城市"
    assert config.store.sqlite_file == file.parent / "x/l.db"
    assert config.store.media == file.parent / "data/media"
    assert config.store.heads == file.parent / "heads/ledger-heads.txt"
    assert config.city.work_hours == ((time(8), time(12)), (time(14), time(18)))
    assert config.secrets() == ()


def test_a_relative_file_name_still_gives_absolute_paths(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(SMALLEST, encoding="utf-8")
    monkeypatch.chdir(file.parent)
    assert load_config(Path("config.toml")).store.media == file.parent / "data/media"


@pytest.mark.parametrize(
    ("url", "sqlite_file"),
    [
        pytest.param("sqlite+aiosqlite:////var/lib/l.db", Path("/var/lib/l.db"), id="absolute path stays"),
        pytest.param("sqlite+aiosqlite:///l.db?timeout=5", "l.db", id="query is not part of the path"),
        pytest.param("postgresql+asyncpg://u:p@db/l", None, id="a server has no file"),
    ],
)
def test_database_urls(file: Path, url: str, sqlite_file: Path | str | None) -> None:
    file.write_text(SMALLEST.replace("sqlite+aiosqlite:///x/l.db", url), encoding="utf-8")
    found = load_config(file).store
    assert found.sqlite_file == (file.parent / sqlite_file if isinstance(sqlite_file, str) else sqlite_file)
    assert found.url.endswith(url[-5:])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("[reminders]\nslot = []", ":7 不认识的键 slot：slot → slots？", id="unknown key, near"),
        pytest.param(
            "[privacy]\nxyz = 1", ":7 不认识的键 xyz；可用的键：retention、blur、review。", id="unknown key, far"
        ),
        pytest.param("[sever]\nport = 1", ":6 不认识的键 sever：sever → server？", id="unknown section"),
        pytest.param("[server]\nport = 'abc'", ":7 server.port 应为整数，现为 abc。", id="wrong type"),
        pytest.param("[server]\nport = 70000", ":7 server.port 不能大于 65535，现为 70000。", id="out of range"),
        pytest.param("[server]\nhost = 5", ":7 server.host 应为文字，须加引号，现为 5。", id="number for text"),
        pytest.param("[server]\npublic_url = 'x'", ":7 server.public_url 应为完整网址", id="no address"),
        pytest.param("[privacy]\nblur = 'maybe'", ":7 privacy.blur 应为 true 或 false", id="no boolean"),
        pytest.param("server = 5", ":6 不认识的键 server", id="a key in the wrong section"),
        pytest.param("[reminders]\nslots = [\n'08:30',\n'8点',\n]", ":7 reminders.slots 应为时刻", id="item of a list"),
        pytest.param("[reminders]\nslots = []", ":7 reminders.slots 不能为空", id="empty list"),
        pytest.param(
            "[reminders]\nslots = ['10:00', '08:30']", ":6 reminders slots 须由早到晚", id="slots out of order"
        ),
        pytest.param("[reminders]\nquiet_hours = '20点'", ":7 reminders.quiet_hours", id="no span"),
        pytest.param(
            "[assessment]\npublication = 'auto'",
            ":7 assessment.publication 只能是 automatic、signed，现为 auto。",
            id="allowed values",
        ),
        pytest.param(
            "[assessment]\nrating_weight = 1", ":7 assessment.rating_weight 须小于 1", id="a share is below 1"
        ),
        pytest.param(
            "[assessment.cut_offs]\ngood = 80\nfair = 90", ":6 assessment.cut_offs good 须大于 fair", id="cut-offs"
        ),
        pytest.param(
            "[dingtalk]\nmode = 'http'", ":6 缺少必填项 dingtalk.client_id：写在 [dingtalk] 一节", id="missing"
        ),
        pytest.param(
            "[dingtalk]\nmode = 'http'", "LUZHANG__DINGTALK__CLIENT_SECRET。", id="missing names its variable"
        ),
        pytest.param(
            "[wecom.bot]\nmode = 'callback'", ":6 wecom.bot mode 为 callback 时须有 token", id="mode incomplete"
        ),
        pytest.param(
            "[wecom.bot]\nmode = 'websocket'", ":6 wecom.bot mode 为 websocket 时须有 bot_id", id="other mode"
        ),
        pytest.param("[tables]\nrules = 'none.toml'", ":7 tables.rules 指向的文件不存在", id="table not there"),
        pytest.param("[chat]\nname = 'a'", ":6 chat 应写作 [[chat]]，每个群一段", id="single bracket"),
        pytest.param(
            "[[chat]]\nplatform = 'wecom'", ":6 缺少必填项 name：写在这一段 [[chat]] 里", id="chat without name"
        ),
        pytest.param("[[chat]]\nname = 'a'\nplatform = 'qq'", ":8 chat.platform 只能是 wecom、dingtalk", id="platform"),
        pytest.param(
            "[[chat]]\nname = 'a'\nplatform = 'wecom'\n[[chat]]\nname = 'A'\nplatform = 'wecom'",
            ":10 群名称 A 重复",
            id="two chats of one name",
        ),
        pytest.param(
            "[[chat]]\nname = 'a'\nplatform = 'dingtalk'\nwebhook_key = 'k'",
            "webhook_key 只用于企业微信群",
            id="webhook",
        ),
        pytest.param(
            "[[group]]\nname = 'g'\nsequence = 'unit'\nsubjects = ['甲']\n"
            "[[group]]\nname = 'h'\nsequence = 'unit'\nsubjects = ['甲']",
            "group 的 subjects 重复：unit:甲",
            id="one subject in two groups",
        ),
        pytest.param('[server]\nhost = "x', ":7 不合TOML格式", id="open quote"),
        pytest.param("[city]\nname = 'b'", ":6 不合TOML格式", id="a section twice"),
    ],
)
def test_a_mistake_names_its_line_and_mend(file: Path, lines: str, expected: str) -> None:
    assert expected in refusal(file, SMALLEST + lines)


def test_all_mistakes_come_at_once(file: Path) -> None:
    text = refusal(file, "[server]\nport = 'x'\nprt = 1\n")
    assert text.startswith("配置有3处错误：\n")
    assert "缺少 [city] 一节" in text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"[city]\nname = '\xc1\xf7'", "不是UTF-8编码", id="another encoding"),
        pytest.param(None, "无法读取", id="no file"),
    ],
)
def test_an_unreadable_file(file: Path, content: bytes | None, expected: str) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigRefused) as refused:
        load_config(file)
    assert expected in refused.value.text


def test_a_byte_order_mark_is_no_mistake(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + SMALLEST.encode())
    assert load_config(file).city.name == "溪城市"


def test_the_environment_beats_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(SMALLEST + "[server]\nport = 1\n[[chat]]\nname='东关群 A'\nplatform='wecom'\n", encoding="utf-8")
    monkeypatch.setenv("LUZHANG__SERVER__PORT", "9000")
    monkeypatch.setenv("LUZHANG__REMINDERS__SLOTS", '["09:00", "15:00"]')
    monkeypatch.setenv("LUZHANG__ASSESSMENT__RATING_WEIGHT", "0.3")
    monkeypatch.setenv("LUZHANG__WECOM__BOT__MODE", "callback")
    monkeypatch.setenv("LUZHANG__WECOM__BOT__TOKEN", CANARY)
    monkeypatch.setenv("LUZHANG__WECOM__BOT__AES_KEY", AES_KEY)
    monkeypatch.setenv("LUZHANG__WECOM__BOT__NAMES", "小路, 路长")
    monkeypatch.setenv("LUZHANG__CHAT__东关群_A__WEBHOOK_KEY", "key-from-environment")
    config = load_config(file)
    assert config.server.port == 9000
    assert config.reminders.slots == (time(9), time(15))
    assert config.assessment.rating_weight == Decimal("0.3")
    assert config.wecom.bot is not None
    assert config.wecom.bot.names == ("小路", "路长")
    assert config.chat[0].name == "东关群 A"
    assert set(config.secrets()) == {CANARY, AES_KEY, "key-from-environment"}
    assert CANARY not in repr(config)


def test_credential_files_stand_between_environment_and_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = file.parent / "credentials"
    folder.mkdir()
    (folder / "LUZHANG__SERVER__HOST").write_text("10.0.0.1\n")
    (folder / "LUZHANG__SERVER__PORT").write_text("7000")
    file.write_text(SMALLEST, encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    monkeypatch.setenv("LUZHANG__SERVER__PORT", "7001")
    assert load_config(file).server.host == "10.0.0.1"
    assert load_config(file).server.port == 7001


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("CTY__NAME", "x", "环境变量 LUZHANG__CTY__NAME 没有 cty 这一节：cty → city？", id="section"),
        pytest.param("CITY__NAMEE", "x", "环境变量 LUZHANG__CITY__NAMEE 不认识的键 namee：namee → name？", id="key"),
        pytest.param("SERVER__PORT", "x", "环境变量 LUZHANG__SERVER__PORT server.port 应为整数，现为 x。", id="type"),
        pytest.param("CHAT__西关群__SCOPE", "x", "配置文件里没有这个群；现有：无", id="chat"),
        pytest.param("REMINDERS__SLOTS", "[08:30", "不是正确的JSON", id="broken list"),
    ],
)
def test_a_wrong_variable_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(f"LUZHANG__{name}", value)
    assert expected in refusal(file, SMALLEST)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(f"[wecom.bot]\nmode = 'callback'\naes_key = '{CANARY}'", id="aes key of a wrong length"),
        pytest.param(f"[wecom.bot]\nmode = 'callback'\naes_kye = '{CANARY}'", id="misspelt key"),
        pytest.param(f"[wecom.bot]\nmode = 'websocket'\nsecret = ' {CANARY}'", id="blank before a secret"),
        pytest.param(f"[wecom]\napp = '{CANARY}'", id="secret for a section"),
        pytest.param(
            f"[[chat]]\nname='a'\nplatform='wecom'\nwebhook_key='https://x/send?key={CANARY}'", id="whole url"
        ),
        pytest.param(f"[understanding]\napi_key = ['{CANARY}']", id="wrong type"),
        pytest.param(f"[understanding]\napi_key = '{CANARY}", id="broken TOML"),
        pytest.param(f"[dingtalk]\nmode='http'\nclient_id='d'\nclient_secret=\"{CANARY}\\n\"\n", id="line break"),
    ],
)
def test_a_refusal_never_repeats_a_secret(file: Path, lines: str) -> None:
    assert CANARY not in refusal(file, SMALLEST + lines)


def test_a_database_password_is_a_secret(file: Path) -> None:
    file.write_text(SMALLEST.replace("sqlite+aiosqlite:///x/l.db", f"postgresql+asyncpg://u:{CANARY}@db/l"))
    config = load_config(file)
    assert config.secrets() == (CANARY,)
    assert CANARY not in repr(config)
    assert CANARY not in refusal(file, SMALLEST.replace("sqlite+aiosqlite:///x/l.db", f"mysql://u:{CANARY}@db/l"))


def test_overrides_are_listed_and_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUZHANG__SERVER__PORT", "9000")
    monkeypatch.setenv("LUZHANG__WECOM__APP__SECRET", CANARY)
    monkeypatch.setenv("LUZHANG__CHAT__A__SCOPE", "东关")
    monkeypatch.setenv("LUZHANG__STORE__URL", f"postgresql+asyncpg://u:{CANARY}@db/l")
    shown = {override.key: override.shown for override in overrides()}
    assert shown == {"server.port": "9000", "wecom.app.secret": "******", "chat.a.scope": "东关", "store.url": "******"}


def test_key_lines_pass_over_long_values() -> None:
    text = 'a = """\nb = 1\n[c]\n"""\nd = [ # [\n  "]",\n]\n[e.f] # note\ng.h = { i = 1 }\n[[j]]\nk = 1\n[[j]]\nk = 2\n'
    assert key_lines(text) == {
        ("a",): 1,
        ("d",): 5,
        ("e", "f"): 8,
        ("e", "f", "g", "h"): 9,
        ("j", 0): 10,
        ("j", 0, "k"): 11,
        ("j", 1): 12,
        ("j", 1, "k"): 13,
    }


@pytest.mark.parametrize(
    ("name", "expected"), [("东关群", "东关群"), ("City Ops-1", "city_ops_1"), ("a__b", "a_b"), ("（甲）", "甲")]
)
def test_slug(name: str, expected: str) -> None:
    assert slug(name) == expected
