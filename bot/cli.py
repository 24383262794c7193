"""The command line `luzhang`: what each command is called with. What it does stands in `bot.commands`.

Everything but the words is imported when a command runs, so that the help comes at once. Exit codes: 0 done, 1 a
problem was found, 2 the call or the configuration is wrong.
"""

import gc
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import cli_data, cli_report, cli_setup
from bot.cli_words import DEFAULT_CONFIG, Command, ConfigOption, Group, complaint, in_session
from bot.system_words import reason

PROBLEM, WRONG = 1, 2

app = typer.Typer(
    cls=Group,
    help="路长（luzhang）：企业微信、钉钉工作群里的路长制助手。",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command(cls=Command)
def demo(
    port: Annotated[int, typer.Option(help="网页端口。", min=0, max=65535)] = 8080,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="不自动打开浏览器。")] = False,
) -> int:
    """模拟演示：无需账号和网络，在网页里走完整个流程。"""
    from bot.demo.main import run

    return run(port, no_browser)


@app.command(cls=Command)
def serve(
    config: ConfigOption = DEFAULT_CONFIG,
    host: Annotated[str | None, typer.Option(help="监听地址，代替配置中的 server.host。")] = None,
    port: Annotated[
        int | None, typer.Option(help="监听端口，代替配置中的 server.port；0 为任取。", min=0, max=65535)
    ] = None,
) -> int:
    """启动服务，直到收到停止信号。"""
    gc.disable()  # code and tables stay for good: looking for garbage among them costs a tenth of the start
    from bot.commands.serve import run

    return run(config, host, port)


@app.command(cls=Command)
def reconnect(config: ConfigOption = DEFAULT_CONFIG) -> int:
    """让运行中的服务重新建立长连接（被另一实例顶替、停止重连之后）。"""
    from bot.commands import reconnect as command

    return in_session(config, command.reconnect)


@app.command(cls=Command)
def reload(config: ConfigOption = DEFAULT_CONFIG) -> int:
    """让运行中的服务重新读取密钥和群，不必重启。"""
    from bot.commands import reload as command

    return in_session(config, command.reload)


@app.command("fake-platform", cls=Command)
def fake_platform(
    platform: Annotated[str, typer.Argument(metavar="wecom|dingtalk", help="演练哪个平台。")],
    port: Annotated[
        int | None, typer.Option(help="端口，默认 wecom 9801、dingtalk 9802；0 为任取。", min=0, max=65535)
    ] = None,
    script: Annotated[Path | None, typer.Option(metavar="FILE", help="故障脚本（TOML）。")] = None,
) -> int:
    """本机演练平台：按平台的规则应答，可替人说话、按脚本出故障。"""
    from bot.commands.fake_platform import run

    return run(platform, port, script)


@app.command("check-config", cls=Command)
def check_config(config: ConfigOption = DEFAULT_CONFIG) -> int:
    """检查配置：哪里有错、怎样改。"""
    from bot.commands.check_config import run

    return run(config)


@app.command(cls=Command)
def understand(
    roster: Annotated[Path | None, typer.Option(metavar="FILE", help="花名册（.csv 或 .xlsx）。")] = None,
    sender_segment: Annotated[str | None, typer.Option(metavar="ID", help="发言人自己的路段。")] = None,
    evaluate: Annotated[bool, typer.Option("--evaluate", help="标准输入带标注，输出准确率。")] = False,
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="改为逐张读文件夹里的照片。")] = None,
    corrections: Annotated[bool, typer.Option("--corrections", help="导出人工更正过的案件，每行一条标注。")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> int:
    """逐行理解标准输入里的消息（每行 {"text": …}），逐行输出结果。"""
    if corrections:
        from bot.commands import labelled

        return in_session(config, labelled.run)
    if roster is None:
        from domain.errors import ConfigError

        raise ConfigError("understand 须写 --roster 花名册文件。")
    if photos is not None:
        from bot.commands.photos import run as read_photos

        return read_photos(roster, photos)
    from bot.commands.understand import run

    return run(roster, sender_segment, evaluate)


cli_setup.add_to(app)
cli_data.add_to(app)
cli_report.add_to(app)


def main(args: list[str] | None = None) -> int:
    """Run one command and return its exit code; whatever goes wrong is told in a line of Chinese."""
    try:
        code: Any = app(args, standalone_mode=False, prog_name="luzhang")
    except typer.TyperException as error:
        return _complain(complaint(error), WRONG)
    except typer.Abort:
        return _complain("已取消。", PROBLEM)
    except BrokenPipeError:
        sys.stderr.close()
        return PROBLEM
    except OSError as error:
        return _complain(f"无法读写{error.filename or '文件'}：{reason(error)}。", PROBLEM)
    except _known_errors() as error:
        return _complain(*_told(error))
    return code if isinstance(code, int) else 0


def _known_errors() -> tuple[type[Exception], ...]:
    """Return the errors that are told in words; asked for only once something has gone wrong."""
    from sqlalchemy.exc import SQLAlchemyError

    from domain.errors import LuzhangError

    return LuzhangError, SQLAlchemyError


def _told(error: Exception) -> tuple[str, int]:
    from domain.errors import ConfigError, LuzhangError

    if isinstance(error, LuzhangError):
        return error.text, WRONG if isinstance(error, ConfigError) else PROBLEM
    reason = str(getattr(error, "orig", None) or type(error).__name__)
    return f"数据库出错：{reason}。请查看磁盘空间和文件权限，或稍后再试。", PROBLEM


def _complain(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code
