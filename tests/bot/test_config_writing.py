"""Values written into the sample and into files that stand: comments stay, secrets never show."""

import tomllib
from pathlib import Path

import pytest

from bot.config_writing import MASK, NEW_MASK, diff, fill, literal

SAMPLE = (Path(__file__).parents[2] / "config.example.toml").read_text(encoding="utf-8")
CHAT = {"name": "东关群", "platform": "wecom", "purpose": "work", "webhook_key": "canary-key"}


def test_the_sample_filled_in_keeps_every_explanation() -> None:
    bot = {"mode": "websocket", "bot_id": "aib9", "secret": 'a"b\\c', "names": ["甲", "乙"]}
    values = {
        "city": {"name": "“新”城"},
        "wecom": {"bot": bot},
        "dingtalk": {"client_id": "ding1", "monthly_calls": 10_000},
        "chat": [CHAT, {**CHAT, "name": "西关群"}],
        "reminders": {"quiet_on_holidays": False},
    }
    text = fill(SAMPLE, values)
    got = tomllib.loads(text)
    assert (got["city"]["name"], got["city"]["timezone"]) == ("“新”城", "Asia/Shanghai")
    assert got["wecom"]["bot"] == bot
    assert got["dingtalk"] == {"client_id": "ding1", "monthly_calls": 10_000}
    assert [chat["name"] for chat in got["chat"]] == ["东关群", "西关群"]
    assert got["reminders"]["quiet_on_holidays"] is False
    explanations = [line for line in SAMPLE.splitlines() if line.startswith("# ")]
    assert [line for line in text.splitlines() if line.startswith("# ")] == explanations


def test_filling_in_again_changes_nothing() -> None:
    values = {"city": {"name": "溪城市"}, "chat": [CHAT], "wecom": {"bot": {"mode": "callback"}}}
    once = fill(SAMPLE, values)
    assert fill(once, values) == once


def test_a_file_of_ones_own_keeps_its_words() -> None:
    own = '# 我们的\n[city]\nname = "老名字"  # 2025年改名\n[[chat]]\nname = "东关群"\nplatform = "wecom"\n\n[[chat]]\nname = "乙"\nplatform = "wecom"'
    text = fill(own, {"city": {"timezone": "Asia/Shanghai"}, "chat": [CHAT], "server": {"port": 9000}})
    got = tomllib.loads(text)
    assert text.startswith('# 我们的\n[city]\nname = "老名字"  # 2025年改名\ntimezone')
    assert [chat["name"] for chat in got["chat"]] == ["东关群", "乙"]
    assert (got["chat"][0]["webhook_key"], got["server"]["port"]) == ("canary-key", 9000)
    assert "webhook_key" not in got["chat"][1]


@pytest.mark.parametrize("value", ["", "a", '"', "\\", "a\nb", "\x00\x7f", "😀", 3, True, False, ["a", "b"], []])
def test_every_value_comes_back(value: object) -> None:
    assert tomllib.loads(f"key = {literal(value)}")["key"] == value


def test_the_change_is_shown_without_secrets() -> None:
    before = fill(SAMPLE, {"city": {"name": "甲"}, "wecom": {"bot": {"mode": "websocket", "secret": "canary-old"}}})
    after = fill(before, {"city": {"name": "乙"}, "wecom": {"bot": {"secret": "canary-new"}}, "chat": [CHAT]})
    shown = diff(before, after)
    assert '-name = "甲"' in shown
    assert '+name = "乙"' in shown
    assert f'-secret = "{MASK}"' in shown
    assert f'+secret = "{NEW_MASK}"' in shown
    assert f'+webhook_key = "{NEW_MASK}"' in shown
    assert not [line for line in shown if "canary" in line]
    assert diff(after, after) == []
