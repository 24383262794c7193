"""Reading of rule tables: built-in, replaced by a city's own, and refused with the mend."""

from pathlib import Path

import pytest

from domain.errors import TableError
from domain.tables import load_toml


def test_a_city_replaces_a_table_by_its_own(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("version = 7\n", encoding="utf-8")
    assert load_toml("categories.toml", own) == {"version": 7}
    assert load_toml("categories.toml")["version"] == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "读不到这张表", id="absent"),
        pytest.param("城".encode("gb18030"), "不是UTF-8编码", id="other encoding"),
        pytest.param(b"a = ", "TOML格式有误", id="not TOML"),
    ],
)
def test_a_bad_table_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    own = tmp_path / "own.toml"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(TableError, match=says) as refused:
        load_toml("categories.toml", own)
    assert str(own) in refused.value.text
