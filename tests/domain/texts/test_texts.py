"""What every short text has in common: few lines, its number, no shouting, no blame, times as people say them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.case import Case, CasePhoto, Origin, Request, State
from domain.messages import Choice
from domain.texts import command, handler, inspecting, reporter
from domain.texts.papers.order import order
from domain.texts.wording import Wording, numbered, one_line, pictures
from domain.versions import Versions
from tests.domain.casework.city import City, reported

CITY = City()
W = Wording(CITY.work.rules, CITY.roster, CITY.now)
NOW = CITY.now
ASK = Request("zhao", "需商户搬迁", NOW, until=NOW + timedelta(days=1))
CASE = replace(
    reported(CITY, place="人民路\n百货大楼\n\n门口", text="垃圾\n\n\n\n\n未清", candidates=("XC001", "XC002")),
    photos=(CasePhoto("a" * 64, "jpg", "before", NOW, "liu_fang"), CasePhoto("b" * 64, "jpg", "after", NOW, "zhao")),
    resolved_by="zhao",
    resolved_at=NOW,
    acknowledged_at=NOW,
    closed_at=NOW,
    extension=ASK,
    no_photo=ASK,
    shelving=ASK,
    extension_approver="chen",
    extensions=1,
    reworks=1,
    rebounds=1,
    evidence=("垃圾", "百货大楼"),
)
OTHER = reported(CITY, "XC002")
CHOICES = (Choice("XC001", "人民路（建设街—文化街）"), Choice("XC002", "人民路（文化街—新华路）"), Choice("x", "其他"))
REASON = "物料仍在"
TEXTS: dict[str, Callable[[Case], str]] = {
    "receipt": lambda c: reporter.receipt(c, W, has_gap=False),
    "receipt with a duty gap": lambda c: reporter.receipt(c, W, has_gap=True),
    "receipt of a hazard": lambda c: reporter.receipt(replace(c, is_hazard=True), W, has_gap=False),
    "which place": lambda c: reporter.which_place(c, CHOICES),
    "place in words": reporter.place_in_words,
    "unlocated": lambda c: reporter.unlocated(c, "东关街道指挥席"),
    "outside": lambda c: reporter.outside(c, "东关街道指挥席"),
    "several": lambda c: reporter.several([c, OTHER], W),
    "duplicate": lambda c: reporter.duplicate(c, OTHER, W, CHOICES[:2]),
    "joined": lambda c: reporter.joined(c, OTHER),
    "photo missing": lambda c: reporter.photo_missing(c.number),
    "photo unusable": lambda c: reporter.photo_unusable(c.number, "照片太大，"),
    "photos added": lambda c: reporter.photos_added(c, 1),
    "words added": reporter.words_added,
    "category chosen": lambda c: reporter.category_chosen(c, W),
    "done": reporter.done,
    "declined to the reporter": lambda c: reporter.declined(c, REASON),
    "reopened": lambda c: reporter.reopened(c, W),
    "too late": reporter.too_late_to_reopen,
    "working message": lambda c: handler.work(c, W),
    "acknowledged": lambda c: handler.acknowledged(c, W),
    "registered": lambda c: handler.registered(c, 1, "钱专干"),
    "more photos": handler.more_photos,
    "photo needed": lambda c: handler.photo_needed(c, W, "陈涛二级路长"),
    "photo reused": lambda c: handler.photo_reused(c, "2026-0002"),
    "no photo asked": lambda c: handler.without_photo_asked(c, W, "陈涛二级路长"),
    "no photo refused": lambda c: handler.without_photo_refused(c, "陈涛二级路长"),
    "returned": lambda c: handler.returned(c, "东关街道指挥席", REASON),
    "extension asked": lambda c: handler.extension_asked(c, "陈涛二级路长"),
    "extension needs time": handler.extension_needs_time,
    "extension granted": lambda c: handler.extension_granted(c, W),
    "extension refused": lambda c: handler.extension_refused(c, "陈涛二级路长", W),
    "dissuaded": handler.dissuaded,
    "rework": lambda c: handler.rework(c, REASON, W),
    "closed": lambda c: handler.closed(c, W),
    "nothing to do": lambda c: handler.nothing_to_do(c, W),
    "moved away": lambda c: handler.moved_away(c, W),
    "bystander": lambda c: handler.bystander_photo(c, W),
    "bystander's offer": lambda c: handler.bystander_offer(c, "孙丽"),
    "nudge": lambda c: handler.nudge(c, W, "认领超时4小时"),
    "overdue": lambda c: handler.overdue(c, W, "超时"),
    "urged": lambda c: handler.urged(c, W, "陈涛二级路长"),
    "unlocated to the seat": lambda c: command.unlocated(c, W),
    "returned to the seat": lambda c: command.returned(c, W, "赵强", REASON),
    "verify": lambda c: command.verify(c, W),
    "passed": command.passed,
    "failed": lambda c: command.failed(c, W),
    "extension": lambda c: command.extension(c, W),
    "without photo": lambda c: command.without_photo(c, W),
    "told tier": lambda c: command.told_tier(c, W),
    "hazard": lambda c: command.hazard(c, W),
    "escalated": lambda c: command.escalated(c, W, "超时4小时"),
    "order draft": lambda c: command.order_draft(c, W, "3天"),
    "pick handler": lambda c: command.pick_handler(c, W, "王建国", CHOICES),
    "reassigned": lambda c: command.reassigned(c, W, "赵强", "陈涛二级路长"),
    "urged by the seat": lambda c: command.urged(c, W),
    "declined": command.declined,
    "voided": command.voided,
    "shelving asked": lambda c: command.shelving_asked(c, W),
    "shelving noted": lambda c: command.shelving_noted(c, W),
    "shelved": lambda c: command.shelved(c, W),
    "resumed": lambda c: command.resumed(c, W),
    "tier raised": lambda c: command.tier_raised(c, W, "陈涛二级路长", REASON),
    "tier accepted": lambda c: command.tier_accepted(c, W, "陈涛二级路长"),
    "tier handed back": lambda c: command.tier_handed_back(c, W, "陈涛二级路长", REASON),
    "instructed": lambda c: command.instructed(c, "东关街道", "李卫东", W),
    "instruction done": lambda c: command.instruction_done(c, W),
    "merged": lambda c: command.merged(c, OTHER),
    "case card": lambda c: command.case_card(c, W),
}
BLAME = ("失职", "懒", "批评", "警告", "不力", "拖延", "为什么", "赶紧", "立刻", "不归我", "亲，", "违规")


@pytest.mark.parametrize("name", TEXTS)
def test_every_case_text(name: str) -> None:
    text = TEXTS[name](CASE)
    assert len(text.splitlines()) <= 4
    assert all(line.strip() for line in text.splitlines())
    assert CASE.number in text
    assert "！" not in text
    assert "!" not in text
    assert not [word for word in BLAME if word in text]
    assert not [mark for mark in ("None", "{", "}", "。。", "，，", "｜｜", "  ") if mark in text]
    if text.startswith("【"):
        assert text.startswith("【2026-0001】"), "first line: 【number】state｜problem｜place"
        assert "｜" in text.splitlines()[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            "receipt",
            "【2026-0001】已交办｜路面遗漏垃圾｜人民路（建设街—文化街）\n"
            "责任：市农业局 王建国路段长，今日轮值 赵强｜15:00前办结",
            id="receipt",
        ),
        pytest.param("acknowledged", "2026-0001已认领，09:00。", id="acknowledged"),
        pytest.param(
            "registered", "已登记2026-0001整改照片1张，转钱专干复核。10分钟内可继续补图。", id="evidence registered"
        ),
        pytest.param(
            "photo needed",
            "2026-0001办结须附整改后照片，请直接发送。确无法拍照，回复“无图 原因”，由陈涛二级路长确认。",
            id="photo needed",
        ),
        pytest.param("returned", "2026-0001已退回东关街道指挥席改派，原因“物料仍在”，时限暂停计算。", id="given back"),
        pytest.param("extension asked", "2026-0001延期申请已报陈涛二级路长，未批准前原时限不变。", id="extension"),
        pytest.param(
            "bystander",
            "2026-0001由赵强负责，您的照片已记入案件并转赵强确认，状态暂不变更。",
            id="somebody else's photo",
        ),
        pytest.param(
            "outside",
            "该位置不在路长制责任路段内，已转东关街道指挥席人工处理，编号2026-0001，结果会告知您。",
            id="off the segments",
        ),
    ],
)
def test_texts_word_for_word(name: str, text: str) -> None:
    assert TEXTS[name](CASE) == text


def test_a_hazards_receipt_warns_and_names_the_emergency_call() -> None:
    lines = TEXTS["receipt of a hazard"](CASE).splitlines()
    assert lines[0].startswith("【2026-0001】紧急｜")
    assert "请就近人员先设警示" in lines[2]
    assert "120" in lines[2]


def test_the_working_message_says_what_until_when_and_how_done_looks() -> None:
    lines = handler.work(CASE, W).splitlines()
    assert lines[0] == "【2026-0001】路面遗漏垃圾｜人民路 百货大楼 门口 [图1]｜15:00前办结，11:00前认领"
    assert lines[1] == "路段：人民路（建设街—文化街）｜协办：环卫中心"
    assert lines[2].startswith("办结标准：")
    assert lines[3].endswith("1 收到 2 已处理 3 非我路段 4 申请延期")


@pytest.mark.parametrize(
    ("category", "items", "told"),
    [
        pytest.param(
            "zang.frontage", "包甲 包乙 包丙 包丁 包戊", "门前五包：包甲、包乙、包丙、包丁、包戊）。", id="S8 set"
        ),
        pytest.param("zang.frontage", "", "门前五包：未设定）。", id="S8 unset"),
        pytest.param("luan.market_point", "", "收摊后场地干净（疏导点五统一：未设定）。", id="S13 unset"),
        pytest.param("luan.stall", "包甲 包乙 包丙 包丁 包戊", "打扫干净。", id="closed by no list"),
    ],
)
def test_the_closing_standard_names_the_five_by_which_it_closes(category: str, items: str, told: str) -> None:
    five = tuple(items.split())
    frames = [
        replace(f, frontage=replace(f.frontage, items=five), market=replace(f.market, items=five))
        for f in W.rules.frame.all
    ]
    w = replace(W, rules=replace(W.rules, frame=Versions(tuple(frames))))
    case = replace(CASE, category=category)
    assert handler.work(case, w).splitlines()[2].endswith(told)
    assert told in command.order_draft(case, w, "1天")
    assert told.rstrip("。") in dict(order(case, w, "").fields)["整改要求"]


@pytest.mark.parametrize(
    ("origin", "relayed", "mark"),
    [
        pytest.param(Origin.PUBLIC, "", "", id="ordinary"),
        pytest.param(Origin.LEADER, "", "领导交办｜", id="leader"),
        pytest.param(Origin.CROWD, "李大爷", "群众举报｜代李大爷报｜", id="relayed"),
    ],
)
def test_origin_marks(origin: Origin, relayed: str, mark: str) -> None:
    assert reporter.origin_mark(replace(CASE, origin=origin, relayed_for=relayed)) == mark


def test_the_queue_of_a_desk_is_short_however_much_waits() -> None:
    full = [(kind, [f"{n:04d}" for n in range(1, 30)]) for kind in ("待定位", "待改派", "待复核", "超时", "挂账")]
    text = command.queue("东关街道", full, W)
    assert len(text.splitlines()) == 2
    assert text.startswith("09:00 东关街道待办：待定位29、待改派29、")
    assert command.queue("", [("待定位", [])], W) == "09:00 全市待办：无。"


# ---- wording -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        pytest.param(datetime(2026, 6, 1, 8, 30, tzinfo=UTC), "16:30", id="today"),
        pytest.param(datetime(2026, 6, 1, 15, 59, tzinfo=UTC), "23:59", id="today until midnight in Shanghai"),
        pytest.param(datetime(2026, 6, 1, 16, 0, tzinfo=UTC), "明日00:00", id="tomorrow from midnight in Shanghai"),
        pytest.param(datetime(2026, 6, 2, 2, 0, tzinfo=UTC), "明日10:00", id="tomorrow"),
        pytest.param(datetime(2026, 6, 3, 2, 0, tzinfo=UTC), "6月3日10:00", id="another day"),
        pytest.param(datetime(2026, 5, 31, 2, 0, tzinfo=UTC), "5月31日10:00", id="yesterday"),
        pytest.param(datetime(2026, 12, 31, 16, 30, tzinfo=UTC), "2027年1月1日00:30", id="next year in Shanghai"),
        pytest.param(datetime(2025, 11, 26, 10, 0, tzinfo=UTC), "2025年11月26日18:00", id="last year"),
    ],
)
def test_times(instant: datetime, said: str) -> None:
    assert W.when(instant) == said


@pytest.mark.parametrize(
    ("span", "said"),
    [
        pytest.param(timedelta(), "1分钟", id="never nought"),
        pytest.param(timedelta(minutes=59, seconds=59), "59分钟", id="minutes"),
        pytest.param(timedelta(hours=1), "1小时", id="an hour"),
        pytest.param(timedelta(hours=23, minutes=59), "23小时", id="rounded down"),
        pytest.param(timedelta(days=3, hours=2), "3天", id="days"),
    ],
)
def test_spans(span: timedelta, said: str) -> None:
    assert W.span(span) == said


def test_names_and_places() -> None:
    assert W.name("zhao") == "赵强"
    assert W.name("wecom:lisi") == "lisi"
    assert W.spot(CASE) == "人民路 百货大楼 门口"
    assert W.spot(replace(CASE, place="")) == "人民路（建设街—文化街）"
    assert W.segment(replace(CASE, segment="", place="")) == "位置待定"
    assert W.state(replace(CASE, state=State.REWORK, reworks=2)) == "退回重办（第2次）"
    assert W.state(replace(CASE, state=State.CLOSED)) == "已办结"


def test_small_pieces() -> None:
    assert numbered((Choice("a", "收到"), Choice("b", "已处理"))) == "1 收到 2 已处理"
    assert (pictures(2), pictures(0)) == (" [图2]", "")
    assert one_line(" 人民路\n\n百货\u3000大楼 ") == "人民路 百货 大楼"


def test_many_segments_without_a_record_are_counted() -> None:
    names = [f"人民路{n}段" for n in range(1, 14)]
    said = inspecting.unseen(names, "人民路")
    assert said.startswith("未记录的路段：人民路1段、人民路2段、人民路3段、人民路4段、人民路5段等13个。")
    assert "等" not in inspecting.unseen(names[:5], "人民路")
