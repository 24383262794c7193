import pytest

from domain.categories import Categories
from domain.exchange import Codes, category_of, national_of

TABLE = Categories.load()


@pytest.mark.parametrize(
    ("code", "text", "category"),
    [
        pytest.param("E0501", "门口摆摊", "luan.stall", id="the surest"),
        pytest.param("E0501", "流动商贩推着三轮车叫卖", "luan.vendor", id="the words decide between two"),
        pytest.param("事件05-01", "门口摆摊", None, id="not a code"),
        pytest.param("e05-01", "门口摆摊", "luan.stall", id="written otherwise"),
        pytest.param("部0305", "破损", "zang.sanitation_facility", id="component"),
        pytest.param("0501", "门口摆摊", "luan.stall", id="an event without its letter"),
        pytest.param("E0777", "", None, id="unknown"),
        pytest.param("luan.stall", "", None, id="of the other set"),
    ],
)
def test_a_national_code(code: str, text: str, category: str | None) -> None:
    found = category_of(code, text, Codes.NATIONAL, TABLE)
    assert (found.code if found else None) == category


def test_every_category_goes_out_and_comes_back_as_itself_or_a_sister() -> None:
    for row in TABLE.rows:
        back = category_of(national_of(row), row.name, Codes.NATIONAL, TABLE)
        assert back is not None, row.code
        assert national_of(row) in back.gbt
        assert category_of(row.code, "", Codes.CITY, TABLE) is row
        assert category_of(row.name, "", Codes.CITY, TABLE) is row
    assert national_of(TABLE.by_code("cha.road")) == "E0110", "the first of its items is the one that stands for it"
