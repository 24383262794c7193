"""How times, people, places and cases are named in every text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.authority import role_title
from domain.case import STATE_NAMES, Case, State
from domain.messages import Choice
from domain.ports import View
from domain.roster import Roster
from domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Wording:
    """Names things as people in the city name them, at one instant."""

    rules: Rules
    roster: Roster
    now: datetime

    @classmethod
    def of(cls, rules: Rules, view: View) -> "Wording":
        """Return the wording for a decision."""
        return cls(rules, view.roster, view.now)

    def clock(self, instant: datetime) -> str:
        """Return 16:30."""
        return self.rules.local(instant).strftime("%H:%M")

    def when(self, instant: datetime) -> str:
        """Return 16:30 for today, 明日10:00, or 11月26日18:00; the date whenever the words may be read on another day."""
        local, today = self.rules.local(instant), self.rules.day(self.now)
        is_read_later = self.rules.slots.is_quiet(self.now, self.rules.calendar)
        if local.date() == today and not is_read_later:
            return local.strftime("%H:%M")
        if local.date() == today + timedelta(days=1) and not is_read_later:
            return local.strftime("明日%H:%M")
        return self.moment(instant)

    def day(self, instant: datetime) -> str:
        """Return 6月3日."""
        local = self.rules.local(instant)
        return calendar_day(local)

    def moment(self, instant: datetime) -> str:
        """Return 6月3日14:02, with the year when it is another one."""
        local = self.rules.local(instant)
        year = "" if local.year == self.rules.day(self.now).year else f"{local.year}年"
        return f"{year}{local.month}月{local.day}日{local:%H:%M}"

    def name(self, person: str) -> str:
        """Return a person's name; of somebody whom no list names the platform's own id."""
        return self.roster.person(person).name.rpartition(":")[2]

    def titled(self, person: str) -> str:
        """Return a name with its office: 陈涛二级路长."""
        return role_title(person, self.roster, self.rules.day(self.now))

    def category(self, case: Case) -> str:
        """Return the category's name."""
        return self.rules.categories.by_code(case.category).name

    def segment(self, case: Case) -> str:
        """Return the segment's title, or the words of the report while it is not located."""
        found = self.roster.segment(case.segment, self.rules.day(case.reported_at)) or self.roster.segment(
            case.segment, self.rules.day(self.now)
        )
        return found.title if found else (one_line(case.place) or "位置待定")

    def spot(self, case: Case) -> str:
        """Return the place in the reporter's words, else the segment."""
        return one_line(case.place) or self.segment(case)

    def unit(self, case: Case) -> str:
        """Return the responsible unit."""
        return case.chain.unit

    def department(self, case: Case) -> str:
        """Return the department that helps (协办), by the category."""
        return self.rules.categories.department_name(case.category)

    def closing(self, case: Case) -> str:
        """Return when a case counts as done; of a category that is closed by a list of five with that list (S8, S13)."""
        standard = self.rules.limit(case).closing
        five = self.rules.frame.on(self.rules.day(self.now)).five(case.category)
        return f"{standard.rstrip('。')}（{five.told}）。" if five else standard

    def state(self, case: Case) -> str:
        """Return the state's name, with the count of rework."""
        name = STATE_NAMES[case.state]
        return f"{name}（第{case.reworks}次）" if case.state is State.REWORK and case.reworks else name

    def span(self, length: timedelta) -> str:
        """Return 2小时, 40分钟 or 3天 for a span, rounded down and never 0."""
        minutes = max(1, int(length.total_seconds() // 60))
        if minutes < 60:
            return f"{minutes}分钟"
        if minutes < 24 * 60:
            return f"{minutes // 60}小时"
        return f"{minutes // (24 * 60)}天"


def calendar_day(day: date) -> str:
    """Return 6月3日."""
    return f"{day.month}月{day.day}日"


def calendar_days(first: date, last: date) -> str:
    """Return 6月3日, 6月3日至5日 or 6月30日至7月2日, both days included."""
    if first == last:
        return calendar_day(first)
    return f"{calendar_day(first)}至{f'{last.day}日' if first.month == last.month else calendar_day(last)}"


def one_line(text: str) -> str:
    """Return what a person wrote with its line breaks as blanks, so that it stays within a line of ours."""
    return " ".join(text.split())


def numbered(choices: Sequence[Choice], separator: str = " ") -> str:
    """Return 1 收到 2 已处理 …: what a digit answers on a channel without buttons."""
    return separator.join(f"{position} {choice.label}" for position, choice in enumerate(choices, 1))


def pictures(count: int) -> str:
    """Return [图2] for two pictures, "" for none."""
    return f" [图{count}]" if count else ""
