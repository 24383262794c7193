"""What duty persons, chiefs, second-level chiefs, the seat and the office do with a case, by every way of saying it."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.case import State
from tests.house import GROUP, SEAT_GROUP, House, open_house, settle_roster

LITTER = "人民路12号门口垃圾没人捡"


async def opened(house: House, text: str = LITTER, who: str = "刘芳") -> None:
    await house.say(who, text, photo=f"before-{text}-{who}", group=GROUP)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"text": "收到"}, id="word in private"),
        pytest.param({"text": "1"}, id="digit"),
        pytest.param({"text": "收到 0001"}, id="with short number"),
        pytest.param({"text": "0001 收到", "group": GROUP}, id="number first in the group"),
        pytest.param({"text": "收到 2026-0001"}, id="with full number"),
        pytest.param({"text": "收到", "group": GROUP, "quote": LITTER}, id="quoting the report"),
        pytest.param({"text": "收到", "quote": "【2026-0001】路面遗漏垃圾｜…"}, id="quoting the working message"),
        pytest.param({"text": "好的 这就去看"}, id="free words"),
    ],
)
async def test_acknowledging(house: House, said: dict[str, str]) -> None:
    await opened(house)
    await house.say("赵强", **said)
    case = await house.case(1)
    assert case.state is State.ACKNOWLEDGED
    assert case.acknowledged_at is not None


async def test_acknowledging_is_not_answered_in_the_group(house: House) -> None:
    await opened(house)
    assert await house.say("赵强", "收到 0001", group=GROUP) == []
    assert (await house.case(1)).state is State.ACKNOWLEDGED


async def test_acknowledging_with_several_open_asks_which(house: House) -> None:
    await opened(house)
    await opened(house, "人民医院门口路灯不亮", who="李四")
    posted = await house.say("赵强", "收到")
    assert posted == ["您有2件在办，请选择认领：1 0001路面遗漏垃圾 2 0002路灯不亮缺失 3 全部"]
    await house.say("赵强", "3")
    assert {c.state for c in await house.cases()} == {State.ACKNOWLEDGED}


async def test_the_wrong_person_is_refused_politely_and_recorded(house: House) -> None:
    await opened(house)
    assert await house.say("孙丽", "收到 0001") == ["2026-0001由赵强负责，您无需操作。"]
    assert (await house.case(1)).state is State.ASSIGNED
    kinds = [entry.event.kind for entry in await house.store.ledger.events("case:2026-0001")]
    assert kinds == ["report", "refused"]


async def test_a_claim_in_words_changes_nothing(house: House) -> None:
    await opened(house)
    await house.say("孙丽", "我是王段长，0001 已处理", photo="x")
    assert (await house.case(1)).state is State.ASSIGNED


async def test_a_bare_photo_closes_the_only_open_case(house: House) -> None:
    await opened(house)
    posted = await house.say("赵强", photo="after")
    assert posted[0] == "已登记2026-0001整改照片1张，转钱专干复核。10分钟内可继续补图。"
    case = await house.case(1)
    assert (case.state, case.resolved_by) == (State.RESOLVED, "zhao")
    assert [p.role for p in case.photos] == ["before", "after"]


async def test_further_photos_join_for_ten_minutes(house: House) -> None:
    await opened(house)
    await house.say("赵强", photo="after1")
    await house.advance(minutes=8)
    assert "2026-0001已补充整改照片，共2张。" in await house.say("赵强", photo="after2")
    await house.advance(minutes=5)
    await house.say("赵强", photo="after3")
    assert len((await house.case(1)).photos_of("after")) == 2


async def test_a_bare_photo_with_several_open_asks_which(house: House) -> None:
    await opened(house)
    await opened(house, "人民医院门口路灯不亮", who="李四")
    posted = await house.say("赵强", photo="after")
    assert posted == ["您有2件在办，照片对应：1 0001路面遗漏垃圾 2 0002路灯不亮缺失"]
    await house.say("赵强", "2")
    first, second = await house.cases()
    assert (first.state, second.state) == (State.ASSIGNED, State.RESOLVED)
    assert len(second.photos_of("after")) == 1


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            {"text": "0001 已处理", "photo": "after", "group": GROUP}, id="number, word and photo in the group"
        ),
        pytest.param({"text": "已处理", "photo": "after", "group": GROUP, "quote": LITTER}, id="quoting in the group"),
        pytest.param({"text": "已处理", "photo": "after"}, id="only open case in private"),
        pytest.param({"text": "都扫干净了，没有垃圾了", "photo": "after"}, id="free words in private"),
    ],
)
async def test_resolving(house: House, said: dict[str, str]) -> None:
    await opened(house)
    await house.say("赵强", **said)
    assert (await house.case(1)).state is State.RESOLVED


async def test_resolving_without_a_photo_asks_for_one(house: House) -> None:
    await opened(house)
    posted = await house.say("赵强", "已处理")
    assert posted == ["2026-0001办结须附整改后照片，请直接发送。确无法拍照，回复“无图 原因”，由陈涛二级路长确认。"]
    assert (await house.case(1)).state is State.ASSIGNED


async def test_a_photo_that_any_case_holds_is_no_evidence(house: House) -> None:
    await house.say("刘芳", LITTER, photo="seen", group=GROUP)
    posted = await house.say("赵强", "已处理", photo="seen")
    assert "不能作为2026-0001的整改照片" in posted[0]
    assert (await house.case(1)).state is State.ASSIGNED


async def test_no_photo_needs_the_second_level_chief(house: House) -> None:
    await opened(house)
    assert "陈涛二级路长确认" in (await house.say("赵强", "无图 夜间无光"))[0]
    assert (await house.case(1)).state is State.ASSIGNED
    refused = await house.say("王建国", "确认无图 0001")
    assert "由陈涛" in refused[0]
    await house.say("陈涛", "确认无图 0001")
    case = await house.case(1)
    assert (case.state, case.closed_without_photo) == (State.RESOLVED, True)


async def test_no_photo_on_a_segment_without_a_unit_needs_the_township_head(house: House) -> None:
    await opened(house, "滨河公园门口垃圾没人捡")
    await house.say("陈涛", "无图 夜间无光")
    assert any("无图办结待确认" in text for text in house.heard("李卫东"))
    assert "不能" in (await house.say("陈涛", "确认无图 0001"))[0] or "由李卫东" in house.heard("陈涛")[0]
    await house.say("李卫东", "确认无图 0001")
    assert (await house.case(1)).state is State.RESOLVED


async def test_a_helpers_photo_is_kept_and_the_handler_told(house: House) -> None:
    await opened(house)
    posted = await house.say("孙丽", "已处理", photo="mine", group=GROUP, quote=LITTER)
    assert "2026-0001由赵强负责，您的照片已记入案件并转赵强确认，状态暂不变更。" in posted
    case = await house.case(1)
    assert case.state is State.ASSIGNED
    assert len(case.photos_of("other")) == 1
    assert any("2026-0001发来照片" in text for text in house.heard("赵强"))


async def test_not_my_segment_goes_to_the_desk_and_pauses_the_clock(house: House) -> None:
    await opened(house)
    due = (await house.case(1)).due
    posted = await house.say("赵强", "非我路段 文化街以东")
    assert "2026-0001已退回东关街道指挥席改派，原因“文化街以东”，时限暂停计算。" in posted
    assert any("待改派" in text for text in house.heard(SEAT_GROUP))
    await house.advance(hours=1)
    await house.say("钱专干", "改派 0001 周敏")
    case = await house.case(1)
    assert (case.state, case.handler) == (State.ASSIGNED, "zhou")
    assert case.due == due  # the case's own deadline moves only by 延期 and 挂账
    assert case.handler_due is not None
    assert due is not None
    assert case.handler_due == due + timedelta(hours=1)
    assert any("【2026-0001】" in text for text in house.heard("周敏"))
    assert "2026-0001已改派周敏，您无需再处理。" in house.heard("赵强")


async def test_reassigning_restarts_the_handlers_clock_only(house: House) -> None:
    await opened(house)
    before = await house.case(1)
    await house.advance(minutes=30)
    posted = await house.say("陈涛", "改派 0001 周敏")
    case = await house.case(1)
    assert case.due == before.due
    assert case.handler_due is not None
    assert before.handler_due is not None
    assert case.handler_due - before.handler_due == timedelta(minutes=30)
    assert posted[0].startswith("2026-0001已由赵强改派周敏（陈涛二级路长批准，09:30），时限重算至15:30")


async def test_extension_is_granted_twice_at_most_and_never_by_its_asker(house: House) -> None:
    await opened(house)
    due = (await house.case(1)).due
    assert (await house.say("赵强", "延期 需商户搬迁 明天12点"))[0] == (
        "2026-0001延期申请已报陈涛二级路长，未批准前原时限不变。"
    )
    assert (await house.case(1)).due == due
    assert "本人批准" in (await house.say("赵强", "批准延期 0001"))[0] or "您无需操作" in house.heard("赵强")[0]
    await house.say("陈涛", "批准延期 0001")
    assert house.rules.local((await house.case(1)).due).strftime("%d %H:%M") == "02 12:00"  # type: ignore[arg-type]
    await house.say("赵强", "延期 0001 还没搬完 6月4日")
    await house.say("陈涛", "批准延期 0001")
    assert house.rules.local((await house.case(1)).due).strftime("%d %H:%M") == "04 18:00"  # type: ignore[arg-type]
    assert "不能再延期" in (await house.say("赵强", "延期 0001 还没搬完 6月8日"))[0]


async def test_an_extension_without_a_time_or_reason_says_how(house: House) -> None:
    await opened(house)
    assert "请写明原因和时间" in (await house.say("赵强", "延期"))[0]


async def test_dissuading_is_recorded_and_the_case_stays_open(house: House) -> None:
    await opened(house)
    assert "2026-0001已记录劝阻" in (await house.say("赵强", "劝阻 摊主同意撤离"))[0]
    assert (await house.case(1)).state is State.ACKNOWLEDGED
    assert "dissuade" in [entry.event.kind for entry in await house.store.ledger.events("case:2026-0001")]


async def test_verification_closes_and_tells_the_reporter_and_handler(house: House) -> None:
    await opened(house)
    await house.say("赵强", photo="after")
    await house.say("钱专干", "0001 通过")
    assert (await house.case(1)).state is State.CLOSED
    assert house.heard("刘芳") == ["您反映的2026-0001已处理并复核通过，整改前后照片见案件。如未解决，请回复“未解决”。"]
    assert house.heard("赵强") == ["2026-0001复核通过，已于09:00办结。"]


@pytest.mark.parametrize("who", ["赵强", "王建国", "周敏", "刘芳"])
async def test_who_had_a_hand_in_it_never_verifies(house: House, who: str) -> None:
    await opened(house)
    await house.say("赵强", photo="after")
    await house.say(who, "0001 通过")
    assert (await house.case(1)).state is State.RESOLVED


async def test_who_granted_the_extension_does_not_verify(house: House) -> None:
    await opened(house)
    await house.say("赵强", "延期 需商户搬迁 明天12点")
    await house.say("钱专干", "批准延期 0001")
    await house.say("赵强", photo="after")
    assert not any("待复核" in text for text in house.heard("钱专干"))
    assert any("待复核" in text for text in house.heard("吴主任"))
    await house.say("钱专干", "0001 通过")
    assert (await house.case(1)).state is State.RESOLVED


async def test_two_verdicts_in_one_message(house: House) -> None:
    await opened(house)
    await opened(house, "人民医院门口路灯不亮", who="李四")
    await house.say("赵强", "0001 已处理", photo="after1")
    await house.say("赵强", "0002 已处理", photo="after2")
    await house.say("钱专干", "1 通过，2 不通过 灯还不亮")
    first, second = await house.cases()
    assert (first.state, second.state, second.reworks) == (State.CLOSED, State.REWORK, 1)


async def test_a_verifiers_list_is_answered_by_position(house: House) -> None:
    await opened(house)
    await opened(house, "人民医院门口路灯不亮", who="李四")
    await house.say("赵强", "0002 已处理", photo="after2")
    await house.say("赵强", "0001 已处理", photo="after1")
    await house.say("陈", "陌生人问好")
    posted = await house.say("钱专干", "待复核")
    assert posted == ["待您复核2件：1 0001路面遗漏垃圾 2 0002路灯不亮缺失。回复“1 通过，2 不通过 原因”。"]
    await house.say("钱专干", "2 通过，1 不通过 物料仍在", photo="still there")
    first, second = await house.cases()
    assert (first.state, second.state) == (State.REWORK, State.CLOSED)


async def test_rework_needs_a_new_photo_and_keeps_the_cases_deadline(house: House) -> None:
    await opened(house)
    await house.say("赵强", photo="after")
    due = (await house.case(1)).due
    await house.advance(minutes=30)
    await house.say("钱专干", "0001 不通过 物料仍在")
    case = await house.case(1)
    assert (case.state, case.due) == (State.REWORK, due)
    assert any("退回重办（第1次）" in text and "物料仍在" in text for text in house.heard("赵强"))
    await house.say("赵强", photo="after")
    assert (await house.case(1)).state is State.REWORK
    await house.say("赵强", photo="after-new")
    assert (await house.case(1)).state is State.RESOLVED


async def test_a_reporter_brings_it_back_within_three_days(house: House) -> None:
    await opened(house)
    await house.say("赵强", photo="after")
    await house.say("钱专干", "通过")
    await house.advance(days=2)
    posted = await house.say("刘芳", "0001 未解决", photo="again")
    assert "第1次反弹" in posted[0]
    assert (await house.case(1)).state is State.REWORK
    assert any("【2026-0001】" in text for text in house.heard("赵强"))


async def test_after_three_days_it_is_a_new_problem(house: House) -> None:
    await opened(house)
    await house.say("赵强", photo="after")
    await house.say("钱专干", "通过")
    await house.advance(days=3, minutes=1)
    assert "按新问题受理" in (await house.say("刘芳", "0001 未解决"))[0]
    assert (await house.case(1)).state is State.CLOSED


async def test_an_old_message_answered_after_closing(house: House) -> None:
    await opened(house)
    await house.say("赵强", photo="after")
    await house.say("钱专干", "通过")
    assert await house.say("赵强", "收到 0001") == ["2026-0001已于09:00已办结，无需操作。"]


async def test_shelving_needs_two_approvals_and_ends_by_itself(house: House) -> None:
    await opened(house)
    await house.say("赵强", "挂账 0001 6月10日 管线迁改未完成")
    await house.say("陈涛", "同意挂账 0001")
    assert (await house.case(1)).state is State.ASSIGNED
    assert "还需另一人" in (await house.say("陈涛", "同意挂账 0001"))[0]
    await house.say("吴主任", "同意挂账 0001")
    case = await house.case(1)
    assert case.state is State.SHELVED
    due = case.due
    await house.until(house.local(10, 18, 1))
    back = await house.case(1)
    assert back.state is State.ACKNOWLEDGED
    assert due is not None
    assert back.due is not None
    assert back.due > due


async def test_a_raised_tier_is_accepted_or_handed_back(house: House) -> None:
    await opened(house)
    await house.say("赵强", "提级 0001 重大 需多部门配合")
    assert (await house.case(1)).severity == "重大"
    assert any("重大问题" in text for text in house.heard("李卫东"))
    await house.say("李卫东", "交回 0001 路段内可解决")
    assert (await house.case(1)).severity == "一般"
    await house.say("赵强", "提级 0001 突出 成片占道")
    await house.say("陈涛", "接受 0001")
    assert (await house.case(1)).severity == "突出"


async def test_a_second_level_chief_reports_a_major_problem_upward(house: House) -> None:
    await opened(house)
    await house.say("陈涛", "提级 0001 重大 需多部门联合处置")
    assert all(any("重大问题" in text for text in house.heard(who)) for who in ("李卫东", "吴主任"))
    await house.say("李卫东", "接受 0001")
    assert (await house.case(1)).severity == "重大"
    await house.say("陈涛", "催办 0001")
    assert any("陈涛" in text for text in house.heard("赵强"))


async def test_the_seat_places_merges_declines_and_the_office_voids(house: House) -> None:
    await house.say("刘芳", "人民路垃圾成堆没人收", group=GROUP)
    await house.say("钱专干", "定位 0001 XC002")
    assert (await house.case(1)).segment == "XC002"
    await opened(house)
    await opened(house, "百货大楼门口小广告贴满了", who="李四")
    await house.say("钱专干", "并入 0003 0002")
    assert (await house.case(3)).state is State.MERGED
    posted = await house.say("钱专干", "不予立案 0002 属小区内部道路")
    assert "2026-0002已不予立案，原因已告知上报人。" in posted
    assert any("不予立案：属小区内部道路" in text for text in house.heard("刘芳"))
    assert "您无需操作" in (await house.say("钱专干", "作废 0001 误报"))[0]
    await house.say("吴主任", "作废 0001 误报")
    assert [c.state for c in await house.cases()] == [State.VOID, State.DECLINED, State.MERGED]


async def test_the_seats_queue_and_bulk_urge(house: House) -> None:
    await opened(house)
    await house.say("刘芳", "人民路垃圾成堆没人收", group=GROUP)
    assert (await house.say("钱专干", "待办"))[0].startswith("09:00 东关街道待办：待定位1。")
    await house.until(house.local(1, 15, 30))
    assert "超时1" in (await house.say("钱专干", "待办"))[0]
    posted = await house.say("钱专干", "催办 超时")
    assert posted[0].startswith("将向1人各发1条合并提醒（涉及1件")
    await house.say("钱专干", "1")
    assert len([t for t in house.heard("赵强") if "请您尽快处置" in t]) == 1
    await house.say("钱专干", "催办 0001")
    assert any("请您尽快处置2026-0001" in text for text in house.heard("赵强"))


async def test_leave_with_a_stand_in_moves_open_cases_and_back(house: House) -> None:
    await opened(house)
    posted = await house.say("赵强", "请假 今天-6月3日 周敏代")
    assert posted[0].startswith("已登记：6月1日至3日由周敏代行")
    assert "1件在办一并转交" in posted[0]
    assert (await house.case(1)).handler == "zhou"
    await opened(house, "人民医院门口路灯不亮", who="李四")
    assert (await house.case(2)).handler == "zhou"
    await house.say("赵强", "销假")
    await opened(house, "百货大楼门口小广告贴满了", who="王五")
    assert (await house.case(3)).handler == "zhao"


async def test_a_chief_away_without_a_stand_in_and_without_duty_is_picked_for(house: House) -> None:
    await house.say("何局", "请假 今天")
    await house.say("刘芳", "河西市场门口垃圾没人捡", photo="a")
    assert any("由您指派" in text for text in house.heard("高明"))
    await house.say("高明", "1")
    assert (await house.case(1)).handler == "gao"


async def test_queries(house: House) -> None:
    await opened(house)
    card = (await house.say("王建国", "查 0001"))[0]
    assert card.startswith("【2026-0001】待认领｜路面遗漏垃圾｜人民路（建设街—文化街）")
    assert "刘芳" not in card
    assert "上报人：刘芳" in (await house.say("钱专干", "查 0001"))[0]
    assert "reporter_seen" in [e.event.kind for e in await house.store.ledger.events("case:2026-0001")]
    assert (await house.say("王建国", "我名下还有几件"))[0].startswith("您名下在办1件：今日到期1件（0001）")
    assert "2026-0001 路面遗漏垃圾｜待认领" in (await house.say("刘芳", "我的上报"))[0]
    assert (await house.say("王建国", "本月排名"))[0].startswith("截至6月1日（过程数据，以通报为准）：市农业局100.00分")
    (owner,) = await house.say("刘芳", "百货大楼谁负责", group=GROUP)
    assert "今日轮值 赵强" in owner
    assert owner.endswith("责任：包秩序、包卫生、包立面。")
    assert (await house.say("刘芳", "查 0999"))[0] == "没有找到案件0999，请核对编号。"


async def test_help_shows_what_this_person_can_say(house: House) -> None:
    stranger = (await house.say("刘芳", "帮助"))[0]
    seat = (await house.say("钱专干", "帮助"))[0]
    assert "定位" not in stranger
    assert "定位 0124 路段编号" in seat


async def test_every_change_stands_in_a_ledger_that_verifies(house: House) -> None:
    await opened(house)
    await house.say("赵强", "收到")
    await house.say("赵强", photo="after")
    await house.say("钱专干", "通过")
    kinds = [entry.event.kind for entry in await house.store.ledger.events("case:2026-0001")]
    assert kinds == ["report", "acknowledge", "resolve", "pass"]
    assert await house.store.ledger.verify() is None


@pytest.mark.parametrize("asked", ["0001 到哪一步了", "1怎么样了？", "2026-0001处理好了吗", "0001号案件谁在处理"])
async def test_everyday_words_behind_a_number_ask_for_the_case(house: House, asked: str) -> None:
    await house.say("刘芳", "人民路文化街口烧烤店占道经营", photo="a")
    card = (await house.say("刘芳", "查 0001"))[0]
    assert (await house.say("刘芳", asked)) == [card]
    assert len(await house.cases()) == 1


async def test_the_same_words_without_a_number_name_no_case(house: House) -> None:
    await house.say("刘芳", "人民路文化街口烧烤店占道经营", photo="a")
    assert "【2026-0001】" not in "".join(await house.say("刘芳", "怎么样了"))


@pytest.mark.parametrize("asked", ["0001", "2026-0001", "#0001。"])
async def test_a_number_as_printed_asks_for_the_case(house: House, asked: str) -> None:
    await house.say("刘芳", "人民路文化街口烧烤店占道经营", photo="a")
    card = (await house.say("刘芳", "查 0001"))[0]
    assert (await house.say("刘芳", asked)) == [card]


async def test_a_number_as_printed_answers_which_case(house: House) -> None:
    await opened(house)
    await opened(house, "人民路88号门口井盖破损")
    assert "请选择认领" in (await house.say("赵强", "收到"))[0]
    assert (await house.say("赵强", "0002"))[0].startswith("2026-0002已认领")


async def test_a_greeting_in_private_is_answered_once_an_hour(house: House) -> None:
    assert await house.say("赵强", "你好") == [
        "您好，赵强。交办和提醒会在这里发给您；直接发“位置+问题+照片”即可上报，回复“帮助”查看可用的口令。"
    ]
    assert await house.say("赵强", "在吗？") == []
    assert await house.say("刘芳", "您好", group=GROUP) == []
    assert (await house.say("刘芳", "您好"))[0].startswith("您好。直接发")


async def test_help_is_short_and_leads_to_its_topics(house: House) -> None:
    office = (await house.say("吴主任", "帮助"))[0]
    assert len(office.split("\n")) <= 20
    assert "待办：" in office
    assert "终审" not in office
    assert office.endswith("主题有领导、督查、牵头和缓办、得分、申诉、通报、问责、照片、其他。")
    assert (await house.say("吴主任", "帮助 申诉"))[0].startswith("【申诉】\n")
    everything = "\n".join(await house.say("吴主任", "帮助 全部"))  # longer than one post
    assert "终审" in everything
    assert "收到：认领" not in everything


async def test_who_has_no_account_is_called_by_name_and_by_no_id(tmp_path: Path) -> None:
    async with open_house(tmp_path, roster=False) as house:
        await settle_roster(house.store, house.clock, without_account="wang")
        await house.say("刘芳", "人民路百货大楼门口井盖翻起来了", photo="a", group=GROUP)
        (told,) = [post.outgoing for post in house.platform.posted if post.outgoing.mention_names == ("王建国",)]
        assert (told.mentions, told.target.is_group) == (("",), True)
