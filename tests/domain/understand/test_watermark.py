from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.understand.coordinates import wgs84_from_gcj02
from domain.understand.watermark import Line, corrected, parse

ZONE = ZoneInfo("Asia/Shanghai")
RECEIVED = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)  # 16:00 on the city's clocks


def stacked(*texts: str) -> list[Line]:
    return [Line(text, 30, 700 + 40 * n, 300, 34) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "at"),
    [
        pytest.param(("14:02", "2026-06-01"), "2026-06-01 14:02:00", id="clock and date"),
        pytest.param(("2026.06.01 14:02:33",), "2026-06-01 14:02:33", id="seconds"),
        pytest.param(("2026/06/0114:02",), "2026-06-01 14:02:00", id="glued"),
        pytest.param(("2026年06月01日星期一14:02",), "2026-06-01 14:02:00", id="in words"),
        pytest.param(("时间：2026-06-01 14：02：33",), "2026-06-01 14:02:33", id="full width"),
        pytest.param(("14:02", "2026-0601"), "2026-06-01 14:02:00", id="a mark was lost"),
        pytest.param(("14:02",), "2026-06-01 14:02:00", id="today's clock alone"),
        pytest.param(("23:50",), "2026-05-31 23:50:00", id="a clock that is still to come was yesterday's"),
        pytest.param(("2026-13-41 14:02",), "2026-06-01 14:02:00", id="no date at all"),
        pytest.param(("人民路86号",), None, id="no clock"),
        pytest.param(("比例1:500",), None, id="a scale"),
        pytest.param(
            ("14:021", "2026-06-01"), "2026-06-01 14:02:00", id="the bar beside a large clock read as a figure"
        ),
        pytest.param(("14:0212026-06-01 晴",), "2026-06-01 14:02:00", id="and glued to the date"),
        pytest.param(("营业时间8:30-21:00", "2026-06-01 14:02"), "2026-06-01 14:02:00", id="a shop's opening hours"),
        pytest.param(("营业时间8:30-21:00",), None, id="opening hours alone"),
        pytest.param(
            ("7:15开门", "垃圾", "14:02", "2026-06-01"), "2026-06-01 14:02:00", id="the clock nearest the date"
        ),
    ],
)
def test_when(texts: tuple[str, ...], at: str | None) -> None:
    found = parse(stacked(*texts), RECEIVED, ZONE).taken_at
    assert (found and f"{found.astimezone(ZONE):%Y-%m-%d %H:%M:%S}") == at


@pytest.mark.parametrize(
    ("texts", "address"),
    [
        pytest.param(("14:02", "2026-06-01", "新郑市·人民路86号"), "新郑市·人民路86号", id="bare"),
        pytest.param(("地点：人民路与建设街交叉口",), "人民路与建设街交叉口", id="labelled"),
        pytest.param(
            ("2026-06-01 14:02", "河南省新郑市人民路", "东段86号院内"), "河南省新郑市人民路东段86号院内", id="two lines"
        ),
        pytest.param(("地 点：人民路86号", "经 度：113.739412"), "人民路86号", id="spaced label"),
        pytest.param(("城市管理巡查", "14:02", "地址：人民路东73米"), "人民路东73米", id="title above"),
        pytest.param(("晴 25℃", "星期一", "海拔120米"), "", id="weather"),
        pytest.param(("◎人民路86号",), "人民路86号", id="pin"),
        pytest.param(
            ("2026-06-01 14:02", "郑州市新郑市金峰", "路107号"), "郑州市新郑市金峰路107号", id="cut in a name"
        ),
        pytest.param(("路长巡查", "2026-06-01 14:02", "人民路86号"), "人民路86号", id="a head that speaks of roads"),
        pytest.param(("幸福小区超市", "营业", "14:02", "新郑市人民路86号"), "新郑市人民路86号", id="a sign behind it"),
        pytest.param(("时间：2026-06-01 14:02", "地点人民路86号"), "人民路86号", id="a colon that was not made out"),
    ],
)
def test_where(texts: tuple[str, ...], address: str) -> None:
    assert parse(stacked(*texts), RECEIVED, ZONE).address == address


def test_labels_whose_letters_stand_apart_are_made_whole() -> None:
    lines = [
        Line("路长巡查", 41, 650, 124, 40), Line("时天地备", 35, 700, 43, 200), Line("间：2026.06.01 14:02", 130, 700, 278, 40),
        Line("气：晴 26℃", 128, 750, 149, 40), Line("点 新郑市人民路东", 129, 800, 450, 40), Line("段86号", 132, 848, 90, 40),
        Line("注垃圾未清运", 127, 900, 195, 40), Line("马克水印相机", 840, 935, 123, 34),
    ]  # fmt: skip
    found = parse(lines, RECEIVED, ZONE)
    assert (found.address, found.note) == ("新郑市人民路东段86号", "垃圾未清运")
    assert found.taken_at is not None
    assert parse([Line("点军路86号", 129, 800, 450, 40)], RECEIVED, ZONE).address == "点军路86号"  # one is no table


def test_what_stands_beside_an_address_is_not_in_it() -> None:
    lines = [
        Line("2026-06-01 14:02", 30, 760, 300, 40), Line("新郑市人民路东", 30, 810, 480, 40),
        Line("今日水印相机", 800, 815, 150, 40), Line("86号", 28, 855, 90, 40), Line("防伪 X4Y3EL9FTTB5JT", 800, 860, 180, 30),
    ]  # fmt: skip
    assert parse(lines, RECEIVED, ZONE).address == "新郑市人民路东86号"


def test_a_label_in_a_box_of_its_own_takes_the_value_beside_it() -> None:
    lines = [Line("地点", 30, 700, 60, 34), Line("人民路86号", 120, 702, 300, 34), Line("时间", 30, 740, 60, 34)]
    lines.append(Line("2026-06-01 14:02", 120, 741, 300, 34))
    found = parse(lines, RECEIVED, ZONE)
    assert found.address == "人民路86号"
    assert found.taken_at == datetime(2026, 6, 1, 6, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(("经度：113.739412", "纬度：34.395628"), id="labelled"),
        pytest.param(("34.395628°N,113.739412°E",), id="letters"),
        pytest.param(("经纬度：113.739412,34.395628",), id="pair"),
        pytest.param(("坐标: 34.395628 113.739412",), id="latitude first"),
    ],
)
def test_at_which_point(texts: tuple[str, ...]) -> None:
    found = parse(stacked(*texts), RECEIVED, ZONE).point
    assert found == pytest.approx(wgs84_from_gcj02(113.739412, 34.395628), abs=1e-7)


def test_degrees_and_minutes() -> None:
    found = parse(stacked("东经113°44'21.88\"", "北纬34°23'44.26\""), RECEIVED, ZONE).point
    assert found == pytest.approx(wgs84_from_gcj02(113.739411, 34.395628), abs=1e-5)


def test_what_was_noted() -> None:
    assert parse(stacked("时间：2026-06-01 14:02", "备注：占道经营"), RECEIVED, ZONE).note == "占道经营"


@pytest.mark.parametrize(
    ("address", "mended"),
    [
        ("新郑市滨何路86号", "新郑市滨河路86号"),
        ("新郑市滨河路86号", "新郑市滨河路86号"),
        ("某某大道1号", "某某大道1号"),
        ("人民路滨何路口", "人民路滨何路口"),
    ],
)
def test_one_letter_is_mended_where_one_name_fits(address: str, mended: str) -> None:
    assert corrected(address, ["人民路", "滨河路", "工业路"]) == mended
