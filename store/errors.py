"""What the store refuses."""

from domain.errors import ConfigError, LuzhangError


class AlreadyClaimed(LuzhangError):
    """这一次运行已由另一处完成，本次不再执行。"""


class Damaged(ConfigError):
    """数据库文件已损坏。"""
