"""Coordinates: the offsets of GCJ-02 and BD-09, and distances."""

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.understand.coordinates import (
    distance_to_line_m,
    gcj02_from_wgs84,
    to_metres,
    wgs84_from_bd09,
    wgs84_from_gcj02,
)


@given(st.floats(74, 134), st.floats(19, 53))
def test_gcj02_turns_back_to_better_than_ten_centimetres(longitude: float, latitude: float) -> None:
    there = gcj02_from_wgs84(longitude, latitude)
    back = wgs84_from_gcj02(*there)
    assert hypot(*to_metres(back, (longitude, latitude))) < 0.1
    assert 0 < hypot(*to_metres(there, (longitude, latitude))) < 1500  # small in the far west


def test_a_known_point_of_beijing() -> None:
    # 天安门: the published pair 116.3912,39.9074 (WGS-84) and 116.39745,39.90880 (GCJ-02) agree within metres
    longitude, latitude = gcj02_from_wgs84(116.3912, 39.9074)
    assert (longitude, latitude) == pytest.approx((116.39744, 39.90880), abs=5e-5)


def test_bd09_is_undone_through_gcj02() -> None:
    # Baidu adds about 0.0065, 0.006 degrees to GCJ-02
    back = wgs84_from_bd09(116.403963, 39.915119)
    assert hypot(*to_metres(back, (116.39122, 39.90743))) < 60


def test_outside_china_nothing_is_shifted() -> None:
    assert gcj02_from_wgs84(2.35, 48.85) == (2.35, 48.85)


@pytest.mark.parametrize(
    ("line", "metres"),
    [
        pytest.param(((113.7, 34.4), (113.71, 34.4)), 111.3, id="beside a piece"),
        pytest.param(((113.71, 34.401), (113.72, 34.401)), 459, id="beyond its end"),
        pytest.param(((113.705, 34.401),), 0, id="a single point"),
    ],
)
def test_distance_to_a_line(line: tuple[tuple[float, float], ...], metres: float) -> None:
    assert distance_to_line_m((113.705, 34.401), line) == pytest.approx(metres, abs=1.5)


def test_a_line_without_points_is_infinitely_far() -> None:
    assert distance_to_line_m((113.7, 34.4), ()) == float("inf")
