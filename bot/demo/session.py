"""The session: the stage as it is now, what is under way on it, and how it is made new."""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from bot.demo import clockwork, opening
from bot.demo.feed import Feed
from bot.demo.plot import Plot, Tale
from bot.demo.stage import Halted, Stage
from bot.demo.story import FULL
from bot.demo.tales import TALES
from domain.errors import LuzhangError, NotFound, RuleError, WrongState

SLOWEST = 20.0  # seconds between two steps of the story
PENDING, RUNNING, DONE, FAILED = "pending", "running", "done", "failed"


@dataclass
class Story:
    """How far a story has come."""

    tale: Tale = FULL
    states: list[str] = field(default_factory=list)
    status: str = "idle"  # idle | running | paused | done | stopped | failed
    problem: str = ""
    pace: float = 4.0
    may_go: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.states = self.states or [PENDING] * len(self.tale.steps)

    def as_json(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        steps = [
            {"title": step.title, "note": step.note, "state": state}
            for step, state in zip(self.tale.steps, self.states, strict=True)
        ]
        return {"tale": self.tale.key, "status": self.status, "problem": self.problem, "steps": steps}


class Session:
    """Keeps one stage. The story and the clock run as one task at a time, messages beside it."""

    def __init__(self, folder: Path, gallery: Mapping[str, Image.Image]) -> None:
        self.feed = Feed()
        self.gallery = gallery
        self.story = Story()
        self._folder = folder
        self._stage: Stage | None = None
        self._open: AbstractAsyncContextManager[Stage] | None = None
        self._task: asyncio.Task[None] | None = None
        self._doing = ""
        self._worn = opening.FIRST_WORN

    @property
    def stage(self) -> Stage:
        """Return the stage. Raises WrongState while it is being made new."""
        if self._stage is None:
            raise WrongState("环境正在重置，请稍候。")
        return self._stage

    @property
    def bubbles(self) -> int:
        """Return how many bubbles there are."""
        return len(self._stage.chats.entries) if self._stage is not None else 0

    async def open(self) -> None:
        """Make the stage new."""
        self._open = opening.running(self._folder, self.feed.publish, self.gallery, self.story.tale, self._worn)
        self._stage = await self._open.__aenter__()
        self.feed.publish("reset", None)

    async def close(self) -> None:
        """End what is under way and close the stage."""
        await self.stop()
        if self._stage is not None:
            self._worn = self._stage.platform.worn.platform  # a choice that outlives a reset
        opened, self._open, self._stage = self._open, None, None
        if opened is not None:
            await opened.__aexit__(None, None, None)

    async def reset(self, tale: Tale | None = None) -> None:
        """Begin again on the first morning of a story, by default of the one that was played last."""
        await self.close()
        self.story = Story(tale or self.story.tale, pace=self.story.pace)
        await self.open()

    @property
    def is_busy(self) -> bool:
        """Tell whether the story or the clock is running."""
        return self._task is not None and not self._task.done()

    def move(self, button: str) -> None:
        """Begin to move the clock. Raises WrongState while something else moves it."""
        stage = self.stage
        if self.is_busy and self._doing == "story":
            raise WrongState("演示正在进行，请先停止演示再调时间。")
        if self.is_busy:
            raise WrongState("时间正在推进，请稍候。")
        if button != "next" and button not in clockwork.TARGETS:
            raise RuleError("没有这个时间按钮。")
        self._begin("clock", self._go(stage, button))

    async def _go(self, stage: Stage, button: str) -> None:
        with contextlib.suppress(Halted):
            await clockwork.go(stage, button)

    def _begin(self, doing: str, work: Coroutine[Any, Any, None]) -> None:
        self._doing = doing
        self._task = asyncio.create_task(work, name=f"demo-{doing}")

    async def stop(self) -> None:
        """Stop the story or the clock where it stands."""
        if self._task is None:
            return
        # nothing is cut off in the middle of a transaction: what runs ends at its next step
        self.story.may_go.set()
        if self._stage is not None:
            self._stage.halting.set()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        if self._stage is not None:
            self._stage.halting.clear()
        if self.story.status in ("running", "paused"):
            self._show(status="stopped")
        if self._stage is not None:
            self.feed.publish("clock", self._stage.clock_json())

    async def tell(self, pace: float, key: str = FULL.key) -> None:
        """Begin a story on a fresh stage, with `pace` seconds between its steps. Raises NotFound for none of ours."""
        if self.is_busy and self._doing == "story":
            raise WrongState("演示已经在进行。")
        if key not in TALES:
            raise NotFound("没有这个故事，请刷新页面。")
        await self.reset(TALES[key])
        self.story = Story(TALES[key], status="running", pace=max(0.0, min(pace, SLOWEST)))
        self.story.may_go.set()
        self._begin("story", self._run())

    def pause(self) -> None:
        """Hold the story before its next step."""
        if self.story.status == "running":
            self.story.may_go.clear()
            self._show(status="paused")

    def resume(self) -> None:
        """Let a held story go on."""
        if self.story.status == "paused":
            self._show(status="running")
            self.story.may_go.set()

    async def _run(self) -> None:
        plot = Plot(self.stage)
        steps = self.story.tale.steps
        for number, step in enumerate(steps):
            await self.story.may_go.wait()
            if plot.stage.halting.is_set():
                return
            plot.seen = len(plot.stage.chats.entries)
            self._mark(number, RUNNING)
            try:
                await step.run(plot)
            except Halted:
                return
            except LuzhangError as problem:
                self._mark(number, FAILED)
                self._show(status="failed", problem=f"第{number + 1}步未按预期：{problem.text}")
                return
            self._mark(number, DONE)
            if number + 1 < len(steps):
                await self._pause_between(plot.stage)
        self._show(status="done")

    async def _pause_between(self, stage: Stage) -> None:
        """Leave time to read, unless the story is stopped."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stage.halting.wait(), self.story.pace)

    def _mark(self, number: int, state: str) -> None:
        self.story.states[number] = state
        self._show()

    def _show(self, **changes: str) -> None:
        for name, value in changes.items():
            setattr(self.story, name, value)
        self.feed.publish("story", self.story.as_json())
