"""The trace (轨迹): what each message was understood as, and by which rule each post was made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.platforms.simulated.platform import Posted
from domain.heard import Heard
from domain.roster import Roster
from domain.rules import Rules
from domain.understand import Understanding

KEPT = 400  # lines; older ones are let go

INTENTS: Mapping[str, str] = {
    "report": "报事",
    "ack": "收到",
    "resolve": "已处理",
    "query": "询问",
    "reassign": "退件改派",
    "supplement": "补充",
    "extend": "申请延期",
    "notice": "通知",
    "chatter": "闲聊",
}
DECISIONS: Mapping[str, str] = {"act": "直接办理", "ask": "需要确认", "desk": "转人工"}
RULES: Mapping[str, str] = {
    "reply": "答复",
    "receipt": "受理回执",
    "work": "交办",
    "hazard": "紧急告知",
    "tier": "提级告知",
    "unlocated": "待定位",
    "verify": "请复核",
    "verify_late": "复核超时",
    "closed": "办结告知",
    "done": "结果告知上报人",
    "digest": "时段提醒",
    "overdue": "到期提醒",
    "nudge": "升级前提醒",
    "escalation": "逐级上报",
    "urge": "催办",
    "chief_digest": "路段长日报",
    "second_digest": "二级路长日报",
    "desk": "待办清单",
    "summary": "日督查",
    "draft": "月度草稿",
    "blocked": "通报推迟",
    "bulletin": "月通报",
    "proof": "路由自检",
    "rework": "退回重办",
    "returned": "退回改派",
}


@dataclass
class Trace:
    """The last lines, oldest first."""

    rules: Rules
    roster: Callable[[], Roster]
    tell: Callable[[dict[str, Any]], None]
    lines: list[dict[str, Any]] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def heard(self, heard: Heard) -> None:
        """Note what a message was understood as, once for each message."""
        incoming = heard.incoming
        if incoming.message_id in self._seen:
            return
        self._seen.add(incoming.message_id)
        line = {
            "what": "heard",
            "id": incoming.message_id,
            "time": self._clock(incoming.received_at),
            "who": self.roster().person(heard.person).name,
            "kind": incoming.kind.value,
            "text": incoming.text,
            "photos": len(heard.photos),
            "quote": bool(incoming.quote),
            **self._understood(heard.understanding, incoming.received_at),
        }
        self._add(line)

    def posted(self, post: Posted) -> None:
        """Note by which rule a post was made."""
        out = post.outgoing
        rule = out.key.partition(":")[0]
        line = {
            "what": "posted",
            "time": self._clock(post.at),
            "to": out.target.chat_id or out.target.userid,
            "is_group": out.target.is_group,
            "rule": RULES.get(rule, rule),
            "key": out.key,
            "text": out.text.partition("\n")[0][:80],
        }
        self._add(line)

    def _understood(self, u: Understanding, at: datetime) -> dict[str, Any]:
        day = self.rules.day(at)
        segment = self.roster().segment(u.segment, day) if u.segment else None
        categories = self.rules.categories
        named = [(categories.by_code(code).name, round(share, 2)) for code, share in u.category_candidates[:3]]
        return {
            "intent": INTENTS.get(u.intent, u.intent),
            "category": categories.by_code(u.category).name if u.category else "",
            "candidates": named,
            "severity": u.severity or "",
            "hazard": u.is_hazard,
            "segment": f"{segment.id} {segment.title}" if segment else "",
            "segments": [f"{code}（{reason}）" for code, reason, _ in u.segment_candidates],
            "evidence": list(u.evidence),
            "confidence": u.confidence,
            "decision": DECISIONS.get(u.decision, u.decision),
        }

    def _clock(self, at: datetime) -> str:
        return f"{self.rules.local(at):%m-%d %H:%M}"

    def _add(self, line: dict[str, Any]) -> None:
        self.lines.append(line)
        del self.lines[:-KEPT]
        self.tell(line)
