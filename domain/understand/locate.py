"""From words to a segment: which stretch of which road a text means, or which few it may mean.

The rule over all others: never guess. Whenever the words fit several segments, or a landmark and a road contradict each
other, the answer holds candidates and no segment, and a person is asked (S29, settled in the design under 「Who answers」).
"""

import itertools
import re
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from domain.roster import BOTH_SIDES
from domain.understand import phrases
from domain.understand.gazetteer import Gazetteer, Hit
from domain.understand.network import Arm, Index
from domain.understand.short_forms import GENERIC, TAIL


# Blanks are counted, never starred: starred ones beside optional words take for ever on a page of blanks.
class Found(NamedTuple):
    """Segments that fit, as indexes of the gazetteer, and why. `sure` = the words leave no doubt about this set."""

    indexes: tuple[Index, ...]
    reason: str
    sure: bool = True


class Location(NamedTuple):
    """What a text says about where: the segment, or None with the candidates (segment id, reason, score), best first."""

    segment: str | None = None
    candidates: tuple[tuple[str, str, float], ...] = ()
    text: str = ""  # the original words that say where
    spans: tuple[tuple[int, int], ...] = ()  # names in the text, to be kept out of other matching
    places: tuple[str, ...] = ()


Candidates = tuple[tuple[str, str, float], ...]
# endings of places and the characters that a hurried hand types for them
_PLACE = re.compile("[路录陆街接道到院员园元源原校效笑厂场常长桥乔站战村局居店点城乘楼门]")
_START = attrgetter("start")
_STRENGTH = attrgetter("name.strength")


class Locator:
    """Finds the segment a text means in one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._network = gazetteer.network
        self._opposite = re.compile(f".?(?:{'|'.join(gazetteer.guards.opposite)})").match

    def locate(self, text: str, township: str = "", sender_segment: str | None = None) -> Location:
        """Return where `text` (normalised) says it is.

        township and the sender's segment settle same names and otherwise equal candidates; words beat both.
        """
        hits = self._hits(text)
        roads = [hit for hit in hits if hit.name.roads]
        landmarks = [hit for hit in hits if hit.name.landmarks]
        spans = tuple([hit[:2] for hit in hits])
        named = hits if len(hits) == len(roads) else [hit for hit in hits if hit.name.roads or hit.name.landmarks]
        if not named:
            return Location(spans=spans, text=self._words(text, [h for h in hits if h.name.is_cross]))
        found = self._resolve(text, hits, roads, landmarks)
        found = self._settle_township(text, found, hits, township, sender_segment)
        return self._answer(text, found, named, spans, sender_segment)

    def _hits(self, text: str) -> list[Hit]:
        hits = self._gazetteer.find(text)
        if phrases.may_deny(text):
            hits = _affirmed(text, hits)
        for hit in hits:
            if hit.name.is_office:
                hits = [other for other in hits if not (other.name.is_office and _is_actor(text, other))]
                break
        for hit in hits:
            if hit.name.roads or hit.name.strength > GENERIC:
                return hits
        if not _PLACE.search(text):
            return hits
        townships = [hit for hit in hits if hit.name.township]  # 桥头镇负责 is not 桥头政府
        heard = [
            Hit(s, e, self._gazetteer.names[n])
            for s, e, n in self._gazetteer.homophones.find(text)
            if text[s:e] != n and all(e <= hit.start or hit.end <= s for hit in townships)
        ]
        return sorted([*hits, *heard], key=_START)

    def _resolve(self, text: str, hits: list[Hit], roads: list[Hit], landmarks: list[Hit]) -> Found:
        if len(hits) == 2 and roads and landmarks and (found := self._landmark_on_road(text, roads[0], landmarks[0])):
            return found
        by_road = self._by_roads(text, hits, roads) if roads else None
        if not landmarks:
            return by_road or Found((), "")
        if by_road is None:
            return self._by_landmarks(text, landmarks, hits)
        return self._by_both(text, by_road, roads, landmarks)

    # ── roads ────────────────────────────────────────────────────────────────────────────────────────────────

    def _by_roads(self, text: str, hits: list[Hit], roads: list[Hit]) -> Found:
        for hit in roads:
            if house := phrases.HOUSE.match(text, hit.end):
                indexes = [i for road in hit.name.roads for i in self._network.at_house(road, int(house["number"]))]
                if self._opposite(text, house.end()):
                    indexes = [self._network.opposite(i) for i in indexes]
                return Found(tuple(indexes), f"{hit.name.surface}{house['number']}号")
        points = [hit for hit in hits if hit.name.roads or hit.name.is_cross]
        if len(points) > 1 and (found := self._between(text, points) or self._crossing(text, points)):
            return found
        first = roads[0]
        whole = tuple([i for road in sorted(first.name.roads) for i in self._network.roads[road]])
        return self._sided(text, first.end, Found(whole, first.name.surface))

    def _between(self, text: str, points: list[Hit]) -> Found | None:
        """Read 「X路A路到B路」, 「A路至B路之间的X路」."""
        for at in range(len(points) - 2):
            one, two, three = points[at : at + 3]
            first_gap, second_gap = text[one.end : two.start], text[two.end : three.start]
            for road, a, b, gap in ((one, two, three, second_gap), (three, one, two, first_gap)):
                if not phrases.RANGE_JOIN.match(gap) or not road.name.roads:
                    continue
                if not phrases.RANGE_MARK.search(gap) and not phrases.RANGE_AFTER.match(text[b.end :]):
                    continue
                if found := self._span(road, a, b):
                    return self._sided(text, road.end, found)
        return self._between_two(text, points)

    def _between_two(self, text: str, points: list[Hit]) -> Found | None:
        """Read 「A路到B路之间」 without the road itself: whatever joins the two."""
        if len(points) != 2:
            return None
        one, two = points
        gap, after = text[one.end : two.start], text[two.end :]
        if not (phrases.RANGE_JOIN.match(gap) and phrases.RANGE_MARK.search(gap) and phrases.RANGE_AFTER.match(after)):
            return None
        ends = {self._network.name(one.name.surface), self._network.name(two.name.surface)}
        segments = self._gazetteer.segments
        joining = [
            i
            for i, s in enumerate(segments)
            if {self._network.name(s.from_cross), self._network.name(s.to_cross)} == ends
        ]
        return Found(tuple(joining), f"{one.name.surface}与{two.name.surface}之间") if joining else None

    def _span(self, road: Hit, a: Hit, b: Hit) -> Found | None:
        ends = self._network.name(a.name.surface), self._network.name(b.name.surface)
        indexes = [i for r in sorted(road.name.roads) for i in self._network.between(r, *ends)]
        reason = f"{road.name.surface}（{a.name.surface}—{b.name.surface}）"
        return Found(tuple(indexes), reason) if indexes else None

    def _crossing(self, text: str, points: list[Hit]) -> Found | None:
        """Read 「X路Y路口」 with what follows it: a corner, a direction, a distance."""
        for one, two in itertools.pairwise(points):
            gap, after = text[one.end : two.start], text[two.end :]
            if not phrases.JOIN.match(gap) and not phrases.JOINED_LATER.match(gap):
                continue
            pair = self._arms(one, two)
            if (pair[0] and pair[1]) or ((pair[0] or pair[1]) and not (one.name.roads and two.name.roads)):
                return self._leave(text, two, pair, after)
            if pair[0] or pair[1]:
                return self._uncut(pair, one if pair[1] else two)
        return None

    def _arms(self, one: Hit, two: Hit) -> tuple[list[Arm], list[Arm]]:
        """Return the arms of the first and of the second road at their crossing."""
        sides: list[list[Arm]] = []
        for road, cross in ((one, two), (two, one)):
            name = self._network.name(cross.name.surface)
            sides.append([arm for r in sorted(road.name.roads) for arm in self._network.arms(r, name)])
        return sides[0], sides[1]

    def _uncut(self, pair: tuple[list[Arm], list[Arm]], through: Hit) -> Found:
        """A side road meets a segment of the other road between its ends: either may be meant, so a person must say."""
        arms = pair[0] or pair[1]
        passed = [i for road in through.name.roads for arm in arms for i in self._network.passing(road, arm)]
        return Found(tuple(dict.fromkeys([*(arm.index for arm in arms), *passed])), "路口", sure=False)

    def _leave(self, text: str, last: Hit, pair: tuple[list[Arm], list[Arm]], after: str) -> Found:
        everything = Found(tuple(dict.fromkeys(a.index for arms in pair for a in arms)), "路口")
        match = phrases.DIRECTION.match(after)
        if match is None:
            return everything
        way, metres = match["way"], phrases.metres(match)
        if match["noun"] in ("角", "拐角") or len(way) == 2:
            return self._corner(pair, way) or everything
        arms, pure = self._network.towards(pair[0], way), bool(match["verb"] or metres)
        if not arms and (pure or match["noun"] in ("方向", "走", "去", "行")):
            arms = self._network.towards(pair[1], way)
        if not arms:
            return everything
        indexes = [i for a in arms for i in self._network.along(self._network.road_of[a.index], a, metres)]
        found = Found(tuple(dict.fromkeys(indexes)), f"路口往{way}")
        return self._sided(text, last.end + match.end(), found)

    def _corner(self, pair: tuple[list[Arm], list[Arm]], way: str) -> Found | None:
        """Return the two arms at a corner, on the side that forms it: 东北角 = east arm's north, north arm's east."""
        found: list[Index] = []
        for direction, side in ((way[0], way[1]), (way[1], way[0])) if len(way) == 2 else ():
            arms = [arm for arms in pair for arm in self._network.towards(arms, direction)]
            found.extend(self._network.on_side([a.index for a in arms], side))
        return Found(tuple(dict.fromkeys(found)), f"路口{way}角") if found else None

    def _sided(self, text: str, start: int, found: Found) -> Found:
        """Narrow two sides of one stretch by 「路北」, 「北侧」 in the text after `start`."""
        if self._network.one_sided.isdisjoint(found.indexes):
            return found
        segments = self._gazetteer.segments
        for match in phrases.SIDE.finditer(text, start):
            side = match["side"] or match["bare"]
            kept = [i for i in found.indexes if segments[i].side in (BOTH_SIDES, f"{side}侧")]
            if kept and len(kept) < len(found.indexes):
                return found._replace(indexes=tuple(kept), reason=f"{found.reason}{side}侧")
        return found

    # ── landmarks ────────────────────────────────────────────────────────────────────────────────────────────

    def _by_landmarks(self, text: str, landmarks: list[Hit], hits: list[Hit]) -> Found:
        strong = [hit for hit in landmarks if hit.name.strength > GENERIC and not self._is_cut_off(text, hit)]
        if not strong:
            return self._by_generic(landmarks, hits)
        if self._follows_unknown_road(text, strong[0]):
            return self._landmark(text, strong[0])._replace(sure=False)
        top = max(hit.name.strength for hit in strong)
        sets = [self._landmark(text, hit) for hit in strong if hit.name.strength > top - 0.25]
        shared = set(sets[0].indexes).intersection(*(found.indexes for found in sets[1:]))
        if shared:
            return sets[0]._replace(indexes=tuple(sorted(shared)))
        return Found(tuple(dict.fromkeys(i for found in sets for i in found.indexes)), sets[0].reason)

    def _by_generic(self, landmarks: list[Hit], hits: list[Hit]) -> Found:
        """A plain kind of place counts only inside a township that the text names."""
        townships = {hit.name.township for hit in hits if hit.name.township}
        for hit in landmarks:
            inside = [i for i in hit.name.landmarks if self._gazetteer.segments[i].township in townships]
            if inside:
                return Found(tuple(inside), f"{hit.name.surface}（{'、'.join(sorted(townships))}）")
        return Found((), "")

    def _is_cut_off(self, text: str, hit: Hit) -> bool:
        """Tell whether the end of a long name stands inside some other word (排水公司 is not 自来水公司)."""
        before = text[hit.start - 1 : hit.start]
        return hit.name.strength <= TAIL and "\u4e00" <= before <= "\u9fff" and before not in "在到去往从的和与至是就给"

    def _landmark(self, text: str, hit: Hit) -> Found:
        return Found(tuple(self._meant(text, hit)), f"地标“{hit.name.surface}”")

    def _meant(self, text: str, hit: Hit) -> list[Index]:
        """Return the segments of a landmark, or those across the road from them when the text says 对面."""
        least = hit.name.strength - 0.25
        indexes = [i for i, strength in hit.name.landmarks.items() if strength > least]
        if self._opposite(text, hit.end):
            indexes = [self._network.opposite(i) for i in indexes]
        return indexes

    def _follows_unknown_road(self, text: str, hit: Hit) -> bool:
        """Tell whether a road that the roster does not know stands right before the landmark (建设路实验小学)."""
        match = phrases.UNKNOWN_ROAD.search(text[: hit.start])
        if match is None or phrases.NO_ROAD.search(match["core"]):
            return False
        return not self._gazetteer.homophones.find(match.group())

    def _landmark_on_road(self, text: str, road: Hit, landmark: Hit) -> Found | None:
        """Return what 「X路某某店」 means where the landmark has one segment, on that road: the commonest way of all."""
        if landmark.name.strength <= GENERIC:
            return None
        meant = self._meant(text, landmark)
        if len(meant) > 1 or self._network.road_of[meant[0]] not in road.name.roads:
            return None
        return Found(tuple(meant), f"{road.name.surface}地标“{landmark.name.surface}”")

    def _by_both(self, text: str, by_road: Found, roads: list[Hit], landmarks: list[Hit]) -> Found:
        on_roads = [i for hit in roads for road in hit.name.roads for i in self._network.roads[road]]
        found: list[Found] = []
        for hit in sorted(landmarks, key=_STRENGTH, reverse=True):
            here = self._meant(text, hit) if hit.name.strength > GENERIC else [*hit.name.landmarks]
            narrow = [i for i in here if i in by_road.indexes] or [i for i in here if i in on_roads]
            if narrow:
                found.append(Found(tuple(narrow), f"{roads[0].name.surface}地标“{hit.name.surface}”"))
        if len(found) == 1:
            indexes = found[0].indexes
            return found[0] if len(indexes) == 1 else found[0]._replace(indexes=tuple(sorted(set(indexes))))
        if found:
            sets = [set(f.indexes) for f in found]
            shared = set.intersection(*sets)
            return found[0]._replace(indexes=tuple(sorted(shared or set.union(*sets))))
        strong = [hit for hit in landmarks if hit.name.strength > GENERIC]
        if not strong:
            return by_road
        return self._contradiction(text, by_road, roads, strong)

    def _contradiction(self, text: str, by_road: Found, roads: list[Hit], strong: list[Hit]) -> Found:
        """A landmark that lies on none of the named roads: the landmark first, but a person must say."""
        places = [self._landmark(text, hit) for hit in strong]
        if all(strong[0].end <= hit.start and phrases.REACH.search(text[strong[0].end : hit.start]) for hit in roads):
            return places[0]
        indexes = tuple(dict.fromkeys([*(i for p in places for i in p.indexes), *by_road.indexes[:2]]))
        return Found(indexes, f"{places[0].reason}不在{roads[0].name.surface}", sure=False)

    # ── the answer ───────────────────────────────────────────────────────────────────────────────────────────

    def _settle_township(
        self, text: str, found: Found, hits: list[Hit], township: str, sender_segment: str | None
    ) -> Found:
        """Keep the candidates of the township that the text names, else of the group's, else of the sender's."""
        written = [hit for hit in hits if hit.name.township]
        if not (written or township or sender_segment):
            return found
        segments = self._gazetteer.segments
        for hit in written:
            inside = tuple(i for i in found.indexes if segments[i].township == hit.name.township)
            if inside:
                return found._replace(indexes=inside)
        if written and found.indexes and self._directly_before(text, written, hits):
            return found._replace(sure=False)
        home = self._gazetteer.index_of.get(sender_segment) if sender_segment else None
        for wanted in (township, segments[home].township if home is not None else ""):
            if wanted and (inside := tuple(i for i in found.indexes if segments[i].township == wanted)):
                return found._replace(indexes=inside)
        return found

    @staticmethod
    def _directly_before(text: str, townships: list[Hit], hits: list[Hit]) -> bool:
        starts = {hit.start for hit in hits if hit.name.roads or hit.name.landmarks}
        return any(not text[t.end : s].strip("的 镇乡") for t in townships for s in starts if s >= t.end)

    def _answer(
        self, text: str, found: Found, named: list[Hit], spans: tuple[tuple[int, int], ...], sender_segment: str | None
    ) -> Location:
        segment: str | None
        indexes, reason, sure = found
        if sure and len(indexes) == 1:
            segment = self._gazetteer.segments[indexes[0]].id
            candidates: Candidates = ((segment, reason, 1.0),)
        else:
            segment, candidates = self._weighed(found, sender_segment)
        used = [hit for hit in named if hit.name.roads or hit.name.strength > GENERIC] or named
        places = tuple([hit.name.surface for hit in used])
        return Location(segment, candidates, self._words(text, used), spans, places)

    def _weighed(self, found: Found, sender_segment: str | None) -> tuple[str | None, Candidates]:
        """Return the sender's own segment where it is among those that surely fit, else none; and all of them, weighed."""
        segments = self._gazetteer.segments
        home = self._gazetteer.index_of.get(sender_segment) if sender_segment else None
        order = sorted(found.indexes, key=lambda i: i != home) if home is not None else list(found.indexes)
        decided = order[:1] if found.sure and home in order else []
        score = 1.0 if decided else round(1.0 / max(1, len(order)), 2)
        weighed = [(segments[i].id, found.reason, score if i in decided or not decided else 0.1) for i in order]
        return segments[decided[0]].id if decided else None, tuple(weighed)

    @staticmethod
    def _words(text: str, hits: Sequence[Hit]) -> str:
        """Return the original words from the first name to the last one near it, with 门口, 往东50米 behind.

        hits: from left to right.
        """
        if not hits:
            return ""
        start, end = hits[0].start, hits[0].end
        for hit in hits[1:]:
            if hit.start - end <= 6:
                end = hit.end
        tail = phrases.TAIL.match(text, end)
        return text[start : tail.end() if tail else end].strip()


def _is_actor(text: str, hit: Hit) -> bool:
    """Tell whether the text speaks of an office as one that acts or should act, not as a place."""
    return bool(phrases.ASKED.search(text[max(0, hit.start - 3) : hit.start]) or phrases.ACTS.match(text[hit.end :]))


def _affirmed(text: str, hits: list[Hit]) -> list[Hit]:
    """Return the hits that the text does not deny: 「不是建设路二高，是万达」 means 万达."""
    kept: list[Hit] = []
    denied_until = -9  # no name starts next to it
    for hit in hits:
        if hit.start - denied_until in (0, 1) or phrases.NEGATED.search(text[max(0, hit.start - 5) : hit.start]):
            denied_until = hit.end if text[hit.end : hit.end + 1] not in (",", "，") else -9
        else:
            kept.append(hit)
    return kept
