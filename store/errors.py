"""What the store refuses."""

from domain.errors import LuzhangError


class AlreadyClaimed(LuzhangError):
    """这一次运行已由另一处完成，本次不再执行。"""


class NotWaiting(LuzhangError):
    """这条待发消息不在发送中，结果未记录。"""
