"""What is asked about figures (东关街道5月怎么样, 占道经营多少处, 谁挂黑旗), read strictly: a report never reads as a question.

Every letter has to be a name, a span, a word that asks or a filler; whatever is left over makes it something else.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.assessment import SequenceKind
from domain.casework.work import Work
from domain.categories import Categories
from domain.errors import RuleError
from domain.flags import Flag
from domain.questions import Topic, vocabulary
from domain.subjects import Subject, SubjectKind, found_in, names_of, plain
from handlers.matching import normalise
from handlers.months import Span, span_within

MOST_LETTERS = 32  # a question; longer words report or order something


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about figures.

    subjects: whom it is about; several = the name is shared; none = nobody is named.
    unknown: letters that name nobody, where the rest is a question all the same.
    """

    topic: Topic
    subjects: tuple[Subject, ...] = ()
    span: Span | None = None
    categories: tuple[str, ...] = ()  # codes
    said: str = ""  # the word for them, "" where it is a category's own name
    sequence: SequenceKind | None = None
    flag: Flag | None = None
    is_mine: bool = False
    unranked: str = ""  # whom no list of the scheme holds
    unknown: str = ""
    is_about_many: bool = False
    is_soft: bool = False  # 占道经营情况: a question of leaders, a report of others


def read(text: str, work: Work, *, is_bare: bool = False) -> Asked | None:
    """Return what a text asks, None when it asks for no figures.

    is_bare: whether a name by itself asks how it stands.
    """
    letters = normalise(text).replace(f"@{work.rules.bot_name}", "")
    if len(letters) > MOST_LETTERS or not (is_bare or _asks(letters)):
        return None
    try:
        span, letters = span_within(letters, work)
    except RuleError:
        return None
    departments = work.rules.categories.departments.values()
    named, rest = found_in(plain(letters), names_of(work.roster, work.day, departments))
    return _read(rest, named, span, work.rules.categories, is_bare=is_bare)


def _asks(text: str) -> bool:
    return any(word in text for word in vocabulary().asking)


def _read(
    rest: str, named: list[tuple[Subject, ...]], span: Span | None, table: Categories, *, is_bare: bool
) -> Asked | None:
    subjects = _one(named)
    categories, said, rest = _categories(rest, table)
    known = vocabulary()
    topic = _topic(rest, has_subject=bool(subjects))
    is_soft = bool(categories) and topic is Topic.STANDING
    unranked = next((word for word in known.unranked if topic is Topic.RANKING and word in rest), "")
    sequence = next((word for word in known.sequences if word in rest), "")
    mine = next((word for word in known.mine if word in rest), "")
    left = _without(rest, (*known.asking, unranked, sequence, mine, *known.fillers))
    if topic is None and (not is_bare or not subjects or left):
        return None
    found = Asked(
        topic=Topic.COUNT if is_soft else topic or Topic.STANDING,
        subjects=subjects or (),
        span=span,
        categories=categories,
        said=said,
        sequence=known.sequences.get(sequence),
        flag=_flag(rest) if topic is Topic.FLAGS else None,
        is_mine=bool(mine),
        unranked=unranked,
        unknown=left,
        is_about_many=subjects is None,
        is_soft=is_soft,
    )
    return found if _makes_sense(found) else None


def _one(named: list[tuple[Subject, ...]]) -> tuple[Subject, ...] | None:
    """Return whom a question is about: a person with his unit, a road with its township are one; None for several."""
    parties = [each for each in named if each[0].kind is SubjectKind.PARTY]
    narrow = [each for each in named if each[0].kind not in (SubjectKind.PARTY, SubjectKind.CITY)]
    meant = set(narrow or parties or named)
    return None if len(meant) > 1 else next(iter(meant), ())


def _categories(rest: str, table: Categories) -> tuple[tuple[str, ...], str, str]:
    """Return the categories that are named, several where they share a word, the word, and the letters around it."""
    words = {plain(word) for row in table.rows for word in (row.name, *row.keywords) if plain(word) in rest}
    if not words:
        return (), "", rest
    said = max(words, key=lambda word: (len(word), word))
    by_name = [row.code for row in table.rows if plain(row.name) == said]
    codes = by_name or [row.code for row in table.rows if said in map(plain, row.keywords)]
    return tuple(codes), "" if by_name else said, rest.replace(said, " ", 1)


def _topic(rest: str, *, has_subject: bool) -> Topic | None:
    if has_subject and any(word in rest for word in vocabulary().score) and "扣" not in rest:
        return Topic.STANDING
    return next((topic for topic, words in vocabulary().topics.items() if any(word in rest for word in words)), None)


def _flag(rest: str) -> Flag | None:
    has_red, has_black = "红" in rest, "黑" in rest
    if has_red == has_black:
        return None
    return Flag.RED if has_red else Flag.BLACK


def _without(rest: str, words: Iterable[str]) -> str:
    """Return the letters that are in none of the words, the longest words taken first."""
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        rest = rest.replace(word, "\0")  # so that what stood around it does not grow together
    return "".join(rest.replace("\0", "").split())


def _makes_sense(asked: Asked) -> bool:
    """Tell whether nothing is left over, or only what looks like the name of somebody or somewhere."""
    if asked.topic is Topic.COUNT and not (asked.categories or asked.subjects):
        return False
    if asked.categories and asked.topic is not Topic.COUNT:
        return False
    if asked.is_about_many:
        return not asked.unknown
    if not asked.unknown:
        return bool(asked.subjects or asked.span) or asked.is_mine or asked.topic is not Topic.STANDING
    is_name = asked.unknown[0] in vocabulary().surnames and len(asked.unknown) in (2, 3)
    is_place = asked.unknown.endswith(vocabulary().places) and len(asked.unknown) <= 8
    return asked.topic is Topic.STANDING and not asked.subjects and (is_name or is_place)
