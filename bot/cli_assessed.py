"""The commands of `luzhang` about inspections and what those assessed say to them."""

from typing import Annotated

import typer

from bot.cli_words import (
    DEFAULT_CONFIG,
    AsOption,
    Command,
    ConfigOption,
    JsonOption,
    PeriodOption,
    ReasonOption,
    group,
    in_session,
)

AppealArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="申诉编号，如2026-申007。")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    _add_inspection(group(app, "inspection", "督查：每月抽签计划。"))
    _add_appeals(group(app, "appeal", "申诉：列出、查看、复核和终审，规则与群里相同。"))


def _add_inspection(inspection: typer.Typer) -> None:
    @inspection.command(cls=Command)
    def plan(month: PeriodOption, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> int:
        """查看某月督查抽签：每路段次数相同，种子是月初前的台账校验值。"""
        from bot.commands import inspection as command

        return in_session(config, lambda session: command.plan(session, month, as_json=as_json))

    inspection.callback()(lambda: None)  # so that the one command keeps its name


def _add_appeals(appeal: typer.Typer) -> None:
    @appeal.command("list", cls=Command)
    def list_appeals(
        config: ConfigOption = DEFAULT_CONFIG,
        month: Annotated[str | None, typer.Option("--period", metavar="P", help="只列某个考评月份。")] = None,
        only_open: Annotated[bool, typer.Option("--open", help="只列未结的。")] = False,
        as_json: JsonOption = False,
    ) -> int:
        """列出申诉。"""
        from bot.commands import appeals

        return in_session(
            config, lambda session: appeals.list_appeals(session, month, only_open=only_open, as_json=as_json)
        )

    @appeal.command(cls=Command)
    def show(number: AppealArgument, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> int:
        """查看一件申诉：理由、材料、扣分和条款、复核、终审。"""
        from bot.commands import appeals

        return in_session(config, lambda session: appeals.show(session, number, as_json=as_json))

    @appeal.command(cls=Command)
    def decide(
        number: AppealArgument,
        config: ConfigOption = DEFAULT_CONFIG,
        accept: Annotated[bool, typer.Option("--accept", help="采纳。")] = False,
        reject: Annotated[bool, typer.Option("--reject", help="不采纳。")] = False,
        final: Annotated[bool, typer.Option("--final", help="登记领导小组的终审，须两名人员各登记一次。")] = False,
        points: Annotated[str | None, typer.Option(metavar="POINTS", help="采纳后仍扣几分；不写为全部撤销。")] = None,
        reason: ReasonOption = None,
        by: AsOption = None,
    ) -> int:
        """复核或终审一件申诉。"""
        from bot.commands import appeals
        from bot.commands.session import UsageError

        if accept == reject:
            raise UsageError("请写 --accept 或 --reject 之一。")
        if final and points:
            raise UsageError("--final 不能与 --points 同用。")
        verdict = appeals.Verdict(accept, reason or "", points, final)
        return in_session(config, lambda session: appeals.decide(session, number, by, verdict))
