"""The error tree of the product.

LuzhangError
├── RuleError          a person asked for something the rules refuse; its text is Chinese and may be shown to them
│   ├── NotAllowed     this person, in this role, may not do this to this case
│   ├── WrongState     the case is in a state in which this cannot happen
│   ├── Missing        something the command needs (photo, reason, number) was not given
│   └── NotFound       no such case, person or segment
├── TableError         a rule table or an imported file is wrong; names file, row and field, and how to mend it
├── ConfigError        the configuration is wrong; names file, key and the fix
└── PlatformError      a chat platform refused or could not be reached; see `domain.messages`
"""

from dataclasses import dataclass


class LuzhangError(Exception):
    """内部错误，已记录，请联系管理员。"""

    def __init__(self, text: str | None = None) -> None:
        super().__init__(text if text is not None else (self.__doc__ or "").strip())

    @property
    def text(self) -> str:
        """Return the message in Chinese, as a person may read it."""
        return str(self.args[0])


class RuleError(LuzhangError):
    """该操作不符合规则。"""


class NotAllowed(RuleError):
    """您没有该案件的这项权限。"""


class WrongState(RuleError):
    """案件当前状态不能进行该操作。"""


class Missing(RuleError):
    """缺少必要内容。"""


class NotFound(RuleError):
    """没有找到。"""


class ConfigError(LuzhangError):
    """配置有误。"""


class TableError(LuzhangError):
    """表格有误。"""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One wrong place in an imported file: `line` counts from 1 with the header as line 1."""

    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        return f"第{self.line}行 {self.column}：{self.problem}"


class ImportRefused(TableError):
    """文件有错误，未保存任何内容。"""

    def __init__(self, file: str, problems: list[RowProblem]) -> None:
        self.file = file
        self.problems = problems
        lines = "\n".join(str(p) for p in problems)
        super().__init__(f"{file} 有{len(problems)}处错误，未保存任何内容：\n{lines}")
