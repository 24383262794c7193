from itertools import islice

from bench import city
from domain.categories import Categories
from domain.understand import Gazetteer, Understander


def test_the_city_has_some_five_thousand_place_names_and_its_reports_are_located() -> None:
    gazetteer = Gazetteer.build(city.segments())
    assert 4_500 < len(gazetteer.names) < 7_500  # with what offices and branches are called
    understander = Understander(Categories.load(None), gazetteer)
    found = [understander.understand(text) for text in islice(city.reports(), 40)]
    assert [u.intent for u in found] == ["report"] * 40
    assert sum(u.segment is not None for u in found) >= 38
    assert len({u.segment for u in found}) >= 38
