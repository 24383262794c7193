from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.categories import Categories
from domain.errors import TableError
from domain.rulebook import load_rules

CODES = {"luan.stall", "zang.litter"}
ROW = '{ category = "luan.stall", points = "0.50", clause = "一" }'


def version(rows: str = ROW, since: str = "2026-01-01", name: str = "细则") -> str:
    return f'[[version]]\nname = "{name}"\nsince = {since}\nrules = [{rows}]\n'


def load(folder: Path, text: str) -> None:
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    load_rules(CODES, path)


def test_the_sample_city_has_a_value_for_every_category_but_the_catch_all() -> None:
    codes = {row.code for row in Categories.load().rows}
    book = load_rules(codes).on(date(2026, 10, 1))
    assert codes - book.rules.keys() == {"other"}
    assert book.is_sample
    assert all(0 < rule.points <= 5 and rule.clause for rule in book.rules.values())


def test_s47a_the_first_version_holds_for_all_earlier_dates_and_later_ones_from_theirs(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    second = version(ROW.replace("0.50", "2"), "2026-10-10")
    path.write_text(second + version(), encoding="utf-8")
    books = load_rules(CODES, path)
    days = [date(2020, 1, 1), date(2026, 10, 9), date(2026, 10, 10), date(2030, 1, 1)]
    assert [books.points("luan.stall", day) for day in days] == [Decimal(p) for p in ("0.50", "0.50", "2", "2")]
    assert books.points("zang.litter", days[0]) is None


@pytest.mark.parametrize("points", ['"0"', "0.5", "3", '"100"', '"0.05"'])
def test_points_may_be_text_or_number(tmp_path: Path, points: str) -> None:
    load(tmp_path, version(ROW.replace('"0.50"', points)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "没有\\[\\[version\\]\\]", id="empty"),
        pytest.param("version = 1", "没有\\[\\[version\\]\\]", id="no versions"),
        pytest.param(version(ROW.replace("0.50", "-1")), "第1版 第1行：扣分-1不可用", id="negative"),
        pytest.param(version(ROW.replace("0.50", "100.01")), "不可用", id="more than a segment has"),
        pytest.param(version(ROW.replace("0.50", "0.555")), "不可用", id="three decimals"),
        pytest.param(version(ROW.replace("0.50", "1e1")), "不可用", id="exponent"),
        pytest.param(version(ROW.replace('"0.50"', "true")), "points", id="not a number"),
        pytest.param(version(ROW.replace("luan.stall", "luan.stal")), "没有类别luan.stal", id="unknown category"),
        pytest.param(version(f"{ROW}, {ROW}"), "第2行：类别luan.stall重复", id="twice"),
        pytest.param(version('{ category = "luan.stall", points = "1" }'), "缺少字段clause", id="not cited"),
        pytest.param(version('{ category = "luan.stall", clause = "一" }'), "缺少字段points", id="no points"),
        pytest.param(version('{ points = "1", clause = "一" }'), "缺少字段category", id="no category"),
        pytest.param(version('"x"'), "缺少字段category", id="not a row"),
        pytest.param(version(since='"2026-01-01"'), "since", id="a date in quotes"),
        pytest.param(version(since="2026-01-01T00:00:00"), "since", id="an instant"),
        pytest.param(version(name=""), "name", id="no name"),
        pytest.param(version() + version(), "有两版", id="two of one date"),
    ],
)
def test_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(TableError, match=words) as caught:
        load(tmp_path, text)
    assert "rules.toml" in caught.value.text
