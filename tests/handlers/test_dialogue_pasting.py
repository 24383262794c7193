"""复制为文本: what is open in one's area, most urgent first, without anybody who reported it."""

from pathlib import Path

from tests.house import GROUP, open_house


async def test_the_office_gets_one_text_for_other_groups(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.say("刘芳", "人民路百货大楼门口占道经营 电话13812345678", group=GROUP)
        await house.say("刘芳", "河西市场门口垃圾没清", group=GROUP)
        await house.advance(hours=3, minutes=5)
        [text] = await house.say("吴主任", "复制为文本")
        assert text == (
            "6月1日未办结2件：1.市农业局 赵强 0001乱设摊点 超1小时；2.市科技局 何局 0002垃圾收运不及时 今日15:00到期。"
            "办结后请回报市路长办。"
        )
        [own] = await house.say("钱专干", "微信文本")
        assert "未办结1件" in own
        assert "河西" not in own
        [refused] = await house.say("刘芳", "复制为文本")
        assert "我名下" in refused


async def test_nothing_open(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert await house.say("吴主任", "复制为文本") == ["6月1日没有未办结案件。"]
