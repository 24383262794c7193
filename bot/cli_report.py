"""The commands of `luzhang report`: a day, a month, a quarter, one order, the templates, each as files."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli_words import DEFAULT_CONFIG, Command, ConfigOption, group, in_session

OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="写到哪个文件夹。")]
JsonOption = Annotated[bool, typer.Option("--json", help="输出JSON：写出了哪些文件。")]
HERE = Path()


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    report = group(app, "report", "把日、月、季的成绩写成图片、表格和公文。")
    _add_periods(report)
    _add_papers(report)


def _add_periods(report: typer.Typer) -> None:
    @report.command(cls=Command)
    def daily(
        period: Annotated[str, typer.Option("--period", metavar="DATE", help="日期，如2026-10-05。")],
        config: ConfigOption = DEFAULT_CONFIG,
        out: OutOption = HERE,
        as_json: JsonOption = False,
    ) -> int:
        """日督查：图片、整改前后九宫格、明细表；今天的另附督办单。"""
        from bot.commands import report as command

        return in_session(config, lambda session: command.daily(session, period, out, as_json=as_json))

    @report.command(cls=Command)
    def month(
        period: Annotated[str, typer.Option("--period", metavar="P", help="月份，如2026-10。")],
        config: ConfigOption = DEFAULT_CONFIG,
        out: OutOption = HERE,
        as_json: JsonOption = False,
    ) -> int:
        """月考评：红黑旗榜图片、得分表、通报公文。"""
        from bot.commands import report as command

        return in_session(config, lambda session: command.monthly(session, period, out, as_json=as_json))

    @report.command(cls=Command)
    def quarter(
        period: Annotated[str, typer.Option("--period", metavar="Q", help="季度，如2026Q3。")],
        config: ConfigOption = DEFAULT_CONFIG,
        out: OutOption = HERE,
        as_json: JsonOption = False,
    ) -> int:
        """季度考评：排名图片、得分和经费测算表、报告。"""
        from bot.commands import report as command

        return in_session(config, lambda session: command.quarter(session, period, out, as_json=as_json))


def _add_papers(report: typer.Typer) -> None:
    @report.command(cls=Command)
    def order(
        number: Annotated[str, typer.Argument(metavar="NUMBER", help="案件编号，如2026-0123。")],
        config: ConfigOption = DEFAULT_CONFIG,
        out: OutOption = HERE,
        as_json: JsonOption = False,
    ) -> int:
        """一件案件的督办单。"""
        from bot.commands import report as command

        return in_session(config, lambda session: command.order(session, number, out, as_json=as_json))

    @report.command(cls=Command)
    def template(out: OutOption = HERE) -> int:
        """导出通报和督办单的模板，在Word里修改。"""
        from bot.commands.report import templates

        return templates(out)
