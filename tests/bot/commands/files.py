"""Files that the import tests read, made from the house's own roster."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.commands.session import Session
from domain.roster import Segment
from tests.house import SEGMENTS, House

ROSTER_HEAD = (
    "segment_id,road,from_cross,to_cross,side,township,grade,unit,chief_name,chief_userid,l2_name,l2_userid,"
    "area_head_name,area_head_userid,l1_name,l1_userid,landmarks,house_no,polyline"
)
FINDINGS_HEAD = "found_at,segment_id,category,points,inspector,note"


def session_of(house: House) -> Session:
    """What a command sees of the house at this moment."""
    return Session(house.config, house.rules, house.store, house.clock.now())


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def roster_lines(
    changes: Mapping[str, Mapping[str, str]] | None = None, segments: Iterable[Segment] = SEGMENTS
) -> list[str]:
    """The roster as a file says it, some segments with other cells."""
    return [ROSTER_HEAD, *(_line(segment, (changes or {}).get(segment.id, {})) for segment in segments)]


def _line(segment: Segment, changed: Mapping[str, str]) -> str:
    cells = {
        "segment_id": segment.id,
        "road": segment.road,
        "from_cross": segment.from_cross,
        "to_cross": segment.to_cross,
        "side": segment.side,
        "township": segment.township,
        "grade": segment.grade,
        "unit": segment.unit,
        "chief_name": segment.chief_name,
        "chief_userid": segment.chief,
        "l2_name": segment.second_level_name,
        "l2_userid": segment.second_level,
        "area_head_name": segment.township_head_name,
        "area_head_userid": segment.township_head,
        "l1_name": segment.first_level_name,
        "l1_userid": segment.first_level,
        "landmarks": ";".join(segment.landmarks),
        "house_no": segment.house_no,
        "polyline": ";".join(f"{x} {y}" for x, y in segment.polyline),
    }
    return ",".join({**cells, **changed}[column] for column in ROSTER_HEAD.split(","))
