"""The commands of `luzhang` about inspections and what those assessed say to them."""

import typer

from bot.cli_words import DEFAULT_CONFIG, Command, ConfigOption, JsonOption, PeriodOption, group


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    _add_inspection(group(app, "inspection", "督查：每月抽签计划。"))


def _add_inspection(inspection: typer.Typer) -> None:
    @inspection.command(cls=Command)
    def plan(month: PeriodOption, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> int:
        """查看某月督查抽签：每路段次数相同，种子是月初前的台账校验值。"""
        from bot.commands import inspection as command
        from bot.commands.session import run

        return run(config, lambda session: command.plan(session, month, as_json=as_json))

    inspection.callback()(lambda: None)  # so that the one command keeps its name
