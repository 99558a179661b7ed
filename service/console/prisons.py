"""A prison by its name or code, and what waits there: counts that lead on, without anybody's details."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Path, Request, Response
from msgspec.structs import replace

from engine import dates
from engine.canary import is_canary
from matchers.prison import PRISON_CODE, every_prison, prison_name, prisons_like
from service.access.model import Principal, Right
from service.cases import finding
from service.cases.finding import CaseLine
from service.console.page import go, ids_of, page_needs, show
from service.console.restrictions import plain
from service.errors import NotFoundError
from service.registry.model import ListingState, RestrictionVersion
from service.review.shown import Filter
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/prisons", include_in_schema=False)

Viewer = Annotated[Principal, Depends(page_needs(Right.SEE_RESTRICTIONS))]
Code = Annotated[str, Path(pattern=f"^{PRISON_CODE}$")]

MOST_COUNTED = 500
"""Restrictions of a prison that are counted: each is opened for its dates, a millisecond each."""
SHOWN = 20
"""Restrictions of a prison that are named on its page."""
CASES_SHOWN = 5
_PAGE = 100


class Counted(NamedTuple):
    """Something of a prison that is counted: how many, of what, and where it is."""

    number: str
    text: str
    href: str


@router.get("")
def find_prison(request: Request, reader: Viewer) -> Response:
    """Prisons of the reader's by a name, former ones too, or by a code; on to it where it is the only one."""
    typed = request.query_params.get("name", "").strip()[:100]
    codes = prisons_like(typed) if typed else every_prison()
    found = sorted((prison_name(code), code) for code in codes if reader.covers(code))
    if typed and len(found) == 1:
        return go(f"/prisons/{found[0][1]}")
    return show(request, "prisons.html", reader, typed=typed, found=found)


@router.get("/{code}")
def read_prison(request: Request, code: Code, reader: Viewer) -> Response:
    """One prison. Raises NotFoundError for one of nobody's, or not among the reader's."""
    if not reader.covers(code) or code not in every_prison() | reader.prisons:
        raise NotFoundError("there is no such prison among yours")
    system = system_of(request)
    here = replace(reader, prisons=frozenset({code}))  # the same person, looking at this prison alone
    unread: list[str] = []
    in_force = list(islice(_in_force(system, here, unread), MOST_COUNTED + 1))
    return show(
        request,
        "prison.html",
        reader,
        code=code,
        name=prison_name(code),
        counts=[_restrictions(len(in_force)), *_cases(system, here, code), *_flags(system, here, code)],
        rows=[plain(one, system.clock()) for one in in_force[:SHOWN]],
        cases=_next_cases(system, here),
        not_read=ids_of("restriction", unread),
    )


def _in_force(system: System, here: Principal, unread: list[str]) -> Iterator[RestrictionVersion]:
    """Restrictions that concern the prison and hold now, in the order of their ids; `unread` gets the ids of
    those that cannot be read."""
    versions, now, after = system.registry.versions, system.clock(), ""
    while True:
        page = versions.page(prisons=here.prisons, state=ListingState.STANDING, after=after, limit=_PAGE)
        unread += page.unread
        for one in page.items:
            restriction = one.document.restriction
            if dates.in_force(restriction.from_, restriction.until, now) and not is_canary(one.id):
                yield one
        if page.next is None:
            return
        after = page.next


def _restrictions(count: int) -> Counted:
    number = f"More than {MOST_COUNTED}" if count > MOST_COUNTED else f"{count:,}"
    return Counted(number, "restrictions in force", "#in-force")


def _cases(system: System, here: Principal, code: str) -> Iterator[Counted]:
    if here.may(Right.HANDLE_CASES):
        told = system.notices.outstanding(here, prison=code, limit=1).counts.get(code, 0)
        yield Counted(f"{finding.open_cases(system.cases, here):,}", "cases open", "#cases")
        yield Counted(f"{told:,}", "notices outstanding", f"/cases/notices?prison={code}")


def _flags(system: System, here: Principal, code: str) -> Iterator[Counted]:
    if here.may(Right.REVIEW):
        waiting = system.reviews.waiting(Filter(here.prisons))
        yield Counted(f"{waiting:,}", "flags waiting", f"/queue?prison={code}")


def _next_cases(system: System, here: Principal) -> list[CaseLine]:
    if not here.may(Right.HANDLE_CASES):
        return []
    return finding.next_for(system.cases, here, system.registry, None, CASES_SHOWN)
