"""The commands with which a city begins: the configuration, and empty tables to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli_words import DEFAULT_CONFIG, Command, ConfigOption


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""

    @app.command(cls=Command)
    def init(
        config: ConfigOption = DEFAULT_CONFIG,
        answers: Annotated[Path | None, typer.Option(metavar="FILE", help="不提问，用这份TOML里的值。")] = None,
        given: Annotated[
            list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="不提问，直接给值，可写多次。")
        ] = None,
        yes: Annotated[bool, typer.Option("--yes", help="文件已存在时不再确认。")] = False,
    ) -> int:
        """一步步写好配置文件；可重复运行，改动先给看再写。"""
        from bot.commands.init import run

        return run(config, answers, given or [], yes=yes)

    @app.command(cls=Command)
    def template(
        kind: Annotated[str, typer.Argument(metavar="roster|people|duty|findings", help="哪一种表。")],
        out: Annotated[
            Path | None, typer.Option(metavar="FILE", help="写到哪个文件（.xlsx 或 .csv），不写为当前文件夹。")
        ] = None,
    ) -> int:
        """取一份空的导入模板：表头、说明和一行示例。"""
        from bot.commands.templates import write

        return write(kind, out)
