"""The commands of `luzhang` that work on a database: imports, cases, scores, periods, ledger, backup."""

from pathlib import Path
from typing import Annotated

import typer

from bot import cli_assessed, cli_cases, cli_exchange, cli_privacy, cli_results
from bot.cli_words import (
    DEFAULT_CONFIG,
    AsOption,
    Command,
    ConfigOption,
    DryRunOption,
    FileArgument,
    JsonOption,
    PeriodOption,
    ReasonOption,
    group,
    in_session,
)

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="备份文件夹。")]
SinceOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="自哪天起有效，如2026-10-01；不写为今天。")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    imports = group(app, "import", "导入花名册、人员、轮值、督查记录和评分（整份导入，有错则不保存）。")
    _add_imports(imports)
    _add_bindings(
        group(app, "chat", "群：列出、绑定、建应用群。"), group(app, "person", "人员：绑定账号，按申请删除。")
    )
    cli_cases.add_to(group(app, "case", "案件：查看、改派、办结、重开，规则与群里相同。"))
    period = group(app, "period", "考评周期：查看、暂缓、恢复、通报。")
    _add_periods(period)
    _add_publication(period)
    cli_results.add_to(app, imports)
    cli_assessed.add_to(app)
    _add_ledger(group(app, "audit", "台账：校验、导出。"))
    _add_upkeep(app)
    cli_privacy.add_retention(app)
    cli_exchange.add_to(app)


def _add_imports(imports: typer.Typer) -> None:
    def take(config: Path, kind: str, file: Path, since: str | None, *, dry_run: bool) -> int:
        from bot.commands import importing

        return in_session(config, lambda session: importing.take(session, kind, file, since, dry_run=dry_run))

    @imports.command(cls=Command)
    def roster(
        file: FileArgument,
        config: ConfigOption = DEFAULT_CONFIG,
        since: SinceOption = None,
        dry_run: DryRunOption = False,
    ) -> int:
        """导入花名册（路段、路段长、各级路长）。"""
        return take(config, "roster", file, since, dry_run=dry_run)

    @imports.command(cls=Command)
    def people(
        file: FileArgument,
        config: ConfigOption = DEFAULT_CONFIG,
        since: SinceOption = None,
        dry_run: DryRunOption = False,
    ) -> int:
        """导入人员：任职和平台账号。"""
        return take(config, "people", file, since, dry_run=dry_run)

    @imports.command(cls=Command)
    def duty(
        file: FileArgument,
        config: ConfigOption = DEFAULT_CONFIG,
        since: SinceOption = None,
        dry_run: DryRunOption = False,
    ) -> int:
        """导入轮值表。"""
        return take(config, "duty", file, since, dry_run=dry_run)

    @imports.command(cls=Command)
    def findings(file: FileArgument, config: ConfigOption = DEFAULT_CONFIG, dry_run: DryRunOption = False) -> int:
        """导入督查记录（扣分的唯一依据）。"""
        return take(config, "findings", file, None, dry_run=dry_run)


def _add_bindings(chat: typer.Typer, person: typer.Typer) -> None:
    @chat.command("list", cls=Command)
    def list_chats(config: ConfigOption = DEFAULT_CONFIG) -> int:
        """列出已绑定和待绑定的群。"""
        from bot.commands import binding

        return in_session(config, binding.list_chats)

    @chat.command("bind", cls=Command)
    def bind_chat(
        config: ConfigOption = DEFAULT_CONFIG,
        name: Annotated[str | None, typer.Option(help="群名，一般为配置里的一个 [[chat]]。")] = None,
        purpose: Annotated[str | None, typer.Option(help="用途：work、seat、office、leadership、ops。")] = None,
        scope: Annotated[str | None, typer.Option(help="管哪个辖区；不写为全市。")] = None,
    ) -> int:
        """给出六位绑定码，在群里说一次即绑定。"""
        from bot.commands import binding

        return in_session(config, lambda session: binding.bind_chat(session, name, purpose, scope))

    @chat.command("create", cls=Command)
    def create_chat(
        name: Annotated[str, typer.Option(help="群名，一般为配置里的一个 [[chat]]。")],
        members: Annotated[
            list[str], typer.Option("--with", help="成员：人员编号、姓名，或角色名如 路段长；可写多次。")
        ],
        config: ConfigOption = DEFAULT_CONFIG,
        owner: Annotated[str | None, typer.Option(help="群主；不写为第一个成员。")] = None,
        dry_run: DryRunOption = False,
    ) -> int:
        """用企业微信自建应用建一个群，机器人可在里面主动发言并@人。"""
        from bot.commands import app_chats

        return in_session(config, lambda s: app_chats.create(s, name, members, owner, dry_run=dry_run))

    @person.command("bind", cls=Command)
    def bind_person(
        who: Annotated[str, typer.Argument(metavar="PERSON", help="人员编号或姓名。")],
        config: ConfigOption = DEFAULT_CONFIG,
    ) -> int:
        """给出六位绑定码，本人私聊机器人说一次即绑定账号。"""
        from bot.commands import binding

        return in_session(config, lambda session: binding.bind_person(session, who))

    cli_privacy.add_erase(person)


def _add_periods(period: typer.Typer) -> None:
    @period.command(cls=Command)
    def show(month: PeriodOption, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> int:
        """查看某月到了哪一步、还差什么。"""
        from bot.commands import periods

        return in_session(config, lambda session: periods.show(session, month, as_json=as_json))

    @period.command(cls=Command)
    def hold(
        month: PeriodOption, config: ConfigOption = DEFAULT_CONFIG, by: AsOption = None, reason: ReasonOption = None
    ) -> int:
        """暂缓通报。"""
        from bot.commands import periods

        return in_session(config, lambda session: periods.hold(session, month, by, reason))

    @period.command(cls=Command)
    def release(month: PeriodOption, config: ConfigOption = DEFAULT_CONFIG, by: AsOption = None) -> int:
        """恢复通报。"""
        from bot.commands import periods

        return in_session(config, lambda session: periods.release(session, month, by))


def _add_publication(period: typer.Typer) -> None:
    @period.command(cls=Command)
    def publish(
        month: PeriodOption,
        signed_by: Annotated[str, typer.Option("--signed-by", metavar="NAME,NAME", help="两名署名人，逗号分隔。")],
        config: ConfigOption = DEFAULT_CONFIG,
        without_shops: Annotated[
            bool, typer.Option("--without-shops", help="不等异议期未满的门店评比，本期不含门店。")
        ] = False,
    ) -> int:
        """定稿并立即通报，须两人署名。"""
        from bot.commands import periods

        return in_session(
            config, lambda session: periods.publish(session, month, signed_by, without_shops=without_shops)
        )

    @period.command(cls=Command)
    def correct(
        month: PeriodOption,
        signed_by: Annotated[str, typer.Option("--signed-by", metavar="NAME,NAME", help="两名署名人，逗号分隔。")],
        reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="更正原因，印在更正通报里。")],
        config: ConfigOption = DEFAULT_CONFIG,
        withdraw: Annotated[list[str] | None, typer.Option(metavar="NUMBER", help="撤销的督查问题，可写多次。")] = None,
        points: Annotated[
            list[str] | None, typer.Option(metavar="NUMBER=POINTS", help="改扣分，如2026-0131=0.2，可写多次。")
        ] = None,
        findings: Annotated[Path | None, typer.Option(metavar="FILE", help="补记的督查问题（.csv 或 .xlsx）。")] = None,
        dry_run: DryRunOption = False,
    ) -> int:
        """发布更正通报：原通报保留，须两人署名；终审采纳的申诉一并计入。"""
        from bot.commands import periods

        changes = periods.Changes(withdraw or (), points or (), findings)
        return in_session(
            config, lambda session: periods.correct(session, month, signed_by, reason, changes, dry_run=dry_run)
        )

    @period.command(cls=Command)
    def approve(
        by: Annotated[str, typer.Option("--as", metavar="PERSON", help="市路长办的授权人；两人登记后生效。")],
        config: ConfigOption = DEFAULT_CONFIG,
    ) -> int:
        """登记自动通报的常设授权。"""
        from bot.commands import periods

        return in_session(config, lambda session: periods.approve(session, by))


def _add_ledger(audit: typer.Typer) -> None:
    @audit.command(cls=Command)
    def verify(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> int:
        """校验台账是否被改动、删除或截断。"""
        from bot.commands import audit as command

        return command.verify(config, as_json=as_json)

    @audit.command(cls=Command)
    def export(
        config: ConfigOption = DEFAULT_CONFIG,
        out: Annotated[Path, typer.Option(metavar="FILE", help="写到哪个文件。")] = Path("ledger.jsonl"),
    ) -> int:
        """导出台账，每行一条JSON。"""
        from bot.commands import audit as command

        return command.export(config, out)


def _add_upkeep(app: typer.Typer) -> None:
    @app.command(cls=Command)
    def doctor(config: ConfigOption = DEFAULT_CONFIG) -> int:
        """体检：环境、数据库、平台、群、花名册，每项附解决办法。"""
        from bot.commands.doctor import examine

        return examine(config)

    @app.command(cls=Command)
    def backup(folder: FolderArgument, config: ConfigOption = DEFAULT_CONFIG) -> int:
        """备份数据库和照片，服务可照常运行。"""
        from bot.commands.upkeep import run_backup

        return run_backup(config, folder)

    @app.command(cls=Command)
    def restore(folder: FolderArgument, config: ConfigOption = DEFAULT_CONFIG) -> int:
        """从备份恢复，须先停止服务。"""
        from bot.commands.upkeep import run_restore

        return run_restore(config, folder)

    @app.command(cls=Command)
    def migrate(config: ConfigOption = DEFAULT_CONFIG) -> int:
        """把数据库升级到本程序的结构（升级前自动留副本）。"""
        from bot.commands.upkeep import run_migrate

        return run_migrate(config)
