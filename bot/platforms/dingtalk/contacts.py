"""DingTalk's list of people (通讯录): the account behind a mobile number.

The call belongs to the older interface and does not count against the month. Platform page: 根据手机号查询用户.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.platforms.dingtalk.api import LegacyApi
from bot.platforms.dingtalk.errors import PERMISSIONS_PAGE, PermissionLacking
from bot.platforms.dingtalk.payload import id_at, object_at
from bot.platforms.dingtalk.settings import DingtalkRobot
from bot.platforms.http import Web
from domain.messages import Misconfigured, Undeliverable

BY_MOBILE: Final = "/topapi/v2/user/getbymobile"
SCOPE: Final = "qyapi_get_member_by_mobile"


class DingtalkContacts:
    """Looks accounts up as the in-house app. Raises PlatformError."""

    platform = "dingtalk"
    title = "钉钉"

    def __init__(self, web: Web, robot: DingtalkRobot, clock: Callable[[], datetime]) -> None:
        self._api = LegacyApi(robot, web, clock)

    async def userid_of(self, mobile: str) -> str:
        """Return the user id behind a mobile number."""
        try:
            answer = await self._api.call(BY_MOBILE, {"mobile": mobile}, hidden=(mobile,))
        except PermissionLacking:
            raise Misconfigured(
                f"钉钉：缺按手机号查成员的权限 {SCOPE}，到 {PERMISSIONS_PAGE} 搜索并申请，重新发布版本"
            ) from None
        userid = id_at(object_at(answer.body, "result"), "userid")
        if not userid:
            raise Undeliverable("钉钉没有给出账号，请核对应用的通讯录权限范围")
        return userid
