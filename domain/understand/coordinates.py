"""Coordinates: GCJ-02 and BD-09 (as phones and maps in China give them) to WGS-84, and distances.

GCJ-02 is WGS-84 with a smooth published offset of up to some 700 m inside China; its inverse is found by iteration, here to
better than 0.1 m. BD-09 adds a second, closed-form turn upon GCJ-02. Outside China both equal WGS-84.
"""

import itertools
from math import atan2, cos, hypot, pi, radians, sin, sqrt

Point = tuple[float, float]  # (longitude, latitude) in degrees

_AXIS, _FLATTENING = 6378245.0, 0.00669342162296594323  # Krasovsky 1940, on which the offset is defined
_METRES_PER_DEGREE = 111_320.0
_BD_TURN = pi * 3000.0 / 180.0


def wgs84_from_gcj02(longitude: float, latitude: float) -> Point:
    """Return the WGS-84 point of a GCJ-02 point, in degrees."""
    lon, lat = longitude, latitude
    for _ in range(5):  # each round shrinks the error about a thousandfold
        there = gcj02_from_wgs84(lon, lat)
        lon, lat = lon - (there[0] - longitude), lat - (there[1] - latitude)
    return lon, lat


def wgs84_from_bd09(longitude: float, latitude: float) -> Point:
    """Return the WGS-84 point of a BD-09 point, in degrees."""
    x, y = longitude - 0.0065, latitude - 0.006
    length = hypot(x, y) - 0.00002 * sin(y * _BD_TURN)
    angle = atan2(y, x) - 0.000003 * cos(x * _BD_TURN)
    return wgs84_from_gcj02(length * cos(angle), length * sin(angle))


def gcj02_from_wgs84(longitude: float, latitude: float) -> Point:
    """Return the GCJ-02 point of a WGS-84 point, in degrees; unchanged outside China."""
    if not (72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271):
        return longitude, latitude
    x, y = longitude - 105.0, latitude - 35.0
    wave = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + wave
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + wave
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    slope = 1 - _FLATTENING * sin(radians(latitude)) ** 2
    lat_radius = _AXIS * (1 - _FLATTENING) / (slope * sqrt(slope)) * pi / 180.0
    lon_radius = _AXIS / sqrt(slope) * cos(radians(latitude)) * pi / 180.0
    return longitude + east / lon_radius, latitude + north / lat_radius


def to_metres(point: Point, origin: Point) -> Point:
    """Return `point` as metres (east, north) from `origin`; exact to a few metres within a county."""
    east = (point[0] - origin[0]) * _METRES_PER_DEGREE * cos(radians(origin[1]))
    return east, (point[1] - origin[1]) * _METRES_PER_DEGREE


def distance_to_line_m(point: Point, line: tuple[Point, ...]) -> float:
    """Return the metres from `point` to the nearest place of `line`; infinity for a line without points."""
    local = [to_metres(corner, point) for corner in line]
    if len(local) == 1:
        return hypot(*local[0])
    return min((_distance_to_piece(a, b) for a, b in itertools.pairwise(local)), default=float("inf"))


def _distance_to_piece(a: Point, b: Point) -> float:
    """Return the distance from the origin to the piece of line a–b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    share = 0.0 if square == 0 else max(0.0, min(1.0, -(a[0] * dx + a[1] * dy) / square))
    return hypot(a[0] + share * dx, a[1] + share * dy)
