import random
import re
import time

import pytest

from bot.fakes.wecom.render import shown
from bot.platforms.wecom.plain import CUT_MARK, cut, harmless, harmless_markdown

OWN = "https://lz.example.gov.cn/"

HOSTILE = [
    "<@zhangsan>",
    "<@all>",
    "<<@all>>",
    "<\u200b@all>",
    "<@\u2060zhangsan>",
    "@all",
    "@ALL 看这里",
    "@\u200ball",
    "@ all",
    "@所有人",
    "@全体成员",
    "@13800001111",
    "@zhangsan",
    "[点我](http://evil.example)",
    "[点我]\n(http://evil.example)",
    "[x][y]\n[y]: http://evil.example",
    "![x](http://evil.example/a.png)",
    "<http://evil.example>",
    '<a href="http://evil.example">点我</a>',
    "<A HREF=http://evil.example>点我</A>",
    "http://evil.example",
    "HTTPS://evil.example",
    "www.evil.com",
    "evil.com/x",
    "请登录 evil.top 领取",
    '<font color="warning">紧急</font>',
    "`代码`",
    "```\n<@all>\n```",
    "**粗**",
    "__粗__",
    "# 标题",
    "### 标题",
    "> 引用",
    "- 项",
    "* 项",
    "+ 项",
    "标题\n===",
    "标题\n---",
    "|a|b|\n|-|-|",
    "&lt;@all&gt;",
    "&#60;@all&#62;",
    "\\<@all\\>",
    "\u202e<@lla>",
    "\u2066<@all>\u2069",
    "<\x00@all>",
    "＠all",
    "\ufeff<@all>",
    "<\U000e0040@all>",
    "https://lz.example.gov.cn.evil.example/",
    "https://lz.example.gov.cnevil.com/",
    "https://lz.example.gov.cn@evil.com/",
    "xhttps://lz.example.gov.cn/",
    "https://lz.example.gov.cn/x，http://evil.example",
    "https://lz.example.gov.cn/xhttp://evil.example",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_words_call_nobody_and_lead_nowhere(text: str) -> None:
    for channel, msgtype, said in (
        ("webhook", "text", harmless(text)),
        ("private", "text", harmless(text)),
        ("webhook", "markdown", harmless_markdown(text)),
        ("reply", "markdown", harmless_markdown(text)),
    ):
        seen = shown(channel, msgtype, said)
        assert (seen.rings, seen.links, seen.dress) == ((), (), ())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_web_page_of_ours_opens_no_door_for_others(text: str) -> None:
    for said in (harmless(text, OWN), harmless_markdown(text, OWN)):
        for link in re.findall(r"\w*://[!-~]*", said):
            assert re.fullmatch(r"https://lz\.example\.gov\.cn(?:/[^:@]*)?", link)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("详情 https://lz.example.gov.cn/c/7?t=a_b", "详情 https://lz.example.gov.cn/c/7?t=a_b", id="own"),
        pytest.param("https://lz.example.gov.cn", "https://lz.example.gov.cn", id="own, bare"),
        pytest.param(
            "https://lz.example.gov.cn.evil.com/", "https：//lz．example．gov．cn．evil．com/", id="a longer name"
        ),
        pytest.param(
            "https://lz.example.gov.cn/x，http://e.com", "https://lz.example.gov.cn/x，http：//e．com", id="both"
        ),
    ],
)
def test_our_own_pages_stay_links(text: str, said: str) -> None:
    assert harmless(text, OWN) == said


@pytest.mark.parametrize(
    "text",
    [
        "【2026-0123】已交办｜占道经营｜人民路（建设街—文化街）北侧\n责任：市农业局 王建国，今日轮值 赵强｜16:30前办结",
        "请确认位置：\n1 人民路（文化街—新华路）\n2 其他，请写路口或门店名。",
        "得分96.40，较上月↑3；补图：长按照片→引用→@路长助手",
        "附件：第6期通报.docx　5月考评得分表.xlsx",
        "☑️🗑️ 3*4=12 a_b 5% #3 -0.5分",
    ],
)
def test_our_own_posts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert harmless_markdown(text) == text.replace("*", "＊")


def test_twins_look_alike() -> None:
    assert harmless("<@all> `x` @all") == "＜＠all＞ ｀x｀ ＠all"
    assert harmless_markdown("# [a](b) **c**") == "＃ ［a］(b) ＊＊c＊＊"


@pytest.mark.parametrize(
    ("text", "longest", "kept"),
    [
        pytest.param("路" * 30, 90, "路" * 30, id="just fits"),
        pytest.param("路" * 31, 92, "路" * ((92 - len(CUT_MARK.encode())) // 3) + CUT_MARK, id="one too long"),
        pytest.param("a" + "🗑️" * 40, 100, None, id="four-byte characters"),
    ],
)
def test_cutting_keeps_whole_characters(text: str, longest: int, kept: str | None) -> None:
    short = cut(text, longest)
    assert len(short.encode()) <= longest
    assert kept is None or short == kept
    assert "\ufffd" not in short


@pytest.mark.fuzz
def test_random_mixtures_call_nobody() -> None:
    rng = random.Random(54)
    pieces = [*HOSTILE, "人民路", "\n", " ", "<", "@", ">", "[", "](", "`", "\u200b", "\u202e", "a", "1", ".", "://"]
    for _ in range(3000):
        text = "".join(rng.choices(pieces, k=rng.randrange(1, 8)))
        for msgtype, said in (("text", harmless(text)), ("markdown", harmless_markdown(text))):
            seen = shown("webhook", msgtype, cut(said, 2048))
            assert (seen.rings, seen.links, seen.dress) == ((), (), ()), text


@pytest.mark.parametrize(
    "piece", ["<", "@", "@ ", "[](", "_", "a.", "://", "&", "\n#", "https://lz.example.gov.cn/", " "]
)
def test_long_texts_take_no_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.perf_counter()
    harmless_markdown(text, OWN)
    assert time.perf_counter() - start < 1.0
