"""A ranking read back from the announcement's own line, and nothing else taken for one."""

import pytest

from domain.texts.leadership import announcement
from domain.texts.tables import table_in
from tests.domain.texts.test_leadership import bulletin, month


def test_the_announcements_ranking_is_a_table() -> None:
    text = announcement(bulletin(month("0.5", "1", "2", "3")))
    table = table_in(text)
    assert table is not None
    assert table.title == "一、辖区排名"
    assert table.rows == (
        ("1", "东关街道", "99.50", "红旗"),
        ("2", "新城街道", "99.00", "红旗"),
        ("3", "城关乡", "98.00", ""),
        ("4", "河西镇", "97.00", "黑旗"),
    )
    told = "；".join(f"{a}.{b}{c}分" + (f"（{d}）" if d else "") for a, b, c, d in table.rows)
    assert f"{table.before}\n{table.title}：{told}。\n{table.after}" == text  # not a word is lost


def test_whoever_takes_no_part_stays_in_words() -> None:
    table = table_in(
        "一、辖区排名：1.甲镇99.50分（红旗，良好）；1.乙镇99.50分；3.丙镇98.00分。在任不足半月不参加排名：丁镇97.00分。\n二、其他"
    )
    assert table is not None
    assert table.rows[0] == ("1", "甲镇", "99.50", "红旗，良好")
    assert table.after == "在任不足半月不参加排名：丁镇97.00分。\n二、其他"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("一、辖区排名：4个辖区同为100.00分，不设红旗、黑旗：甲、乙。", id="all tied"),
        pytest.param("一、辖区排名：1.甲镇99.50分；2.乙镇99.00分。", id="too few"),
        pytest.param("一、辖区排名：1.甲镇99.50分；2.乙镇；3.丙镇98.00分。", id="an odd place"),
        pytest.param("您名下在办3件：1.一；2.二；3.三。", id="another list"),
    ],
)
def test_everything_else_stays_words(text: str) -> None:
    assert table_in(text) is None
