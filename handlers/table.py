"""COMMANDS: every 口令, in the order in which they are tried; help and the handbook are made from it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.authority import roles_of
from domain.effects import Effects
from domain.roster import Role
from handlers import (
    accountability,
    acknowledge,
    appealing,
    binding,
    desk,
    dissuade,
    extend,
    give_back,
    helping,
    human,
    leave,
    looks,
    pasting,
    patrolling,
    points,
    publishing,
    query,
    queue,
    rating,
    reasons,
    resolve,
    review,
    shops,
    standing,
    take_back,
    verify,
    walking,
    why,
)
from handlers.helping import HelpLine
from handlers.matching import Spoken, Words
from handlers.talk import Talk


@dataclass(frozen=True, slots=True)
class Command:
    """One command: how it is spoken, what it does, and its line in the help. Who may is asked of `authority`."""

    key: str
    words: Words
    run: Callable[[Talk], Awaitable[Effects]]
    help: str = ""
    roles: frozenset[Role] | None = None  # whom the help shows it to; None = everybody
    is_meant: Callable[[Talk, Spoken], bool] | None = None  # of words that are as likely something else


_DOERS = frozenset({Role.CHIEF, Role.DUTY, Role.SECOND_LEVEL})
_COMMAND = frozenset({Role.SEAT, Role.COORDINATOR, Role.SECOND_LEVEL, Role.TOWNSHIP_HEAD, Role.OFFICE})
_DESK = frozenset({Role.SEAT, Role.COORDINATOR, Role.OFFICE})
_OFFICE = frozenset({Role.OFFICE})
_APPROVERS = frozenset(accountability.APPROVERS)
_CHIEFS = frozenset({Role.GENERAL, Role.FIRST_LEVEL, Role.TOWNSHIP_HEAD, Role.SECOND_LEVEL, Role.CHIEF})
_HOW_FAR = (  # asked with a case number
    "到哪一步", "到哪步", "到哪了", "什么进度", "什么进展", "什么情况", "啥情况", "咋样",
    "怎么样", "怎样了", "处理了吗", "处理了没", "处理好了吗", "处理好了没", "处理得怎么样", "处理到哪",
    "办好了吗", "办好了没", "办得怎么样", "办结了吗", "好了吗", "好了没", "解决了吗", "解决了没",
    "谁负责", "谁在处理", "有结果吗", "有结果了吗",
)  # fmt: skip
_APPEALS = (
    "申诉列表", "申诉清单", "申诉进度", "申诉情况", "我的申诉", "有哪些申诉", "还有哪些申诉", "哪些申诉",
    "未结申诉", "未结的申诉", "待复核申诉", "多少申诉", "几件申诉",
)  # fmt: skip
_VERIFIERS = _DESK | {Role.INSPECTOR}
_INSPECTORS = frozenset({Role.INSPECTOR, Role.OFFICE})


async def _help(talk: Talk) -> Effects:
    if talk.is_group:
        return talk.say(helping.short())
    lines = {command.key: HelpLine(command.help, command.roles) for command in COMMANDS if command.help}
    return talk.say(helping.text(lines, roles_of(talk.me, talk.work.roster, talk.work.day), talk.spoken.rest))


COMMANDS: tuple[Command, ...] = (
    Command("help", Words(("帮助", "help", "Help", "HELP", "?", "怎么用", "菜单"), takes_number=False), _help),
    Command("privacy", Words(("隐私",), takes_number=False), helping.run_privacy, "隐私：您的信息如何使用"),
    Command("human", Words(("转人工",), takes_number=False, open_ended=True), human.run, "转人工：请市路长办联系您"),
    Command("bind", Words(("绑定",), takes_number=False, open_ended=True), binding.run),
    Command("fail", verify.FAIL, verify.run_fail, "0123 不通过 原因：退回重办", _VERIFIERS),
    Command("refuse_extension", Words(("不批准延期", "不同意延期"), open_ended=True), extend.run_decide),
    Command("confirm_no_photo", Words(("不确认无图", "确认无图", "同意无图")), resolve.run_confirm),
    Command("pass", verify.PASS, verify.run_pass, "0123 通过：复核通过", _VERIFIERS),
    Command(
        "acknowledge", Words(("收到", "认领", "签收", "接单")), acknowledge.run, "收到：认领（多件时写编号）", _DOERS
    ),
    Command(
        "resolve",
        Words(("已处理完毕", "已处理", "处理完毕", "已整改", "整改完成", "办结", "已完成", "处理好了", "已解决")),
        resolve.run,
        "已处理 + 整改后照片：报办结（或直接发照片）",
        _DOERS,
    ),
    Command(
        "no_photo", Words(("无图",), open_ended=True), resolve.run_no_photo, "无图 原因：确无法拍照时申请办结", _DOERS
    ),
    Command(
        "give_back",
        Words(("非我路段", "不是我路段", "不是我们路段", "退回", "退单"), open_ended=True),
        give_back.run,
        "非我路段 原因：退回改派",
        _DOERS,
    ),
    Command(
        "grant_extension",
        Words(("批准延期", "同意延期")),
        extend.run_decide,
        "批准延期 0123 / 不批准延期 0123 原因",
        _COMMAND,
    ),
    Command(
        "extend",
        Words(("申请延期", "延期"), open_ended=True),
        extend.run,
        "延期 原因 时间：如“延期 需商户搬迁 明天12点”",
        _DOERS,
    ),
    Command(
        "dissuade", Words(("劝阻", "已劝阻", "教育劝阻"), open_ended=True), dissuade.run, "劝阻：记录教育劝阻", _DOERS
    ),
    Command(
        "reopen",
        Words(("未解决", "没解决", "没有解决", "又出现了", "反弹"), open_ended=True),
        verify.run_reopen,
        "未解决 0123：办结3天内又出现",
    ),
    Command(
        "take_back",
        Words(("撤回上报", "取消上报", "撤回")),
        take_back.run,
        "撤回 0123：撤回自己的上报（还没人处理时）",
    ),
    Command(
        "walk",
        Words(("开始督查", "督查开始"), takes_number=False, open_ended=True),
        walking.run_begin,
        "开始督查 路名 / 结束督查：其间发照片和问题即记扣分",
        _INSPECTORS,
    ),
    Command(
        "plan",
        Words(
            ("今日督查", "今天督查", "今天督查哪些路", "今天督查哪里", "今天去哪督查", "督查安排", "督查任务"),
            takes_number=False,
        ),
        walking.run_today,
        "今日督查：今天抽到的路",
        _INSPECTORS,
    ),
    Command("walk_end", Words(("结束督查", "督查结束"), takes_number=False), walking.run_end),
    Command(
        "clean",
        Words(("无问题", "未发现问题"), takes_number=False, open_ended=True),
        walking.run_clean,
        "无问题 路名：记一次督查无问题",
        _INSPECTORS,
    ),
    Command(
        "points",
        Words(("分值",), takes_number=False, open_ended=True),
        points.run_points,
        "分值 0131 0.1：更正督查扣分",
        _INSPECTORS,
    ),
    Command(
        "finding",
        Words(("认定",), takes_number=False, open_ended=True),
        points.run_confirm,
        "认定 0123 0.5：把上报认定为督查问题",
        _INSPECTORS,
    ),
    Command("locate", Words(("定位",), open_ended=True), desk.run_locate, "定位 0124 路段编号", _DESK),
    Command("reassign", Words(("改派", "转派"), open_ended=True), desk.run_reassign, "改派 0119 姓名", _COMMAND),
    Command("urge", Words(("代为催办", "催办"), open_ended=True), desk.run_urge, "催办 0119，或“催办 超时”", _COMMAND),
    Command("decline", Words(("不予立案",), open_ended=True), desk.run_decline, "不予立案 0124 原因", _DESK),
    Command("void", Words(("作废",), open_ended=True), desk.run_void, "作废 0140 原因", _OFFICE),
    Command("merge", Words(("并入", "并案")), desk.run_merge, "并入 0125 0119：前件并入后件", _DESK),
    Command("reclassify", Words(("改类", "改为类别"), open_ended=True), desk.run_reclassify, "改类 0123 类别名", _DESK),
    Command(
        "raise", Words(("提级", "升级"), open_ended=True), desk.run_raise, "提级 0123 突出 原因", _DOERS | _COMMAND
    ),
    Command(
        "tier",
        Words(("接受", "交回"), open_ended=True),
        desk.run_tier,
        "接受 0123 / 交回 0123 原因：突出、重大问题牵头",
        _COMMAND,
    ),
    Command("approve_shelving", Words(("同意挂账", "批准挂账")), desk.run_approve_shelving, "同意挂账 0119", _COMMAND),
    Command(
        "shelve", Words(("挂账", "缓办"), open_ended=True), desk.run_shelve, "挂账 0119 日期 原因", _COMMAND | _DOERS
    ),
    Command(
        "appeals",
        Words(_APPEALS, takes_number=False, open_ended=True),
        appealing.run_list,
        "申诉列表 / 申诉列表 5月：进度（市路长办为全部未结）",
        _DOERS | _OFFICE | {Role.TOWNSHIP_HEAD},
    ),
    Command(
        "appeal",
        Words(("申诉",), takes_number=False, open_ended=True),
        appealing.run,
        "申诉：可申诉的扣分（市路长办为未结）；申诉 0098 理由 + 材料照片",
        _DOERS | {Role.TOWNSHIP_HEAD},
    ),
    Command(
        "refuse_appeal",
        Words(("不采纳",), takes_number=False, open_ended=True),
        appealing.run_reject,
        "采纳 申007 理由 / 不采纳 申007 理由",
        _OFFICE,
    ),
    Command("accept_appeal", Words(("采纳",), takes_number=False, open_ended=True), appealing.run_accept),
    Command(
        "refer_appeal",
        Words(("提请终审",), takes_number=False, open_ended=True),
        appealing.run_refer,
        "提请终审 申007 理由：不服复核结果",
        _DOERS | {Role.TOWNSHIP_HEAD},
    ),
    Command(
        "final_appeal",
        Words(("终审",), takes_number=False, open_ended=True),
        appealing.run_final,
        "终审 申007 采纳（或维持） 理由：两人登记",
        _OFFICE,
    ),
    Command(
        "rate",
        Words(("评分",), takes_number=False, open_ended=True),
        rating.run,
        "评分 市农业局 92：密封评分，只公布平均分",
        _CHIEFS,
    ),
    Command(
        "hold",
        Words(("暂缓通报",), takes_number=False, open_ended=True),
        publishing.run_hold,
        "暂缓通报 原因 / 恢复通报",
        _OFFICE,
    ),
    Command(
        "verify_shops",
        Words(("核实评比", "评比核实"), takes_number=False, open_ended=True),
        shops.run_verify,
        "核实评比 10月：门店评比须两人核实",
        _OFFICE,
    ),
    Command(
        "approve_measure",
        Words(("批准问责",), takes_number=False, open_ended=True),
        accountability.run_approve,
        "批准问责 编号：须两人，批准后才可执行",
        _APPROVERS,
    ),
    Command(
        "measures",
        Words(("问责", "问责建议"), takes_number=False, open_ended=True),
        accountability.run_show,
        "问责：建议清单；问责 编号：看依据",
        _APPROVERS,
    ),
    Command("release", Words(("恢复通报",), takes_number=False, open_ended=True), publishing.run_release),
    Command(
        "approve_publication",
        Words(("授权自动通报",), takes_number=False),
        publishing.run_approve,
        "授权自动通报：两人登记后每月自动发布",
        _OFFICE,
    ),
    Command(
        "sign",
        Words(("定稿",), takes_number=False, open_ended=True),
        publishing.run_sign,
        "定稿 月份（设为须定稿时）",
        _OFFICE,
    ),
    Command(
        "publication",
        Words(("通报进度",), takes_number=False, open_ended=True),
        publishing.run_status,
        "通报进度",
        _OFFICE,
    ),
    Command(
        "month",
        Words((*(f"{number}月考评" for number in range(1, 13)), "考评进度"), takes_number=False, open_ended=True),
        publishing.run_state,
        "考评进度，或“5月考评”：扣分、申诉、进度",
        _OFFICE,
    ),
    Command("resume", Words(("恢复处置", "恢复")), desk.run_resume, "恢复 0119：提前结束挂账", _COMMAND),
    Command(
        "leave",
        Words(("请假",), takes_number=False, open_ended=True),
        leave.run,
        "请假 6月3日-6月5日 赵强代 / 销假",
        _DOERS,
    ),
    Command("back", Words(("销假",), takes_number=False), leave.run_back),
    Command(
        "my_patrols",
        Words(("我的巡查",), takes_number=False, open_ended=True),
        patrolling.run_mine,
        "我的巡查：本月登记了几次",
        _CHIEFS,
    ),
    Command(
        "patrol_withdraw",
        Words((patrolling.WITHDRAW_PATROL, patrolling.WITHDRAW_MEETING), takes_number=False, open_ended=True),
        patrolling.run_withdraw,
        "撤回巡查 6月3日：撤回本人当天的登记",
        _CHIEFS,
    ),
    Command(
        "patrol_reason",
        Words(("巡查说明",), takes_number=False, open_ended=True),
        patrolling.run_reason,
        "巡查说明 6月 原因：说明没有登记的几次",
        _CHIEFS,
    ),
    Command(
        "patrol",
        Words(("巡查", "今日巡查", "今天巡查", *patrolling.YESTERDAY), takes_number=False, open_ended=True),
        patrolling.run,
        "巡查 6月3日 人民路：登记本人巡查，不用照片",
        _CHIEFS,
        patrolling.is_patrol,
    ),
    Command(
        "meeting",
        Words(("例会",), takes_number=False, open_ended=True),
        patrolling.run_meeting,
        "例会 6月5日：登记辖区工作例会",
        frozenset({Role.FIRST_LEVEL}),
        patrolling.is_meeting,
    ),
    Command(
        "queue", Words(("待办", "我的待办"), takes_number=False), queue.run, "待办：本台待定位、待改派、超时等", _DESK
    ),
    Command(
        "paste",
        Words(("复制为文本", "微信文本"), takes_number=False),
        pasting.run,
        "复制为文本：未办结清单，可贴到微信群",
        _DESK,
    ),
    Command(
        "review",
        Words(("待复核", "复核列表"), takes_number=False),
        review.run,
        "待复核：逐件复核，可一次回复",
        _VERIFIERS,
    ),
    Command(
        "standing",
        Words(("本月排名", "排名", "本月得分"), takes_number=False),
        standing.run,
        "本月排名：截至目前的得分；“陈涛上个月怎么样”“占道经营多少处”也可直接问",
    ),
    Command(
        "why",
        Words(("为什么扣分", "为啥扣分", "扣分明细"), open_ended=True),
        why.run,
        "为什么扣分 / 为什么扣分 人民路 / 为什么扣分 0131：逐条扣分",
    ),
    Command("reasons", Words(("为什么", "为啥", "判定依据")), reasons.run, "为什么 0123：类别和位置的判定依据"),
    Command("looks", Words(("待过目", "过目"), takes_number=False), looks.run_queue, "待过目：等待外发的照片", _OFFICE),
    Command("clear", Words(("放行",), open_ended=True), looks.run_clear, "放行 0123 第1张：打码副本可以外发", _OFFICE),
    Command("keep_back", Words(("不外发",), open_ended=True), looks.run_keep, "不外发 0123 第1张", _OFFICE),
    Command(
        "unblur",
        Words(("取消打码", "还原"), open_ended=True),
        looks.run_unblur,
        "还原 0123 第1张 5：第5格不打码；不写格号为全部",
        _OFFICE,
    ),
    Command(
        "blur",
        Words(("打码",), open_ended=True),
        looks.run_blur,
        "打码 0123 第1张 5：外发时第5格打码；不写格号为整张",
        _DESK,
    ),
    Command("copy", Words(("外发图",), open_ended=True), looks.run_copy, "外发图 0123 第1张：外发的样子和格号", _DESK),
    Command("original", Words(("原图",), open_ended=True), looks.run_original, "原图 0123 第1张（查看留痕）", _DESK),
    Command(
        "mine",
        Words(
            ("我名下还有几件", "我名下", "我的案件", "我的上报", "我报的", "我还有几件"),
            takes_number=False,
            open_ended=True,
        ),
        query.run_mine,
        "我名下：在办案件；我的上报：上报进度",
    ),
    Command(
        "case",
        Words(("查询", "查一下", "查", "进度"), open_ended=True, asked=_HOW_FAR),
        query.run_case,
        "查 0123：案件进度",
    ),
)

BY_KEY = {command.key: command for command in COMMANDS}
OPENINGS = tuple({word for command in COMMANDS for word in command.words.openings})
