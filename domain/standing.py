"""A month's cases of one subject, counted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """A month's cases of one subject."""

    problems: int
    in_time: int
    settled: int  # done, or past their deadline: what the share of `in_time` is of
    late: int
    late_open: int  # of them, not done yet
    main: str  # code of the commonest category, "" without a case
    main_count: int
    main_road: str
    main_road_count: int
