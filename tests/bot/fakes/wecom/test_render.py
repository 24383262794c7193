import pytest

from bot.fakes.wecom.render import shown


@pytest.mark.parametrize(
    ("channel", "msgtype", "content", "listed", "rings"),
    [
        pytest.param("webhook", "text", "请处理", ["lisi"], ("lisi",), id="by list"),
        pytest.param("webhook", "text", "<@lisi> 请处理", [], ("lisi",), id="inside text"),
        pytest.param("webhook", "markdown", "<@lisi> 请处理", [], ("lisi",), id="inside markdown"),
        pytest.param("webhook", "markdown_v2", "<@lisi> 请处理", [], (), id="markdown_v2 calls nobody"),
        pytest.param("webhook", "text", "<@all>", ["@all"], ("@all",), id="everybody, once"),
        pytest.param("reply", "markdown", "<@lisi>", [], (), id="the AI bot calls nobody"),
        pytest.param("private", "text", "@lisi @all", [], (), id="a bare @ is text"),
        pytest.param("private", "text", "x", ["lisi"], (), id="a private post has no list"),
    ],
)
def test_who_is_called(channel: str, msgtype: str, content: str, listed: list[object], rings: tuple[str, ...]) -> None:
    assert shown(channel, msgtype, content, listed).rings == rings


@pytest.mark.parametrize(
    ("msgtype", "content", "is_link"),
    [
        pytest.param("text", "<a href='http://x.cn'>x</a>", True, id="a tag around an address"),
        pytest.param("text", "见 www.x.cn 或 x.com", True, id="bare names"),
        pytest.param("text", "[x](y)", False, id="no markdown in text"),
        pytest.param("markdown", "[x](y)", True, id="a markdown link"),
        pytest.param("text", "3.5分，附件.docx", False, id="figures are no names"),
    ],
)
def test_what_can_be_tapped(msgtype: str, content: str, is_link: bool) -> None:
    assert bool(shown("webhook", msgtype, content).links) is is_link


def test_what_people_see() -> None:
    assert shown("private", "text", "您好\u200b\u200c").text == "您好"
    assert shown("reply", "markdown", "**急** `x`").dress == ("**", "**", "`", "`")
    assert shown("reply", "text", "**急**").dress == ()
