"""「演示完整故事」: real messages through the simulated edge, from a report to the month's flags."""

from datetime import time, timedelta

from bot.demo import city, clockwork
from bot.demo.plot import Plot, Step, Tale, Unexpected
from domain.case import State
from domain.flags import FLAG_NAMES

SOUTH_GROUP, NORTH_GROUP = "group-xinhualu", "group-xinjianlu"
OFFICE, LEADERS = "group-office", "group-leaders"
_SHOPKEEPER, _GRID_WORKER = "liufang", "guoxiaomin"


async def _report(plot: Plot) -> None:
    await plot.say(SOUTH_GROUP, _SHOPKEEPER, "人民路百货大楼门口，水果摊占道经营", photo="stall")
    plot.first = (await plot.reported(_SHOPKEEPER)).id
    case = await plot.in_state(plot.first, State.ASSIGNED)
    plot.heard(SOUTH_GROUP, "群内回执")
    plot.heard(case.handler, f"发给{plot.name(case.handler)}的交办消息")


async def _acknowledge(plot: Plot) -> None:
    await plot.wait(minutes=4)
    handler = (await plot.case(plot.first)).handler
    await plot.say(handler, handler, "收到")
    await plot.in_state(plot.first, State.ACKNOWLEDGED)


async def _resolve(plot: Plot) -> None:
    await plot.wait(minutes=17)
    handler = (await plot.case(plot.first)).handler
    await plot.say(handler, handler, photo="stall-after")
    await plot.in_state(plot.first, State.RESOLVED)


async def _verify(plot: Plot) -> None:
    await plot.wait(minutes=6)
    case = await plot.case(plot.first)
    seat = await plot.verifier(case)
    await plot.say(seat, seat, f"{case.short} 通过")
    await plot.in_state(plot.first, State.CLOSED)
    plot.heard(_SHOPKEEPER, "给上报人的结果告知")
    plot.look(_SHOPKEEPER)


async def _report_again(plot: Plot) -> None:
    await plot.wait(minutes=3)
    await plot.say(NORTH_GROUP, _GRID_WORKER, "文化路体育场南门垃圾桶满了，垃圾堆到路上没人清", photo="garbage")
    plot.second = (await plot.reported(_GRID_WORKER)).id
    await plot.in_state(plot.second, State.ASSIGNED)
    plot.heard(NORTH_GROUP, "群内回执")


async def _overdue(plot: Plot) -> None:
    await plot.until_post("overdue", timedelta(hours=10))
    plot.made("overdue", "到期提醒")


async def _escalate(plot: Plot) -> None:
    await plot.until_post("escalation", timedelta(hours=12))
    post = plot.made("escalation", "逐级上报")
    case = await plot.case(plot.second)
    if post.chat != case.chain.second_level:
        raise Unexpected(f"应报二级路长{plot.name(case.chain.second_level)}，实报{plot.name(post.chat)}。")


async def _summary(plot: Plot) -> None:
    await plot.until_post("summary", timedelta(hours=24))
    plot.made("summary", "日督查")
    plot.heard(OFFICE, "日督查")


async def _urge(plot: Plot) -> None:
    await plot.stage.move(plot.morning(time(8, 45)))
    case = await plot.case(plot.second)
    second = case.chain.second_level
    await plot.say(second, second, f"催办 {case.short}")
    plot.heard(case.handler, f"给{plot.name(case.handler)}的催办")


async def _late_resolve(plot: Plot) -> None:
    await plot.wait(minutes=26)
    handler = (await plot.case(plot.second)).handler
    await plot.say(handler, handler, photo="garbage-after")
    case = await plot.in_state(plot.second, State.RESOLVED)
    await plot.wait(minutes=9)
    seat = await plot.verifier(case)
    await plot.say(seat, seat, f"{case.short} 通过")
    await plot.in_state(plot.second, State.CLOSED)


async def _draft(plot: Plot) -> None:
    plot.look(OFFICE)
    await plot.stage.move(clockwork.TARGETS["month"](plot.stage))
    plot.made("draft", "月度草稿")


async def _publish(plot: Plot) -> None:
    await plot.stage.move(clockwork.publication(plot.stage))
    plot.made("bulletin", "月通报")
    plot.heard(LEADERS, "月通报")
    bulletin = "".join(post.text for post in plot.by_rule("bulletin"))  # a long one goes on in further posts
    lacking = [name for name in FLAG_NAMES.values() if name not in bulletin]
    if lacking:
        raise Unexpected(f"通报里没有{'、'.join(lacking)}。")


_STEPS = (
    Step("商户上报", "刘芳在路长群@机器人，发位置、问题和照片；回执就是立案。", _report),
    Step("轮值认领", "交办只私聊今日轮值，他回复“收到”。", _acknowledge),
    Step("现场处理", "轮值直接发整改后照片，即报处理完毕。", _resolve),
    Step("指挥席复核", "没有经手的人复核通过才算办结，上报人收到结果。", _verify),
    Step("又一件上报", "网格员反映垃圾满溢，这一件没有人认领。", _report_again),
    Step("到期提醒", "超过收到时限，先提醒处置人和路段长。", _overdue),
    Step("逐级上报", "再过4个工作小时仍未认领，报二级路长。", _escalate),
    Step("日督查", "17:30，市路长办群收到当日情况和超时件。", _summary),
    Step("二级路长催办", "次日早上，二级路长看到日报，回复“催办”。", _urge),
    Step("补办与复核", "处置人补发照片，指挥席复核通过。", _late_resolve),
    Step("月度草稿", "次月1日，本月得分草稿送市路长办，申诉期开始。", _draft),
    Step("月通报", "申诉期满后自动通报：排名、红旗、黑旗。", _publish),
)

FULL = Tale("full", "完整故事", city.START, ("findings.csv",), _STEPS)
