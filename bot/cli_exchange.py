"""The commands `luzhang exchange export|import`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli_words import DEFAULT_CONFIG, AsOption, Command, ConfigOption, DryRunOption, FileArgument, group, in_session

CodesOption = Annotated[str, typer.Option("--codes", metavar="CODES", help="national 国标代码，city 本市类别。")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    exchange = group(app, "exchange", "与数字城管平台交换案件。")

    @exchange.command(cls=Command)
    def export(
        first: Annotated[str, typer.Option("--from", metavar="DATE", help="上报日期从哪天起，如2026-10-01。")],
        last: Annotated[str, typer.Option("--to", metavar="DATE", help="到哪天，含当天。")],
        config: ConfigOption = DEFAULT_CONFIG,
        codes: CodesOption = "national",
        out: Annotated[Path, typer.Option("--out", metavar="FILE", help="写到哪个文件。")] = Path("cases.csv"),
        assigned: Annotated[bool, typer.Option("--assigned", help="只导出上级平台指派的（回传办理结果）。")] = False,
    ) -> int:
        """导出案件和办理结果（CSV），不含上报人。"""
        from bot.commands import exchange as command

        return in_session(config, lambda session: command.export(session, first, last, codes, out, foreign=assigned))

    @exchange.command("import", cls=Command)
    def take(
        file: FileArgument,
        config: ConfigOption = DEFAULT_CONFIG,
        codes: CodesOption = "national",
        by: AsOption = None,
        dry_run: DryRunOption = False,
    ) -> int:
        """导入上级平台指派的案件（来源“上级指派”，同一编号只立一次案）。"""
        from bot.commands import exchange as command

        return in_session(config, lambda session: command.take(session, file, codes, by, dry_run=dry_run))
