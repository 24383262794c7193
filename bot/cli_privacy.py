"""The commands of `luzhang` about what people sent: erasing a person, retention."""

from typing import Annotated

import typer

from bot.cli_words import DEFAULT_CONFIG, Command, ConfigOption, JsonOption, in_session


def add_erase(person: typer.Typer) -> None:
    """Add `person erase`."""

    @person.command("erase", cls=Command)
    def erase_person(
        who: Annotated[
            str, typer.Argument(metavar="PERSON", help="人员编号、姓名，或平台和账号（如 wecom:zhangsan）。")
        ],
        config: ConfigOption = DEFAULT_CONFIG,
        yes: Annotated[bool, typer.Option("--yes", help="不再确认（供脚本用）。")] = False,
    ) -> int:
        """按本人申请删除身份、账号、上报文字和照片；案件、成绩、台账校验不变。"""
        from bot.commands import privacy

        return in_session(config, lambda session: privacy.erase_person(session, who, yes=yes))


def add_retention(app: typer.Typer) -> None:
    """Add `retention`."""

    @app.command(cls=Command)
    def retention(
        config: ConfigOption = DEFAULT_CONFIG,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="只统计，不清除。")] = False,
        as_json: JsonOption = False,
    ) -> int:
        """清除超过保存期限的照片、上报文字和消息正文（服务每晚也会做）。"""
        from bot.commands import privacy

        return in_session(config, lambda session: privacy.retention(session, is_dry=dry_run, as_json=as_json))
