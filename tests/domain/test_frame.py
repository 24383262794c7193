"""The frame of the scheme: what it names stands in the table, what it leaves out is unset, a wrong list is refused."""

from datetime import date
from pathlib import Path

import pytest

from domain import tables
from domain.categories import Categories
from domain.errors import TableError
from domain.frame import load_frame
from domain.roster import Role

BUILT_IN = Path(tables.__file__).with_name("frame.toml").read_text(encoding="utf-8")
CODES = [row.code for row in Categories.load().rows]
DAY = date(2026, 6, 1)
UNSET = 'category = "zang.frontage"\n'


def brought(folder: Path, old: str, new: str) -> Path:
    assert old in BUILT_IN
    file = folder / "own.toml"
    file.write_text(BUILT_IN.replace(old, new), encoding="utf-8")
    return file


def test_the_scheme_s_own_words_and_bodies() -> None:
    frame = load_frame(CODES).on(DAY)
    assert frame.goals == ("安全", "整洁", "文明", "有序")
    assert frame.duties == ("包秩序", "包卫生", "包立面")
    assert (frame.group.head, frame.group.members) == (Role.GENERAL, (Role.TOWNSHIP_HEAD, Role.DEPARTMENT))
    assert len(frame.bodies) == 11
    assert {"市监察委", "公安交巡警大队", "监督指挥中心"} <= set(frame.bodies)


def test_lists_that_the_scheme_does_not_give_are_unset_and_belong_to_a_category() -> None:
    frame = load_frame(CODES).on(DAY)
    assert [five.told for five in frame.fives] == ["门前五包：未设定", "疏导点五统一：未设定"]
    names = [Categories.load().by_code(five.category).name for five in frame.fives]
    assert names == ["门前五包不落实", "疏导点不规范"]
    assert frame.five("zang.litter") is None


def test_a_city_sets_its_five_from_a_day_on(tmp_path: Path) -> None:
    later = BUILT_IN.partition("[[version]]")[2].replace("2026-01-01", "2026-07-01")
    later = later.replace(UNSET, UNSET + 'items = ["包卫生", "包秩序", "包绿化", "包亮化", "包文明"]\n')
    file = tmp_path / "own.toml"
    file.write_text(f"{BUILT_IN}\n[[version]]{later}", encoding="utf-8")
    frames = load_frame(CODES, file)
    assert frames.on(date(2026, 6, 30)).frontage.told == "门前五包：未设定"
    assert frames.on(date(2026, 7, 1)).frontage.told == "门前五包：包卫生、包秩序、包绿化、包亮化、包文明"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            UNSET,
            UNSET + 'items = ["包卫生", "包秩序", "包绿化", "包亮化"]\n',
            "own.toml 第1版 frontage：门前五包须正好5项，现有4项，请补足或删去多的；还没有定的，整行items不写。",
            id="four",
        ),
        pytest.param(UNSET, UNSET + 'items = ["a", "b", "c", "d", "e", "f"]\n', "须正好5项，现有6项", id="six of them"),
        pytest.param(
            UNSET,
            UNSET + 'items = ["包卫生", "包秩序", "包绿化", "包卫生", "包文明"]\n',
            "第1版 frontage：items里包卫生重复，请只留一个。",
            id="one twice",
        ),
        pytest.param(UNSET, UNSET + 'items = ["包卫生", "", "a", "b", "c"]\n', "应为文字列表", id="a blank one"),
        pytest.param(UNSET, UNSET + 'items = "包卫生"\n', "字段items的值'包卫生'类型不对", id="no list"),
        pytest.param(UNSET, 'category = "zang.nothing"\n', "分类表中没有“zang.nothing”", id="unknown category"),
        pytest.param('head = "general"', 'head = "mayor"', "没有角色“mayor”，可用：chief", id="unknown role"),
        pytest.param('"人社局",', '"财政局",', "bodies里财政局重复，请只留一个。", id="a body twice"),
    ],
)
def test_a_wrong_table_is_refused_with_its_mend(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(TableError) as refused:
        load_frame(CODES, brought(tmp_path, old, new))
    assert said in refused.value.text


def test_a_city_with_categories_of_its_own_needs_no_frame_of_its_own() -> None:
    assert load_frame(["other"]).on(DAY).frontage.category == "zang.frontage"
