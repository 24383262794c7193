"""Written lines of a rehearsal: who says what where."""

from pathlib import Path

import pytest
from PIL import Image

from bot.fakes.rehearsal import CannotSay, Group, account, read_line

GROUPS = (Group("东关群", "wr0001", "key", "work"), Group("运维群", "wr0002", "key", "ops"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("东关群 张三: 垃圾未清", ("wr0001", "张三", "zhangsan", "垃圾未清"), id="in a group"),
        pytest.param("wr0002 wang.wu：帮助", ("wr0002", "wang.wu", "wang.wu", "帮助"), id="by ids, full width"),
        pytest.param("张三:  帮助 ", ("", "张三", "zhangsan", "帮助"), id="privately"),
        pytest.param("张三: 东关群 12:30 来", ("", "张三", "zhangsan", "东关群 12:30 来"), id="colons in the words"),
    ],
)
def test_a_line_is_taken_apart(line: str, said: tuple[str, ...]) -> None:
    found = read_line(line, GROUPS)
    assert (found.chat_id, found.name, found.account, found.text) == said
    assert found.photos == ()


def test_pictures_come_from_files_or_are_made(tmp_path: Path) -> None:
    file = tmp_path / "a b.jpg"
    Image.new("RGB", (8, 8)).save(file)
    found = read_line(f"东关群 张三: 垃圾 [图 {file}][图] 未清 [图]", GROUPS)
    assert found.text == "垃圾  未清"
    assert found.photos[0] == file.read_bytes()
    assert len(set(found.photos)) == 3, "a picture sent twice would be refused as evidence"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("人民路垃圾未清", "看不懂这一行", id="nobody"),
        pytest.param("西关群 张三: 帮助", "没有群“西关群”，现有：东关群、运维群。", id="unknown group"),
        pytest.param("东关群 张三: [图 不存在.jpg]", "读不到图片 不存在.jpg", id="no such file"),
    ],
)
def test_what_cannot_be_said_is_told(line: str, why: str) -> None:
    with pytest.raises(CannotSay) as refused:
        read_line(line, GROUPS)
    assert why in refused.value.text


def test_every_name_has_an_account() -> None:
    assert [account(name) for name in ("张三", "吕布", "u1001", "😀")] == ["zhangsan", "lvbu", "u1001", "somebody"]
