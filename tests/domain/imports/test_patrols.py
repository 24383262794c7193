from collections.abc import Mapping
from datetime import date

import pytest

from domain.errors import ImportRefused
from domain.imports.patrols import parse_patrols
from domain.patrols import Patrol, PatrolKind, load_quotas
from domain.roster import Dated, Person, Post, Role, Roster

TODAY = date(2026, 6, 20)
ROSTER = Roster(
    people={"z": Person("z", "张市长"), "l": Person("l", "李卫东"), "a": Person("a", "双名"), "b": Person("b", "双名")},
    posts=(
        Dated(Post("z", Role.FIRST_LEVEL)),
        Dated(Post("l", Role.TOWNSHIP_HEAD, "东关街道"), since=date(2026, 6, 1)),
    ),
)
GOOD = {"person": "z", "kind": "patrol", "date": "2026-06-03", "place": "人民路", "note": ""}


def parse(*rows: Mapping[str, str]) -> list[Patrol]:
    listed = [(n, {**GOOD, **row}) for n, row in enumerate(rows, 2)]
    return parse_patrols("巡查.csv", listed, roster=ROSTER, quotas=load_quotas(), today=TODAY)


def test_by_id_or_name_code_or_chinese_and_one_row_twice_is_one_record() -> None:
    meeting = {"person": "张市长", "kind": "例会", "date": "2026年6月5日", "place": "", "note": "街道会议室"}
    assert parse({}, meeting, {"person": "张市长", "kind": "巡查"}, {"date": "2026-06-04"}) == [
        Patrol("z", PatrolKind.PATROL, date(2026, 6, 3), "人民路"),
        Patrol("z", PatrolKind.MEETING, date(2026, 6, 5), "", "街道会议室"),
        Patrol("z", PatrolKind.PATROL, date(2026, 6, 4), "人民路"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param({"person": ""}, "第2行 person：不能为空", id="nobody"),
        pytest.param({"person": "nobody"}, "没有人员“nobody”", id="unknown"),
        pytest.param({"person": "双名"}, "“双名”有2人，请写人员编号", id="two of a name"),
        pytest.param({"kind": "督查"}, "第2行 kind：未知的事项“督查”，可用：巡查、例会", id="kind"),
        pytest.param({"date": ""}, "第2行 date：不能为空", id="no day"),
        pytest.param({"date": "6月3日"}, "第2行 date：“6月3日”不是日期", id="no year"),
        pytest.param({"date": "2026-06-21"}, "第2行 date：6月21日还没到", id="a day to come"),
        pytest.param({"date": "2026-04-30"}, "只登记本月和上月的，不登记2026年4月30日", id="long past"),
        pytest.param({"person": "l", "kind": "例会"}, "l在6月3日不是一级路长，不登记例会", id="S25 another's meeting"),
        pytest.param({"person": "l", "date": "2026-05-31"}, "l在5月31日不是总路长、一级路长", id="before the post"),
    ],
)
def test_a_wrong_row(row: dict[str, str], said: str) -> None:
    with pytest.raises(ImportRefused, match="未保存任何内容") as refused:
        parse(row)
    assert said in refused.value.text


def test_one_record_has_one_note() -> None:
    with pytest.raises(ImportRefused, match="第3行 note：与第2行是同一次记录"):
        parse({}, {"note": "陪同检查"})
