"""The commands of `luzhang` around results: scores, ratings, shops, accountability, rules, exports."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli_words import (
    DEFAULT_CONFIG,
    Command,
    ConfigOption,
    DryRunOption,
    FileArgument,
    JsonOption,
    PeriodOption,
    group,
    in_session,
)

ScorePeriod = Annotated[str, typer.Option("--period", metavar="P", help="月份2026-10、季度2026Q3或年份2026。")]
ProposalArgument = Annotated[str, typer.Argument(metavar="ID", help="建议编号，如2026Q3-1。")]
OfficeOption = Annotated[str, typer.Option("--as", metavar="PERSON", help="市路长办的经办人（人员编号或姓名）。")]


def add_to(app: typer.Typer, imports: typer.Typer) -> None:
    """Add the commands to the application, and its own kinds of files to `import`."""
    _add_scores(app)
    _add_votes(imports)
    _add_shops(group(app, "shops", "门店评比：查看、核实。"))
    _add_rules(group(app, "rules", "扣分细则：比较两份。"))
    _add_exports(app)
    _add_accountability(group(app, "accountability", "问责和经费建议：列出、查看依据、批准。"))


def _add_votes(imports: typer.Typer) -> None:
    @imports.command(cls=Command)
    def ratings(file: FileArgument, config: ConfigOption = DEFAULT_CONFIG, dry_run: DryRunOption = False) -> int:
        """导入各级路长给责任单位、职能单位的评分（密封保存）。"""
        from bot.commands import votes

        return in_session(config, lambda session: votes.take_ratings(session, file, dry_run=dry_run))

    @imports.command(cls=Command)
    def patrols(file: FileArgument, config: ConfigOption = DEFAULT_CONFIG, dry_run: DryRunOption = False) -> int:
        """导入各级路长的巡查和一级路长的例会（联络员代登记）。"""
        from bot.commands import patrols

        return in_session(config, lambda session: patrols.take(session, file, dry_run=dry_run))

    @imports.command(cls=Command)
    def awards(
        file: FileArgument,
        year: Annotated[int, typer.Option("--year", help="哪一年的专项奖励。", min=1970, max=9998)],
        config: ConfigOption = DEFAULT_CONFIG,
        dry_run: DryRunOption = False,
    ) -> int:
        """导入年度专项奖励名单和金额，作为待批准的建议。"""
        from bot.commands import accountability

        return in_session(config, lambda session: accountability.take_awards(session, file, year, dry_run=dry_run))

    @imports.command(cls=Command)
    def shops(file: FileArgument, config: ConfigOption = DEFAULT_CONFIG, dry_run: DryRunOption = False) -> int:
        """导入门店评比的评委评分（密封保存）。"""
        from bot.commands import votes

        return in_session(config, lambda session: votes.take_shops(session, file, dry_run=dry_run))


def _add_shops(shops: typer.Typer) -> None:
    @shops.command(cls=Command)
    def show(period: PeriodOption, config: ConfigOption = DEFAULT_CONFIG) -> int:
        """查看某月门店评比和核实进度（仅供市路长办）。"""
        from bot.commands import votes

        return in_session(config, lambda session: votes.show(session, period))

    @shops.command(cls=Command)
    def verify(by: OfficeOption, period: PeriodOption, config: ConfigOption = DEFAULT_CONFIG) -> int:
        """核实某月门店评比；两人核实后进入异议期，期满计入当月通报。"""
        from bot.commands import votes

        return in_session(config, lambda session: votes.verify(session, period, by))


def _add_rules(rules: typer.Typer) -> None:
    @rules.command(cls=Command)
    def diff(
        before: Annotated[Path, typer.Argument(metavar="A", help="现行细则。")],
        after: Annotated[Path, typer.Argument(metavar="B", help="拟用细则。")],
        on: Annotated[
            str | None, typer.Option("--on", metavar="DATE", help="比较这天施行的版本；不写为各自最新版。")
        ] = None,
    ) -> int:
        """比较两份扣分细则：哪些类别调高、调低、新增、取消。"""
        from bot.commands import rules as command

        return command.diff(before, after, on)

    rules.callback()(lambda: None)  # so that the one command keeps its name


def _add_exports(app: typer.Typer) -> None:
    @app.command(cls=Command)
    def export(
        kind: Annotated[
            str,
            typer.Argument(
                metavar="KIND",
                help="finance、review、civilised、cadre、appraisal、awards、departments、indicators、media、shops、distribution、patrols 之一。",
            ),
        ],
        period: Annotated[
            str, typer.Option("--period", metavar="P", help="月份2026-10、季度2026Q3或年份2026，视用途。")
        ],
        out: Annotated[Path, typer.Option("--out", metavar="DIR", help="写到哪个文件夹。")],
        config: ConfigOption = DEFAULT_CONFIG,
    ) -> int:
        """导出成绩供各种用途（财政、点评会、文明创建、年度考核、媒体等），每种一份.xlsx给人看、每表一份.csv给程序用。"""
        from bot.commands import exports

        return in_session(config, lambda session: exports.export(session, kind, period, out))


def _add_accountability(accountability: typer.Typer) -> None:
    @accountability.command("list", cls=Command)
    def list_proposals(
        config: ConfigOption = DEFAULT_CONFIG,
        period: Annotated[str | None, typer.Option("--period", metavar="P", help="只列2026-09或2026Q3的。")] = None,
        as_json: JsonOption = False,
    ) -> int:
        """列出已通报成绩对应的问责和经费建议。"""
        from bot.commands import accountability as command

        return in_session(config, lambda session: command.list_proposals(session, period, as_json=as_json))

    @accountability.command(cls=Command)
    def propose(
        year: Annotated[int, typer.Option("--year", help="哪一年。", min=1970, max=9998)],
        reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="认定失职渎职的理由。")],
        config: ConfigOption = DEFAULT_CONFIG,
        unit: Annotated[str | None, typer.Option("--unit", metavar="NAME", help="责任单位。")] = None,
        township: Annotated[str | None, typer.Option("--township", metavar="NAME", help="辖区。")] = None,
    ) -> int:
        """对年度结果认定失职渎职的单位提出年度问责建议，附全年依据。"""
        from bot.commands import accountability as command
        from bot.commands.session import UsageError
        from domain.assessment import SequenceKind

        if (unit is None) == (township is None):
            raise UsageError("请写明 --unit 责任单位 或 --township 辖区，二者写一个。")
        kind, subject = (SequenceKind.UNIT, unit) if unit is not None else (SequenceKind.TOWNSHIP, township or "")
        return in_session(config, lambda session: command.propose(session, year, kind, subject, reason))

    @accountability.command(cls=Command)
    def show(number: ProposalArgument, config: ConfigOption = DEFAULT_CONFIG) -> int:
        """查看一项建议和它的依据。"""
        from bot.commands import accountability as command

        return in_session(config, lambda session: command.show(session, number))

    @accountability.command(cls=Command)
    def approve(
        numbers: Annotated[list[str], typer.Argument(metavar="ID...", help="建议编号，可一次写多个。")],
        signed_by: Annotated[
            str, typer.Option("--signed-by", metavar="NAME,NAME", help="批准人；两人批准后才可执行。")
        ],
        config: ConfigOption = DEFAULT_CONFIG,
    ) -> int:
        """登记批准；批准前不执行、不公布。"""
        from bot.commands import accountability as command

        return in_session(config, lambda session: command.approve(session, numbers, signed_by))


def _add_scores(app: typer.Typer) -> None:
    @app.command(cls=Command)
    def score(
        period: ScorePeriod,
        config: ConfigOption = DEFAULT_CONFIG,
        rules: Annotated[Path | None, typer.Option(metavar="FILE", help="试用另一份扣分细则。")] = None,
        as_json: JsonOption = False,
    ) -> int:
        """计算或查看某月、某季度、某年的考评成绩。"""
        from bot.commands import scores

        return in_session(config, lambda session: scores.score(session, period, rules, as_json=as_json))
