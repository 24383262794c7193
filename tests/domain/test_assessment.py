from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from pathlib import Path

import pytest

from domain.assessment import Cutoffs, FlagCounts, Publication, SequenceKind, load_assessments
from domain.errors import TableError

BUILT_IN = (resources.files("domain.tables") / "assessment.toml").read_text(encoding="utf-8")
GRADES = '[version.grades]\nsource = "S44, S44a"'


def write(folder: Path, text: str) -> Path:
    path = folder / "assessment.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_scheme_s_own_values() -> None:
    by = load_assessments().on(date(2026, 10, 1))
    assert by.flags == {
        SequenceKind.TOWNSHIP: FlagCounts(2, 1),
        SequenceKind.SECOND_LEVEL: FlagCounts(10, 3),
        SequenceKind.UNIT: FlagCounts(10, 3),
    }
    assert (by.cutoffs, by.rating_weight, by.by_difficulty, by.least_share) == (None, None, True, Fraction(1, 2))
    assert by.publication == Publication(False, 1, time(8, 12), 3, time(9, 12))


def test_every_part_names_its_source() -> None:
    parts = BUILT_IN.split("[version.")[1:]
    assert len(parts) == 7
    assert all('source = "S' in part for part in parts)


def test_a_city_s_own_values(tmp_path: Path) -> None:
    text = BUILT_IN.replace(GRADES, f'{GRADES}\ngood = "90"\nfair = 80.5')
    text = text.replace('mode = "automatic"', 'mode = "signed"').replace('lists = "difficulty"', 'lists = "city"')
    text = text.replace('source = "S57, S57a, S58"', 'rating_weight = "0.3"')
    by = load_assessments(write(tmp_path, text)).versions[0]
    assert by.cutoffs == Cutoffs(Decimal(90), Decimal("80.5"))
    assert (by.rating_weight, by.by_difficulty, by.publication.is_signed) == (Decimal("0.3"), False, True)
    assert [by.grade(Decimal(s)) for s in ("90.00", "89.99", "80.50", "80.49")] == ["良好", "一般", "一般", "较差"]


def test_versions_take_turns(tmp_path: Path) -> None:
    later = BUILT_IN.replace("since = 2026-01-01", "since = 2027-01-01").replace("（试行）", "")
    both = load_assessments(write(tmp_path, later + BUILT_IN))
    names = [both.on(day).name for day in (date(2020, 1, 1), date(2026, 12, 31), date(2027, 1, 1))]
    assert names == ["路长制考评办法（试行）", "路长制考评办法（试行）", "路长制考评办法"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("red = 2", "", "township：缺少字段red", id="no red"),
        pytest.param("red = 2", "red = -1", "不能是负数", id="negative"),
        pytest.param("red = 2", 'red = "2"', "red", id="text"),
        pytest.param('lists = "difficulty"', 'lists = "grade"', "lists", id="unknown list"),
        pytest.param('mode = "automatic"', 'mode = "auto"', "mode", id="unknown mode"),
        pytest.param("draft_day = 1", "draft_day = 31", "draft_day", id="a day that not every month has"),
        pytest.param("draft_time = 08:12:00", 'draft_time = "08:12"', "draft_time", id="a time in quotes"),
        pytest.param('least_share = "0.5"', 'least_share = "1.5"', "least_share", id="more than the month"),
        pytest.param('least_share = "0.5"', 'least_share = "half"', "least_share", id="a word"),
        pytest.param(GRADES, f'{GRADES}\ngood = "90"', "fair", id="one cut-off alone"),
        pytest.param(GRADES, f'{GRADES}\ngood = "80"\nfair = "90"', "低于", id="cut-offs upside down"),
        pytest.param("[version.holder]", "[version.holders]", "holder", id="a part is missing"),
        pytest.param("[[version]]", "[[versions]]", "version", id="no version"),
    ],
)
def test_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in BUILT_IN
    with pytest.raises(TableError, match=words):
        load_assessments(write(tmp_path, BUILT_IN.replace(old, new)))


def test_two_versions_of_one_date(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="since相同"):
        load_assessments(write(tmp_path, BUILT_IN + BUILT_IN))
