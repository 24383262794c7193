from datetime import date

import pytest

from domain.errors import ImportRefused
from domain.imports.people import mobile, parse_people
from domain.roster import Dated, Person, Post, Role
from tests.domain.imports.rows import PERSON, numbered, places


def test_one_person_with_two_posts() -> None:
    second = PERSON | {
        "role": "督查员",
        "wecom_userid": "",
        "dingtalk_userid": "d1",
        "from": "2026-10-01",
        "to": "2026-10-31",
    }
    people = parse_people("p.csv", numbered([PERSON, second]))
    assert people.persons == [Person("xz0100", "王建国", "市水利局", (("wecom", "wang"), ("dingtalk", "d1")))]
    assert people.posts == [
        Dated(Post("xz0100", Role.CHIEF, "", "市水利局")),
        Dated(Post("xz0100", Role.INSPECTOR, "", "市水利局"), date(2026, 10, 1), date(2026, 11, 1)),
    ]


def test_a_department_is_known_by_its_unit() -> None:
    people = parse_people("p.csv", numbered([PERSON | {"role": "department", "unit": "环卫中心"}]))
    assert people.posts[0].value.scope == "环卫中心"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        pytest.param({"person": ""}, (2, "person"), id="no id"),
        pytest.param({"name": ""}, (2, "name"), id="no name"),
        pytest.param({"role": "mayor"}, (2, "role"), id="unknown role"),
        pytest.param({"role": ""}, (2, "role"), id="no role"),
        pytest.param({"role": "seat"}, (2, "scope"), id="a seat without a township"),
        pytest.param({"role": "department", "unit": ""}, (2, "scope"), id="a department without a name"),
        pytest.param({"from": "2026-13-01"}, (2, "from"), id="no such month"),
    ],
)
def test_refused(change: dict[str, str], place: tuple[int, str]) -> None:
    with pytest.raises(ImportRefused) as caught:
        parse_people("p.csv", numbered([PERSON | change]))
    assert places(caught.value) == [place]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        pytest.param(
            {"person": "xz0999", "name": "李明", "wecom_userid": "WANG"}, "wecom_userid", id="one account, two people"
        ),
        pytest.param({"name": "王建军", "role": "office"}, "name", id="one id, two names"),
        pytest.param({"wecom_userid": "wang2", "role": "office"}, "wecom_userid", id="one person, two accounts"),
        pytest.param({}, "person", id="the same row twice"),
    ],
)
def test_two_rows_that_contradict(change: dict[str, str], column: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        parse_people("p.csv", numbered([PERSON, PERSON | change]))
    assert places(caught.value) == [(3, column)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("13900001111", "13900001111", id="plain"),
        pytest.param("139 0000-1111", "13900001111", id="spaced"),
        pytest.param("+86 13900001111", "13900001111", id="with the country"),
        pytest.param("8613900001111", "13900001111", id="country without plus"),
        pytest.param("+852 91234567", "+85291234567", id="another country"),
        pytest.param("1.39E+10", "", id="as a spreadsheet spoils it"),
        pytest.param("1390000111", "", id="too short"),
        pytest.param("12900001111", "", id="no mobile"),
        pytest.param("１３９００００１１１１", "", id="full-width digits"),
    ],
)
def test_a_mobile_number(text: str, number: str) -> None:
    assert mobile(text) == number


def test_mobile_numbers_stand_beside_the_people_and_in_no_problem() -> None:
    good = parse_people("p.csv", numbered([PERSON | {"mobile": "139-0000-1111"}]))
    assert good.mobiles == {"xz0100": "13900001111"}
    assert "1390000" not in repr(good)
    other = PERSON | {"role": "office", "mobile": "13900002222"}
    wrong = PERSON | {"person": "xz0101", "name": "李明", "wecom_userid": "", "mobile": "1390000"}
    with pytest.raises(ImportRefused) as caught:
        parse_people("p.csv", numbered([PERSON | {"mobile": "13900001111"}, other, wrong]))
    assert places(caught.value) == [(3, "mobile"), (4, "mobile")]
    assert "1390000" not in str(caught.value)
