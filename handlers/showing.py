"""Which pictures go with an answer about a case: enough to see the problem and what was done about it."""

from domain import authority
from domain.case import Case
from domain.messages import Photo
from handlers.talk import Talk

MOST_BEFORE = 2


def photos_of(talk: Talk, case: Case) -> tuple[Photo, ...]:
    """Return the first pictures of the problem and the last one of its end, for who has to do with the case.

    None in the groups where it is handled, which have seen them. Among the leaders they go as the copies that may leave.
    """
    knows = authority.standings(talk.me, case, talk.work.roster, talk.work.day)
    if not talk.is_discreet or not (knows or talk.purpose == "leadership"):
        return ()
    shown = (*case.photos_of("before")[:MOST_BEFORE], *case.photos_of("after")[-1:])
    return tuple(Photo(one.sha256, one.ext, 0) for one in shown)
