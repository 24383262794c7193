"""Categories: the table holds together, and a wrong row says how to mend it."""

from typing import Any

import pytest

from domain.categories import FIELDS, OTHER, Categories
from domain.errors import TableError

CATEGORIES = Categories.load()
ROW: dict[str, Any] = {"code": "a.b", "name": "甲", "group": "zang", "fields": ["环境卫生"], "dept": "huanwei"}
ROW |= {"severity": "一般", "keywords": ["词"]}


def table(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    rest = {**ROW, "code": OTHER, "keywords": []}
    return {"groups": {"zang": "治脏"}, "departments": {"huanwei": "环卫"}, "category": [*rows, rest], **more}


def test_the_scheme_has_46_categories_and_one_for_the_rest() -> None:
    assert len(CATEGORIES.rows) == 47
    assert [row.code for row in CATEGORIES.rows if not row.in_scheme] == [OTHER]


def test_each_of_the_six_fields_of_management_has_its_categories() -> None:
    assert {field for row in CATEGORIES.rows for field in row.fields} == set(FIELDS)


def test_departments_are_named_the_responsible_one_first() -> None:
    assert CATEGORIES.department_names("cha.manhole") == ("排水/水务", "通信/电力权属单位", "住建/市政")
    assert CATEGORIES.department_name("wu.bbq") == "城管执法局"


@pytest.mark.parametrize(
    ("code", "words", "is_hazard"),
    [
        pytest.param("cha.manhole", ["没盖"], True, id="a manhole without cover"),
        pytest.param("cha.manhole", ["响"], False, id="a rattling cover is none"),
        pytest.param("luan.cable", ["带电"], True, id="a live cable"),
        pytest.param("other", ["漏气"], True, id="gas"),
        pytest.param("zang.litter", ["没盖"], False, id="a word of another category"),
    ],
)
def test_hazard_words_belong_to_their_category(code: str, words: list[str], is_hazard: bool) -> None:
    assert CATEGORIES.is_hazard(code, words) is is_hazard


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        pytest.param([ROW, {**ROW, "keywords": []}], "a.b”出现了两次", id="a code twice"),
        pytest.param([ROW, {**ROW, "code": "c.d"}], "“词”已属于a.b", id="a word claimed by two"),
        pytest.param([{**ROW, "dept": "nobody"}], "没有单位“nobody”", id="an unknown department"),
        pytest.param([{**ROW, "group": "x"}], "没有分组“x”", id="an unknown group"),
        pytest.param([{**ROW, "severity": "大"}], "severity：“大”无效", id="an unknown severity"),
        pytest.param([{**ROW, "fields": []}], "fields：请写明管理内容", id="S2 no field of management"),
        pytest.param(
            [{**ROW, "fields": ["交通"]}], "从环境卫生、市容市貌", id="S2 a field that the scheme does not know"
        ),
        pytest.param([{**ROW, "keywords": "词"}], "keywords：应为文字列表", id="words that are no list"),
        pytest.param([{k: v for k, v in ROW.items() if k != "name"}], "name：缺少", id="a field left out"),
    ],
)
def test_a_wrong_row_names_file_row_and_mend(rows: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(TableError, match=r"城\.toml") as refused:
        Categories.parse(table(*rows), "城.toml")
    assert says in refused.value.text


def test_a_word_of_two_categories_is_settled_by_priority() -> None:
    rows = [ROW, {**ROW, "code": "c.d"}]
    assert "c.d" in Categories.parse(table(*rows, priority={"词": "c.d"}), "城.toml")


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(TableError, match="没有分类“x”"):
        CATEGORIES.by_code("x")
