"""What a person names by number beside a case: an imported finding (督0007), an appeal (申007); and points (-0.5)."""

import re
from dataclasses import dataclass

from domain.appeal import Appeal
from domain.case import Case, id_of
from domain.errors import NotFound
from domain.finding import Finding
from handlers.talk import Talk

# 2026-0131, 0131, 督0007, 2026-申007; a figure without its noughts only where more follows: 131 0.2
_REFERENCE = re.compile(
    r"^[\s,，:：#]*(?:申诉|案件|问题)?(?:(20\d\d)-)?(?:([督申])(\d{1,6})|(\d{4,8})(?![\d.年])|(\d{1,3})(?=\s+\S))(?:号)?[\s,，:：。]*"
)
_WITHIN = re.compile(r"(?:(20\d\d)-)?([督申])(\d{1,6})")
_BARE = re.compile(r"^[\s,，:：#]*(\d{1,8})[\s。]*$")
# -0.5, －0.5分, 扣0.5, 拟扣0.5分; not a stretch of house numbers (12-15号) and no date
_MARK = re.compile(r"(?:(?<![\d.\w])[-−－—–]\s*|拟?扣(?:分)?\s*)(\d{1,3}(?:\.\d+)?)\s*分?(?![\d.:：号米月日-])")


_FOLDED = re.compile(r"(?<=[\u4e00-\u9fff\d）])[,;:?!](?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[,;:](?=\d)")
_UNFOLDED = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A number as people say it; `kind` is "" for a case, 督 for an imported finding, 申 for an appeal."""

    kind: str
    year: int | None
    sequence: int


def reference(text: str) -> tuple[Reference | None, str]:
    """Return the number that a text begins with, and what follows it."""
    match = _REFERENCE.match(text)
    if match is None:
        return None, text.strip()
    year = int(match[1]) if match[1] else None
    sequence = int(match[3] or match[4] or match[5])
    return Reference(match[2] or "", year, sequence), text[match.end() :].strip()


def named_within(text: str) -> Reference | None:
    """Return the finding or appeal (督0007, 2026-申007) that a text names anywhere, or None."""
    match = _WITHIN.search(text)
    return Reference(match[2], int(match[1]) if match[1] else None, int(match[3])) if match else None


def only_number(text: str) -> Reference | None:
    """Return the case number that a text consists of, or None."""
    match = _BARE.match(text)
    return Reference("", None, int(match[1])) if match else reference(text)[0]


def points_mark(text: str) -> tuple[str | None, str]:
    """Return the points that a report names (-0.5, 扣0.5分), None when it names none, and the text without them."""
    match = _MARK.search(text)
    if match is None:
        return None, text
    return match[1], f"{text[: match.start()]} {text[match.end() :]}".strip(" ,，、;；。")


def prose(text: str) -> str:
    """Return words with the Chinese punctuation that reading commands has folded, where it stands beside Chinese."""
    return _FOLDED.sub(lambda match: _UNFOLDED[match[0]], text)


async def case_meant(talk: Talk, named: Reference) -> Case:
    """Return the case of a number. Raises NotFound."""
    return await talk.numbered((named.year, named.sequence))


async def finding_meant(talk: Talk, named: Reference) -> Finding:
    """Return the finding that a number stands for: its case's, its own, or its appeal's. Raises NotFound."""
    read = talk.work.view.inspected
    if named.kind == "申":
        return await finding_against(talk, await appeal_meant(talk, named))
    year = named.year or talk.work.rules.local(talk.work.now).year
    if named.kind == "督":
        found = await read.finding_numbered(id_of(year, named.sequence))
        shown = f"{year}-督{named.sequence:04d}"
    else:
        case = await case_meant(talk, named)
        found, shown = await read.finding_of_case(case.id), case.number
    if found is None:
        raise NotFound(f"{shown}没有督查扣分，请核对编号。查自己的扣分请回“为什么扣分”。")
    return found


async def finding_against(talk: Talk, appeal: Appeal) -> Finding:
    """Return the finding an appeal is against. Raises NotFound."""
    found = await talk.work.view.inspected.finding(appeal.finding)
    if found is None:
        raise NotFound(f"{appeal.number}所涉的督查问题已不存在。")
    return found


async def appeal_meant(talk: Talk, named: Reference) -> Appeal:
    """Return the appeal of a number, or the one against the finding of a case's number. Raises NotFound."""
    read = talk.work.view.inspected
    year = named.year or talk.work.rules.local(talk.work.now).year
    if named.kind == "申":
        appeal, shown = await read.appeal(id_of(year, named.sequence)), f"{year}-申{named.sequence:03d}"
    else:
        finding = await finding_meant(talk, named)
        appeal, shown = await read.appeal_against(finding.key), finding.label
    if appeal is None:
        raise NotFound(f"没有找到申诉“{shown}”，请核对编号。")
    return appeal
