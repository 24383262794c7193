import json

import pytest

from bot.commands.labelled import run
from bot.commands.session import Session
from tests.house import GROUP, House


async def test_what_people_corrected_becomes_labelled_lines(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await house.say("刘芳", "东边那个摊子又摆出来了", group=GROUP)
    await house.say("钱专干", "定位 0001 XC003")
    await house.say("钱专干", "改类 0001 路面遗漏垃圾")
    await house.say("王芳", "人民路12号门口垃圾没人捡", group=GROUP)  # nobody corrects this one
    assert await run(Session(house.config, house.rules, house.store, house.clock.now())) == 0
    (line,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert line["text"] == "东边那个摊子又摆出来了"
    assert (line["segment"], line["was"]["segment"]) == ("XC003", None)
    assert line["category"] != line["was"]["category"]
    assert line["corrected"] == ["category", "segment"]
    assert not any(name in json.dumps(line, ensure_ascii=False) for name in ("qian", "钱", "刘芳"))
