"""The office's own settings for its documents (文件): name, 字号, copies, and where a case is shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a city writes on its documents beside the figures."""

    city: str = ""
    number_prefix: str = ""  # 机关代字 of the 字号: 溪路长办; "" = the issue number alone
    copies: str = ""  # 抄送
    case_url: str = ""  # where a case is shown, with {number}; "" = nowhere
    daily_sheet: bool = False  # the daily summary brings a sheet with every finding and case

    @property
    def office(self) -> str:
        """Return the office: 溪城市路长办."""
        return f"{self.city or '市'}路长办"

    def number(self, year: int, issue: int) -> str:
        """Return 溪路长办〔2026〕5号, or 2026年第5期 without a prefix."""
        return f"{self.number_prefix}〔{year}〕{issue}号" if self.number_prefix else f"{year}年第{issue}期"

    def address(self, number: str) -> str:
        """Return where a case is shown, "" when nowhere."""
        return self.case_url.replace("{number}", number) if self.case_url else ""
