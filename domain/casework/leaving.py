"""What of a picture may leave the work group: blurred by places of a numbered grid or by boxes, restored, cleared, kept back.

Chat and command line decide by the same steps. The grid has three rows of three cells, numbered from 1 as one reads, so
that a place can be named on a phone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from domain import authority
from domain.case import Case, CasePhoto
from domain.casework.work import Work
from domain.effects import Effects, LedgerEvent
from domain.errors import Missing, NotAllowed, NotFound, WrongState
from domain.photo_facts import PhotoFacts, Review
from domain.roster import Role

SIDE = 3  # cells in a row of the grid, and rows
CELLS = SIDE * SIDE
FRAME = 1000  # boxes are in thousandths of the frame

Box = tuple[int, int, int, int]  # left, top, right, bottom
Change = Callable[[PhotoFacts], PhotoFacts]

WHOLE: Box = (0, 0, FRAME, FRAME)
CLEARED, KEPT_BACK, BLURRED, UNBLURRED, SEEN = (
    "photo_cleared", "photo_kept_back", "photo_blurred", "photo_unblurred", "photo_seen",
)  # fmt: skip


def cell_box(cell: int) -> Box:
    """Return the box of a cell (1 to 9)."""
    row, column = divmod(cell - 1, SIDE)
    edges = [FRAME * n // SIDE for n in range(SIDE + 1)]
    return edges[column], edges[row], edges[column + 1], edges[row + 1]


def cell_of(box: Box) -> int:
    """Return the cell in which the middle of a box lies."""
    column, row = (min(SIDE - 1, (box[n] + box[n + 2]) * SIDE // (2 * FRAME)) for n in (0, 1))
    return row * SIDE + column + 1


def cleared(facts: PhotoFacts) -> PhotoFacts:
    """Return the facts of a picture whose blurred copy may leave."""
    return replace(facts, review=Review.CLEARED)


def kept_back(facts: PhotoFacts) -> PhotoFacts:
    """Return the facts of a picture of which no copy leaves."""
    return replace(facts, review=Review.KEPT_BACK)


def blurred(boxes: Iterable[Box]) -> Change:
    """Return the change by which further places are blurred; of a picture blurred as a whole nothing is left to be seen.

    Raises WrongState for places of a picture that nobody has searched: what the search finds is to be blurred as well.
    """
    wanted = tuple(boxes)

    def change(facts: PhotoFacts) -> PhotoFacts:
        if WHOLE in wanted:
            return replace(facts, boxes=(WHOLE,), review=facts.review or Review.CLEARED)
        if facts.boxes is None:
            raise WrongState("请先看这张照片的外发图，再按图上的格号打码。")
        return replace(facts, boxes=tuple(dict.fromkeys((*facts.boxes, *wanted))))

    return change


def restored(cells: Sequence[int]) -> Change:
    """Return the change by which what is blurred in these cells is shown again, without cells everywhere.

    Only the latter clears a picture: whoever says so has judged the whole. Raises NotFound when nothing there is blurred.
    """

    def change(facts: PhotoFacts) -> PhotoFacts:
        if not cells:
            return replace(facts, boxes=(), review=Review.CLEARED)
        left = tuple(box for box in facts.boxes or () if cell_of(box) not in cells)
        if len(left) == len(facts.boxes or ()):
            raise NotFound(f"第{'、'.join(map(str, cells))}格没有打码，未作改动。")
        return replace(facts, boxes=left)

    return change


def picture_of(case: Case, position: int | None, example: str) -> tuple[CasePhoto, int]:
    """Return which of a case's pictures is meant, the only one if none is named. Raises Missing, NotFound."""
    if position is None and len(case.photos) > 1:
        raise Missing(f"{case.number}有{len(case.photos)}张照片，请写第几张，如“{example}”。")
    place = position or 1
    if not 1 <= place <= len(case.photos):
        raise NotFound(f"{case.number}没有第{place}张照片。")
    return case.photos[place - 1], place


def require_desk(work: Work, case: Case, by: str) -> None:
    """Raise NotAllowed unless a person is of the case's command seat or of the office."""
    if by not in authority.desk(case.township, work.roster, work.day) and not is_office(work, by):
        raise NotAllowed("原图和打码由指挥席和市路长办处理。")


def require_office(work: Work, by: str) -> None:
    """Raise NotAllowed unless a person is of the office."""
    if not is_office(work, by):
        raise NotAllowed("照片能否外发由市路长办过目决定。")


def is_office(work: Work, by: str) -> bool:
    """Tell whether a person is of the office."""
    return Role.OFFICE in authority.roles_of(by, work.roster, work.day)


async def decided(
    work: Work, case: Case, photo: CasePhoto, by: str, kind: str, change: Change, **facts: object
) -> Effects:
    """Return a decision on a picture with its entry in the ledger. Raises what `change` raises."""
    known = await work.view.photo_facts([photo.sha256])
    changed = change(known.of(photo.sha256))
    return Effects(photo_facts=[changed], events=[event(case, photo, by, kind, **facts)])


def event(case: Case, photo: CasePhoto, by: str, kind: str, **facts: object) -> LedgerEvent:
    """Return the ledger's entry of what was done with a picture."""
    return LedgerEvent(f"case:{case.number}", kind, {"photo": photo.sha256, **facts}, {"by": by})
