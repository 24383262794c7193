"""The platform's metered calls of a month, counted in the store, so that a restart forgets none.

The organisation's quota is a setting, for the platform publishes more than one number. Near its end the operators are
told, and what is optional is left out; what people wait for goes on until the platform itself refuses.
"""

import asyncio
import logging
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.assembly import Machine, tell_operators
from bot.sparing import OPTIONAL
from domain.effects import Effects
from domain.ports import Clock
from store.group_commit import STORE_ERRORS

logger = logging.getLogger(__name__)

CITY_ZONE: Final = ZoneInfo("Asia/Shanghai")  # the platform counts the month on its own country's calendar
CALLS: Final = "dingtalk:calls"  # setting: {"month": "2026-11", "count": 3500}
WARNING, TIGHT = 70, 90  # percent: the operators are told; nothing optional any more
_ADVICE = "可给各群配置Webhook（群里的消息就不计次数），或升级钉钉版本；额度不同时改配置 dingtalk.monthly_calls。"


class MeteredCalls:
    """Counts the calls of one organisation. quota: calls a month."""

    def __init__(self, quota: int, clock: Clock) -> None:
        self._quota = quota
        self._clock = clock
        self._machine: Machine | None = None
        self._month = self._month_of(clock.now())
        self._stored = 0  # as last read from the store
        self._new = 0  # made since, not yet stored
        self._saving: asyncio.Task[None] | None = None

    async def start(self, machine: Machine) -> None:
        """Take up the count where the last run left it."""
        self._machine = machine
        async with machine.store.reading(machine.clock.now()) as view:
            row = await view.setting(CALLS)
        self._stored = _count_of(row, self._month)

    @property
    def used(self) -> int:
        """Return how many calls this month has seen."""
        return self._stored + self._new if self._month_of(self._clock.now()) == self._month else 0

    def has_room(self) -> bool:
        """Tell whether a call that nobody waits for may still be made this month."""
        return self.used * 100 < self._quota * TIGHT

    def count(self) -> None:
        """Count one call; it is stored aside, so that the call need not wait."""
        month = self._month_of(self._clock.now())
        if month != self._month:
            self._month, self._stored, self._new = month, 0, 0
        self._new += 1
        if self._saving is None and self._machine is not None:
            self._saving = asyncio.create_task(self._save(self._machine), name="metered-calls")

    async def settle(self) -> None:
        """Wait until everything counted is stored, if the store takes it."""
        if self._saving is not None:
            await asyncio.gather(self._saving, return_exceptions=True)

    async def _save(self, machine: Machine) -> None:
        try:
            while self._new:
                await self._add(machine, self._month, self._new)
        except STORE_ERRORS:
            logger.exception("calls not counted", extra={"action": "calls_not_counted"})  # the next call tries again
        finally:
            self._saving = None

    async def _add(self, machine: Machine, month: str, new: int) -> None:
        async with machine.store.deciding(machine.clock.now()) as view:
            before = _count_of(await view.setting(CALLS), month)
            view.apply(Effects(settings={CALLS: {"month": month, "count": before + new}}))
        if month == self._month:
            self._stored, self._new = before + new, self._new - new
        for percent in (WARNING, TIGHT):
            if before * 100 < self._quota * percent <= (before + new) * 100:
                await self._tell(machine, month, before + new, percent)

    async def _tell(self, machine: Machine, month: str, count: int, percent: int) -> None:
        text = f"钉钉接口本月已调用{count}次，达每月额度{self._quota}次的{percent}%。"
        left_out = (
            f"已省去：{'、'.join(OPTIONAL.values())}。上报、派单和催办不受影响；用完后不能主动发送，到下月1日恢复。"
        )
        logger.warning("metered calls", extra={"action": "metered_calls", "count": count, "percent": percent})
        await tell_operators(
            machine, f"metered:{month}:{percent}", text + (left_out if percent >= TIGHT else "") + _ADVICE
        )

    @staticmethod
    def _month_of(instant: datetime) -> str:
        return f"{instant.astimezone(CITY_ZONE):%Y-%m}"


def _count_of(row: Any, month: str) -> int:
    """Return the stored count of a month, 0 when the row is of another."""
    return int(row["count"]) if row and row["month"] == month else 0
