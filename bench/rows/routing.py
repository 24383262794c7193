"""Words to a segment beside one bare pass of the same names."""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import ahocorasick

from bench import city
from bench.figures import Row, median
from bench.plan import Plan
from domain.understand import Gazetteer
from domain.understand.locate import Locator
from domain.understand.text import normalise, without_mentions


def routed(plan: Plan) -> list[Row]:
    """Measure text → segment, from the message as it came, among some 5,000 place names."""
    gazetteer = Gazetteer.build(city.segments())
    locator = Locator(gazetteer)
    automaton: Any = ahocorasick.Automaton()
    for surface in gazetteer.names:
        automaton.add_word(surface, surface)
    automaton.make_automaton()
    texts = list(islice(city.reports(), plan.routed))
    found = [locator.locate(without_mentions(normalise(text))).segment for text in texts]
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(plan.repetitions):
        bare.append(_seconds(lambda text: list(automaton.iter(text)), texts))
        ours.append(_seconds(lambda text: locator.locate(without_mentions(normalise(text))), texts))
    located = sum(segment is not None for segment in found) / len(found)
    detail = (
        f"{1e6 * median(ours):.1f} µs beside {1e6 * median(bare):.1f} µs a text, {len(gazetteer.names):,} names, "
        f"{located:.0%} located"
    )
    return [
        Row(
            "Text → segment, beside a bare Aho-Corasick pass",
            median(ours) / median(bare),
            15,
            6,
            detail,
            is_at_least=False,
        )
    ]


def _seconds(run: Callable[[str], object], texts: Sequence[str]) -> float:
    begin = time.process_time()
    for text in texts:
        run(text)
    return (time.process_time() - begin) / len(texts)
