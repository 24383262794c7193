"""The commands `luzhang case …`: cases looked at, and handled by the rules of the chat."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli_words import DEFAULT_CONFIG, AsOption, Command, ConfigOption, JsonOption, ReasonOption, in_session

NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="案件编号，如2026-0123。")]


def add_to(case: typer.Typer) -> None:
    """Add the commands to the group `case`."""
    _add_looks(case)
    _add_assigning(case)
    _add_endings(case)
    _add_leaving(case)


def _add_looks(case: typer.Typer) -> None:
    @case.command("list", cls=Command)
    def list_cases(
        config: ConfigOption = DEFAULT_CONFIG,
        state: Annotated[str | None, typer.Option(help="只列某个状态，如处置中。")] = None,
        segment: Annotated[str | None, typer.Option(help="只列某个路段。")] = None,
        only_open: Annotated[bool, typer.Option("--open", help="只列在办的。")] = False,
        limit: Annotated[int, typer.Option(help="最多几件，从新到旧。", min=1)] = 200,
        as_json: JsonOption = False,
    ) -> int:
        """列出案件，新的在前。"""
        from bot.commands import cases

        return in_session(
            config,
            lambda session: cases.list_cases(
                session, state=state, segment=segment, only_open=only_open, limit=limit, as_json=as_json
            ),
        )

    @case.command("show", cls=Command)
    def show(number: NumberArgument, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> int:
        """查看一件案件和它的经过。"""
        from bot.commands import cases

        return in_session(config, lambda session: cases.show(session, number, as_json=as_json))


def _add_assigning(case: typer.Typer) -> None:
    @case.command("assign", cls=Command)
    def assign(
        number: NumberArgument,
        to: Annotated[str | None, typer.Argument(metavar="[PERSON]", help="接办人（人员编号或姓名）。")] = None,
        config: ConfigOption = DEFAULT_CONFIG,
        segment: Annotated[str | None, typer.Option(help="给待定位的案件定路段。")] = None,
        by: AsOption = None,
        as_json: JsonOption = False,
    ) -> int:
        """改派给某人；待定位的案件用 --segment 定位。"""
        from bot.commands import cases

        step = cases.assigning(to, segment)
        return in_session(config, lambda session: cases.act(session, number, by, "改派", step, as_json=as_json))


def _add_endings(case: typer.Typer) -> None:
    @case.command("close", cls=Command)
    def close(
        number: NumberArgument, config: ConfigOption = DEFAULT_CONFIG, by: AsOption = None, as_json: JsonOption = False
    ) -> int:
        """复核通过并办结（须已报处理完毕）。"""
        from bot.commands import cases

        return in_session(
            config, lambda session: cases.act(session, number, by, "通过", cases.closing, as_json=as_json)
        )

    @case.command("reopen", cls=Command)
    def reopen(
        number: NumberArgument,
        config: ConfigOption = DEFAULT_CONFIG,
        by: AsOption = None,
        reason: ReasonOption = None,
        as_json: JsonOption = False,
    ) -> int:
        """办结3天内反弹的，恢复处置。"""
        from bot.commands import cases

        step = cases.reopening(reason or "")
        return in_session(config, lambda session: cases.act(session, number, by, "未解决", step, as_json=as_json))


PhotoOption = Annotated[int | None, typer.Option("--photo", help="第几张；只有一张时可省略。", min=1)]
CellOption = Annotated[list[int] | None, typer.Option("--cell", help="九宫格的格号，可写多次。")]


def _add_leaving(case: typer.Typer) -> None:
    @case.command("copy", cls=Command)
    def copy(
        number: NumberArgument,
        out: Annotated[Path, typer.Option("--out", metavar="FILE", help="写入的文件（.jpg）。")],
        config: ConfigOption = DEFAULT_CONFIG,
        photo: PhotoOption = None,
    ) -> int:
        """把一张照片外发时的样子（打码后，带格号）写成文件。"""
        from bot.commands import leaving

        return in_session(config, lambda session: leaving.copy(session, number, photo, out))

    @case.command("blur", cls=Command)
    def blur(
        number: NumberArgument,
        config: ConfigOption = DEFAULT_CONFIG,
        photo: PhotoOption = None,
        cell: CellOption = None,
        box: Annotated[
            list[str] | None, typer.Option("--box", help="左,上,右,下，占画面的千分之几，可写多次。")
        ] = None,
        by: AsOption = None,
    ) -> int:
        """外发时再打码一处或几处；不写 --cell、--box 为整张。"""
        from bot.commands import leaving

        return in_session(
            config,
            lambda session: leaving.change(session, number, photo, by, cells=cell or [], boxes=box or []),
        )

    @case.command("unblur", cls=Command)
    def unblur(
        number: NumberArgument,
        config: ConfigOption = DEFAULT_CONFIG,
        photo: PhotoOption = None,
        cell: CellOption = None,
        by: AsOption = None,
    ) -> int:
        """还原打码的格；不写 --cell 为全部还原并放行。"""
        from bot.commands import leaving

        return in_session(
            config,
            lambda session: leaving.change(session, number, photo, by, cells=cell or [], boxes=[], restores=True),
        )
