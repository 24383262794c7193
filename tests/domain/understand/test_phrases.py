"""Distances and directions as people write them."""

import pytest

from domain.understand import phrases


@pytest.mark.parametrize(
    ("words", "way", "metres"),
    [
        pytest.param("口往东50米", "东", 50, id="digits"),
        pytest.param("路口向北大概一百五十米", "北", 150, id="written out"),
        pytest.param("往西一百五米", "西", 150, id="一百五 is 150"),
        pytest.param("往南半里地", "南", 250, id="half a li"),
        pytest.param("以东", "东", 0, id="no distance"),
        pytest.param("东北角", "东北", 0, id="a corner"),
        pytest.param("往东走2公里", "东", 2000, id="kilometres"),
    ],
)
def test_a_direction_with_its_distance(words: str, way: str, metres: float) -> None:
    match = phrases.DIRECTION.match(words)
    assert match is not None
    assert (match["way"], phrases.metres(match)) == (way, metres)


@pytest.mark.parametrize("words", [pytest.param("12号楼", id="a building"), pytest.param("2号馆", id="a hall")])
def test_what_is_no_house_number(words: str) -> None:
    assert phrases.HOUSE.match(words) is None
