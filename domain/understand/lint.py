"""Weak places of a roster: names that cannot tell segments apart, segments nobody can name, gaps in a road's chain."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from domain.roster import Segment
from domain.understand.network import Network

_SHOWN = 5  # segments named in a line; the rest is counted


def problems(segments: Sequence[Segment]) -> list[tuple[str, str]]:
    """Return (segment id, problem in Chinese), in roster order within each kind of problem."""
    network = Network(segments)
    return [
        *_shared_roads(segments, network),
        *_shared_landmarks(segments),
        *_shared_aliases(segments),
        *_without_landmarks(segments),
        *_without_polyline(segments),
        *_broken_chains(segments, network),
        *_single_sides(segments, network),
    ]


def lines(found: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line for each problem with the segments that have it, in order of the first of them."""
    where: dict[str, list[str]] = {}
    for segment, problem in found:
        where.setdefault(problem, []).append(segment)
    return [f"路段{_few(segments)}：{problem}" for problem, segments in where.items()]


def _few(segments: Sequence[str]) -> str:
    shown = "、".join(segments[:_SHOWN])
    return shown if len(segments) <= _SHOWN else f"{shown}等{len(segments)}个"


def _shared_roads(segments: Sequence[Segment], network: Network) -> Iterator[tuple[str, str]]:
    roads: dict[str, set[int]] = defaultdict(set)
    for index, segment in enumerate(segments):
        roads[segment.road].add(network.road_of[index])
    for segment in segments:
        if len(roads[segment.road]) > 1:
            yield segment.id, f"“{segment.road}”在几个辖区重名，请补充地标或门牌，否则上报时须追问。"


def _shared_landmarks(segments: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    count = Counter(landmark for segment in segments for landmark in set(segment.landmarks))
    for segment in segments:
        for landmark in segment.landmarks:
            if count[landmark] > 1:
                yield segment.id, f"地标“{landmark}”登记在{count[landmark]}个路段，请改得更具体。"


def _shared_aliases(segments: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    owners: dict[str, set[str]] = defaultdict(set)
    for segment in segments:
        for name in (segment.road, *segment.road_aliases):
            owners[name].add(segment.road)
    for segment in segments:
        for alias in segment.road_aliases:
            if len(owners[alias]) > 1:
                yield segment.id, f"别名“{alias}”同时指{'、'.join(sorted(owners[alias]))}，请删去一处。"


def _without_landmarks(segments: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    for segment in segments:
        if not segment.landmarks:
            yield segment.id, "没有登记地标，群众多用地标报位置，请至少补两个。"


def _without_polyline(segments: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    for segment in segments:
        if len(segment.polyline) < 2:
            yield segment.id, "没有坐标，“往东50米”和手机定位无法判断，请补polyline。"


def _broken_chains(segments: Sequence[Segment], network: Network) -> Iterator[tuple[str, str]]:
    """A road of several segments whose pieces do not all meet at named crossings."""
    for road, indexes in network.roads.items():
        ends: Counter[str] = Counter()
        for span in {frozenset((segments[i].from_cross, segments[i].to_cross)) for i in indexes}:
            ends.update(span)
        loose = [i for i in indexes if all(ends[c] == 1 for c in (segments[i].from_cross, segments[i].to_cross))]
        spans = {network.twins(i)[0] for i in indexes}
        for index in loose if len(spans) > 1 else ():
            yield segments[index].id, f"与{segments[road].road}其他路段不相连，请检查起止路口或补上中间路段。"


def _single_sides(segments: Sequence[Segment], network: Network) -> Iterator[tuple[str, str]]:
    for index, segment in enumerate(segments):
        if segment.side.endswith("侧") and segment.side != "双侧" and network.opposite(index) == index:
            yield segment.id, f"只登记了{segment.side}，对面一侧没有责任路段，请补一行。"
