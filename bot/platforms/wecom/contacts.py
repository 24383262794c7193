"""WeCom's list of people (通讯录): the account behind a mobile number.

The app sees those in its visible range alone. Numbers that are wrong count: beyond a fifth of the members that the
corporation may have, the platform answers nobody for a day. Platform page: 手机号获取userid.
"""

from datetime import timedelta
from typing import Final

from bot.platforms.wecom.api import AppApi
from bot.platforms.wecom.errors import APP_PATH
from domain.messages import OutcomeUnknown, PlatformUnreachable, RateLimited, Undeliverable

BY_MOBILE: Final = "/cgi-bin/user/getuserid"


class WecomContacts:
    """Looks accounts up as the self-built app. Raises PlatformError."""

    platform = "wecom"
    title = "企业微信"

    def __init__(self, api: AppApi) -> None:
        self._api = api

    async def userid_of(self, mobile: str) -> str:
        """Return the user id behind a mobile number."""
        try:
            answer = await self._api.post(BY_MOBILE, {"mobile": mobile}, is_repeatable=True)
        except RateLimited as error:
            said = RateLimited(
                f"企业微信暂停了按手机号查询：查得过快，或查错的号码过多（超过企业人数上限的20%时1天内不能再查，{error.text}）"
            )
            said.retry_after = timedelta(days=1)
            raise said from None
        except OutcomeUnknown as error:  # nothing was changed by asking
            raise PlatformUnreachable(error.text) from None
        userid = answer.text("userid")
        if not userid:
            raise Undeliverable(f"企业微信没有给出账号，请到{APP_PATH}→可见范围核对")
        return userid
