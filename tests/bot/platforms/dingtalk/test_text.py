import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.fakes.dingtalk import Delivery
from bot.platforms.dingtalk.text import compose, cut, disarmed, is_staff
from domain.messages import Choice, Outgoing, Target
from tests.bot.platforms.dingtalk.rehearsal import START

WORDS = (
    *("@", "@all", "@所有人", "@13800000000", "<@u1>", "[x](http://a.cn)", "] (", "www.a.com", "a.cn", "`", "<font>"),
    *(
        "https://a.cn/x",
        "dtmd://dingtalkclient/x",
        "\u200b",
        "\u2066",
        "\u202e",
        "\ufeff",
        "\n",
        "\r",
        "\t",
        "www.",
        ".",
    ),
)
HOSTILE = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), max_size=40).map("".join)


def shown(text: str) -> Delivery:
    return Delivery(START, "webhook", text)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        pytest.param("@u2002 请看", "＠u2002 请看", id="mention"),
        pytest.param("[点我](http://a.cn)", "[点我］（http：//a．cn)", id="markdown link"),
        pytest.param("见 https://evil.cn/x", "见 https：//evil．cn/x", id="address"),
        pytest.param("见 www.evil.com", "见 www．evil．com", id="bare address"),
        pytest.param("WWW.8.cn x.y", "WWW．8．cn x．y", id="short address"),
        pytest.param("K12.5 与 v1.0，约3.5米", "K12.5 与 v1.0，约3.5米", id="figures stay"),
        pytest.param("井\u200b盖\u202e破\ufeff损\x07", "井盖破损", id="invisible"),
        pytest.param("第一行\r\n第二行\t末", "第一行\n第二行\t末", id="lines stay"),
        pytest.param("👷\ud83d", "👷", id="half a character"),
    ],
)
def test_disarmed(text: str, result: str) -> None:
    assert disarmed(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("详情 https://lu.example.cn/c/1?x=2", "详情 https://lu.example.cn/c/1?x=2"),
        ("https://lu.example.cn.evil.cn/c", "https：//lu．example．cn．evil．cn/c"),
        ("https://lu.example.cn@evil.cn/", "https：//lu．example．cn＠evil．cn/"),
        ("https://lu.example.cn/@u2002", "https://lu.example.cn/＠u2002"),
        ("https://a.cn https://lu.example.cn/c/1", "https：//a．cn https://lu.example.cn/c/1"),
    ],
)
def test_only_our_own_links_live(text: str, result: str) -> None:
    assert disarmed(text, "https://lu.example.cn/") == result


@settings(max_examples=600)
@given(HOSTILE)
@example('<A href="x">')
def test_nothing_looks_like_a_mention_or_a_link(text: str) -> None:
    seen = shown(disarmed(text))
    assert (seen.looks_like_mention, seen.looks_like_link) == (0, 0)
    seen.text.encode()


@settings(max_examples=400)
@given(st.text(alphabet='井盖"\\\n👷e\u0301\ufe0f', max_size=60), st.integers(min_value=8, max_value=80))
def test_cut_fits_and_keeps_whole_characters(text: str, size: int) -> None:
    short = cut(text, size)
    assert len(json.dumps(short, ensure_ascii=False).encode()) - 2 <= size
    if short != text:
        assert short.endswith("…")
        kept = short.removesuffix("…")
        assert text.startswith(kept)
        assert text[len(kept) :][:1] not in ("\u0301", "\ufe0f") or not kept


@settings(max_examples=40)
@given(HOSTILE, st.integers(min_value=0, max_value=50), st.booleans())
def test_a_long_post_keeps_its_calls_and_its_size(text: str, called: int, is_marked: bool) -> None:
    userids = tuple(f"user{number:060}" for number in range(called))
    outgoing = Outgoing(
        "k",
        Target("dingtalk", chat_id="c"),
        text + "损" * 5_000,
        (Choice("a", "收到" * 900),),
        userids,
        (text,) * called,
    )
    post = compose(outgoing, size=12_000, called=userids, is_marked=is_marked, link_base="")
    assert len(json.dumps(post, ensure_ascii=False).encode()) - 2 <= 12_000
    assert all(f"@{userid}" in post for userid in userids)
    assert (shown(post).looks_like_mention, shown(post).looks_like_link) == (called, 0)
    assert post.startswith("（补发）") is is_marked or text.startswith("（补发）")


@pytest.mark.parametrize(
    ("userid", "is_one"),
    [("u2002", True), ("manager-1_x.y", True), ("$:LWCP_v1:$s1", False), ("", False), ("a b", False), ("王", False)],
)
def test_staff_ids(userid: str, is_one: bool) -> None:
    assert is_staff(userid) is is_one
