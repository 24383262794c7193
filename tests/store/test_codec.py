import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.case import Case, CasePhoto, Chain, Origin, Request, State, id_of
from domain.effects import Effects
from domain.messages import Target
from store import Store
from store.codec import case_of, case_row, digest, target_of, target_text
from tests.store.samples import NOW

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
INSTANT = st.timedeltas(timedelta(0), timedelta(days=80_000)).map(lambda span: datetime(1971, 1, 1, tzinfo=UTC) + span)
MAYBE = st.none() | INSTANT
COUNT = st.integers(0, 9)
TUPLE = st.lists(TEXT, max_size=3).map(tuple)
REQUEST = st.none() | st.builds(Request, TEXT, TEXT, INSTANT, MAYBE, TUPLE, TEXT)
PHOTO = st.builds(CasePhoto, TEXT, st.sampled_from(["jpg", "png"]), TEXT, INSTANT, TEXT)
STRATEGIES: dict[Any, st.SearchStrategy[Any]] = {
    int: COUNT,
    str: TEXT,
    bool: st.booleans(),
    tuple[str, ...]: TUPLE,
    datetime: INSTANT,
    datetime | None: MAYBE,
    Request | None: REQUEST,
    State: st.sampled_from(State),
    Origin: st.sampled_from(Origin),
    Chain: st.builds(Chain, TEXT, TEXT, TEXT, TEXT, TEXT, st.booleans()),
    tuple[CasePhoto, ...]: st.lists(PHOTO, max_size=3).map(tuple),
}
# every field of Case, also those that the domain adds later
FIELDS = {name: STRATEGIES[kind] for name, kind in get_type_hints(Case).items()}
CASES = st.builds(Case, **(FIELDS | {"id": st.integers(1, 99_999_999).map(lambda n: id_of(2026, n))}))


@settings(max_examples=60)
@given(CASES)
def test_a_case_comes_back_equal_in_every_field(case: Case) -> None:
    row = json.loads(json.dumps(case_row(case)["rest"]))  # as the database gives it back
    assert case_of(case_row(case) | {"rest": row}, case.photos) == case


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=st.lists(CASES, min_size=1, max_size=4))
async def test_the_database_gives_back_the_latest_version(on_sqlite: Store, versions: list[Case]) -> None:
    same = [replace(case, id=versions[0].id) for case in versions]
    for case in same:
        async with on_sqlite.deciding(NOW) as view:
            view.apply(Effects(cases=[case]))
    async with on_sqlite.reading(NOW) as seen:
        assert await seen.case(same[0].id) == same[-1]


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(Target("wecom", chat_id="wrGROUP"), id="group"),
        pytest.param(Target("dingtalk", userid="zhang"), id="person"),
        pytest.param(Target("wecom", chat_id="a\nb"), id="line break in a foreign id"),
    ],
)
def test_targets_are_told_apart(target: Target) -> None:
    assert target_of(target_text(target)) == target


def test_a_group_and_a_person_of_one_id_differ() -> None:
    assert target_text(Target("wecom", chat_id="x")) != target_text(Target("wecom", userid="x"))


def test_a_quote_is_found_whatever_the_client_did_to_its_blanks() -> None:
    assert digest("您好\n2026-0001  已收到") == digest("您好 2026-0001 已收到 ")
    assert digest("您好") != digest("你好")
    assert digest(None) == digest("") == ""
