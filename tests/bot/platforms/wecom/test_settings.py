from bot.platforms.wecom.settings import WecomApp, WecomBot


def test_secrets_never_show() -> None:
    app = WecomApp("ww1", 1, "canary-secret", "canary-token", "canary-key")
    bot = WecomBot("canary-token", "canary-key", "AIB01", ("路长助手",))
    assert "canary" not in f"{app!r} {bot!r}"
    assert "AIB01" in repr(bot)
