"""`python -m bot` and the script `luzhang`."""

import sys

from bot import cli


def main() -> int:
    """Run the command line; a fault that nobody foresaw is told in one line, without a stack trace."""
    sys.excepthook = _say_unexpected
    return cli.main()


def _say_unexpected(kind: type[BaseException], error: BaseException, trace: object) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.stderr.write(f"程序内部错误（{kind.__name__}），本次操作未完成。请把命令和这行文字报给维护人员。\n")


if __name__ == "__main__":
    sys.exit(main())
